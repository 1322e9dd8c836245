-- What migrations 1 to 6 make. Written by a test; see GoldenSchemaTests.

CREATE TRIGGER attachmentGoes AFTER DELETE ON attachment BEGIN
    INSERT OR IGNORE INTO fileGone (name)
        SELECT value FROM json_each(json_array(OLD.copy, OLD.thumbnailCopy)) WHERE value IS NOT NULL;
END;

CREATE TRIGGER attachmentLosesCopy AFTER UPDATE OF copy, thumbnailCopy ON attachment BEGIN
    INSERT OR IGNORE INTO fileGone (name)
        SELECT value FROM json_each(json_array(OLD.copy, OLD.thumbnailCopy))
        WHERE value IS NOT NULL AND value IS NOT NEW.copy AND value IS NOT NEW.thumbnailCopy;
END;

CREATE TRIGGER revisionForgotten AFTER UPDATE OF deletedAt ON message WHEN NEW.deletedAt IS NOT NULL
BEGIN
    DELETE FROM revision WHERE message = NEW.id;
END;

CREATE TRIGGER revisionKept AFTER UPDATE OF version ON message
    WHEN OLD.version < NEW.version AND OLD.text <> '' AND OLD.deletedAt IS NULL AND NEW.deletedAt IS NULL AND OLD.isUnreadable = 0
BEGIN
    INSERT OR IGNORE INTO revision (message, version, kind, text, editedAt, rank) VALUES (
        OLD.id, OLD.version, coalesce(OLD.kind, 'text'), OLD.text, OLD.editedAt,
        CASE WHEN EXISTS (SELECT 1 FROM packet AS p WHERE p.conversation = OLD.conversation AND p.remoteID = OLD.remoteID)
            THEN coalesce(OLD.sequence, 0) ELSE OLD.source END);
    -- The newest fifty.
    DELETE FROM revision WHERE message = OLD.id AND version <= (
        SELECT version FROM revision WHERE message = OLD.id ORDER BY version DESC LIMIT 1 OFFSET 50);
END;

CREATE TRIGGER searchIntentDeleted AFTER DELETE ON intent WHEN OLD.verb IN ('edit', 'delete') AND OLD.message IS NOT NULL
BEGIN
    INSERT OR IGNORE INTO searchPending VALUES (OLD.message);
END;

CREATE TRIGGER searchIntentInserted AFTER INSERT ON intent WHEN NEW.verb IN ('edit', 'delete') AND NEW.message IS NOT NULL
BEGIN
    INSERT OR IGNORE INTO searchPending VALUES (NEW.message);
END;

CREATE TRIGGER searchIntentUpdated AFTER UPDATE OF state, isOverlaid, body, message ON intent
    WHEN NEW.verb IN ('edit', 'delete') AND (OLD.state <> NEW.state OR OLD.isOverlaid <> NEW.isOverlaid OR OLD.body <> NEW.body
        OR OLD.message IS NOT NEW.message)
BEGIN
    INSERT OR IGNORE INTO searchPending SELECT OLD.message WHERE OLD.message IS NOT NULL;
    INSERT OR IGNORE INTO searchPending SELECT NEW.message WHERE NEW.message IS NOT NULL;
END;

CREATE TRIGGER searchMessageDeleted AFTER DELETE ON message WHEN OLD.text <> ''
BEGIN
    INSERT OR IGNORE INTO searchPending VALUES (OLD.id);
END;

CREATE TRIGGER searchMessageInserted AFTER INSERT ON message WHEN NEW.text <> ''
BEGIN
    INSERT OR IGNORE INTO searchPending VALUES (NEW.id);
END;

CREATE TRIGGER searchMessageUpdated AFTER UPDATE OF text, kind, deletedAt, isUnreadable, sort, token ON message
    WHEN OLD.text IS NOT NEW.text OR OLD.kind IS NOT NEW.kind OR (OLD.deletedAt IS NULL) <> (NEW.deletedAt IS NULL)
        OR OLD.isUnreadable <> NEW.isUnreadable OR (OLD.sort IS NULL) <> (NEW.sort IS NULL)
        OR OLD.token IS NOT NEW.token
BEGIN
    INSERT OR IGNORE INTO searchPending VALUES (NEW.id);
END;

CREATE TABLE account (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    service TEXT NOT NULL,
    settings TEXT NOT NULL DEFAULT '{}',    -- JSON: endpoint and where secrets are found by name, never a secret
    createdAt INTEGER NOT NULL,
    stopReason TEXT,                 -- why nothing leaves: a ParkReason code, e.g. needsCredential
    -- The gates that hold all lanes (R9).
    backoffUntil INTEGER NOT NULL DEFAULT 0,
    backoffStep INTEGER NOT NULL DEFAULT 0,
    serviceUntil INTEGER NOT NULL DEFAULT 0,
    serviceStep INTEGER NOT NULL DEFAULT 0,
    -- The walk over the list of conversations (R22).
    listCursor TEXT,                 -- open walk: where it goes on
    listBegunStart INTEGER,          -- start number of its first request
    listIsSweep INTEGER NOT NULL DEFAULT 0 CHECK (listIsSweep IN (0, 1)),
    listDueAt INTEGER NOT NULL DEFAULT 0,   -- when the list is read again
    listDoneAt INTEGER,              -- when a walk last reached its end
    sweptAt INTEGER,                 -- when a walk last went over the whole list
    listBegunServer INTEGER,         -- when the open walk began, by the service's clock
    listServer INTEGER NOT NULL DEFAULT 0, -- when the last finished walk began, by the service's clock
    contactAt INTEGER                -- when the service last answered anything
) STRICT;

CREATE TABLE attachment (
    -- A file of a message. What stands in its copies is in the folder of files beside the store. No address of a service is kept:
    -- they are signed and run out.
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    position INTEGER NOT NULL,
    remoteID TEXT,                   -- the service's key; null until it is uploaded
    name TEXT,
    size INTEGER,
    contentType TEXT,
    thumbnail TEXT,                  -- the service's key of a small picture of it
    copy TEXT,                       -- the name of what is here of it
    thumbnailCopy TEXT,
    usedAt INTEGER,                  -- when the copy was last asked for; null: it is unsent, and never makes room
    intent INTEGER REFERENCES intent ON DELETE SET NULL, -- its upload
    sentBytes INTEGER NOT NULL DEFAULT 0,
    UNIQUE (message, position)
) STRICT;

CREATE TABLE attempt (
    -- One request for one intent. It is committed before its first byte leaves.
    intent INTEGER NOT NULL REFERENCES intent ON DELETE CASCADE,
    number INTEGER NOT NULL,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    conversation INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
    verb TEXT NOT NULL,
    identity TEXT,                   -- as whom (R13)
    generation INTEGER NOT NULL,     -- of the lease that it was claimed under (R14)
    floor INTEGER,
    startNumber INTEGER NOT NULL,
    target TEXT,                     -- the remote copy that it is about
    begunAt INTEGER NOT NULL,        -- local clock
    begunMonotonic INTEGER NOT NULL, -- milliseconds of a clock that never jumps, of one run
    deadline INTEGER NOT NULL,
    endedAt INTEGER,
    outcome TEXT NOT NULL DEFAULT 'open' CHECK (outcome IN ('open', 'accepted', 'notApplied', 'unknown')),
    status INTEGER,
    code TEXT,
    serverDate INTEGER,
    acknowledgedStart INTEGER,
    PRIMARY KEY (intent, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE conversation (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    remoteID TEXT,                   -- null until the service made it
    topic TEXT NOT NULL DEFAULT '',
    topicVersion INTEGER NOT NULL DEFAULT -1, -- the version that the topic came with
    createdAt INTEGER,
    createdBy TEXT,
    lastMessageAt INTEGER,           -- the service's stamp; seconds at best
    deletedAt INTEGER,               -- final (R25)
    membership TEXT NOT NULL DEFAULT 'member' CHECK (membership IN ('member', 'left')),
    listedHash INTEGER,              -- of its item in the list: pushes must not make a changed item look unchanged (R22)
    roomSID TEXT,                    -- the incarnation of a room that intents bind to (R21)
    serviceData TEXT,
    -- The change window: every message whose current version has a sequence in [low, high] is stored (R17, R18).
    -- The times are the versions of the items at its edges.
    windowLow INTEGER, windowLowTime INTEGER,
    windowHigh INTEGER, windowHighTime INTEGER,
    bottom TEXT CHECK (bottom IN ('first', 'visibleEnd')), -- how the window's low end is a proved beginning (R25)
    -- The open walk from the newest change down to the window.
    walkCursor TEXT,
    walkHigh INTEGER, walkHighTime INTEGER,  -- head at its start
    walkLow INTEGER, walkLowTime INTEGER,    -- how far down it is
    walkBegunStart INTEGER, walkBegunAt INTEGER, walkBegunServer INTEGER,
    walkIsUnbroken INTEGER NOT NULL DEFAULT 1 CHECK (walkIsUnbroken IN (0, 1)),
    walkPages INTEGER NOT NULL DEFAULT 0,
    -- The walk below the window, towards the beginning.
    backfillCursor TEXT,
    backfillIsDone INTEGER NOT NULL DEFAULT 0 CHECK (backfillIsDone IN (0, 1)),
    backfillPages INTEGER NOT NULL DEFAULT 0,
    -- The last walk that reached the window (R3, R22).
    closedStart INTEGER NOT NULL DEFAULT -1, -- start number of its first request
    closedAt INTEGER NOT NULL DEFAULT 0,     -- when it began, by the local clock
    closedServer INTEGER NOT NULL DEFAULT 0, -- when it began, by the service's clock
    -- What the planner has to do. A walk begun at or after walkWanted is wanted, not before walkNotBefore.
    walkWanted INTEGER NOT NULL DEFAULT 0,
    walkNotBefore INTEGER NOT NULL DEFAULT 0,
    walkDueAt INTEGER NOT NULL DEFAULT 0,    -- when its top is read again in any case (R17, R22)
    closingIsDue INTEGER NOT NULL DEFAULT 0 CHECK (closingIsDue IN (0, 1)), -- a re-read has to prove adjacency (R18)
    detailsAreStale INTEGER NOT NULL DEFAULT 0 CHECK (detailsAreStale IN (0, 1)),
    -- The gates of its reads (R9): a wake-up clears the first, never the second.
    readsNotBefore INTEGER NOT NULL DEFAULT 0,
    readsStep INTEGER NOT NULL DEFAULT 0,
    readsServiceUntil INTEGER NOT NULL DEFAULT 0,
    -- Reading. Horizons are places in the order of creation.
    localHorizon INTEGER NOT NULL DEFAULT -1,
    remoteHorizon INTEGER NOT NULL DEFAULT -1,
    unread INTEGER NOT NULL DEFAULT 0 CHECK (unread >= 0),
    UNIQUE (account, remoteID)
) STRICT;

CREATE TABLE coverage (
    -- Proved intervals of places: every message created inside is stored (P6).
    conversation INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
    low INTEGER NOT NULL,
    high INTEGER NOT NULL CHECK (high >= low),
    PRIMARY KEY (conversation, low)
) STRICT, WITHOUT ROWID;

CREATE TABLE draft (
    -- What the user has begun to write into a conversation. It goes nowhere until it is sent.
    conversation INTEGER NOT NULL PRIMARY KEY REFERENCES conversation ON DELETE CASCADE,
    text TEXT NOT NULL CHECK (text <> ''),
    changedAt INTEGER NOT NULL
) STRICT;

CREATE TABLE fileGone (
    -- Copies that no row names any more: they are removed once that is committed.
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE identity (
    -- The user ids that are this account (R13). Own = in this set.
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    participant TEXT NOT NULL,
    addedAt INTEGER NOT NULL,
    PRIMARY KEY (account, participant)
) STRICT, WITHOUT ROWID;

CREATE TABLE "intent" (
    -- What the user wants done. A row stays until its account goes; the outbox is those that still need something.
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    conversation INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
    message INTEGER,                 -- its own echo (send), its target (edit, delete, markRead) or the echo of its send (upload);
                                     -- no reference: the echo of a cancelled send goes, the intent stays
    verb TEXT NOT NULL CHECK (verb IN ('createConversation', 'send', 'edit', 'delete', 'markRead', 'rename',
        'addParticipants', 'removeParticipant', 'deleteConversation', 'upload')),
    token TEXT NOT NULL,
    body TEXT NOT NULL,              -- JSON; frozen at the first claim (R4)
    state TEXT NOT NULL CHECK (state IN ('queued', 'transmitting', 'inDoubt', 'sent', 'confirmed', 'parked', 'cancelled')),
    createdAt INTEGER NOT NULL,
    isFrozen INTEGER NOT NULL DEFAULT 0 CHECK (isFrozen IN (0, 1)),
    mayHaveLanded INTEGER NOT NULL DEFAULT 0 CHECK (mayHaveLanded IN (0, 1)), -- an attempt ended in 'unknown' (R4)
    attempts INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,     -- attempts that count against the policy; in doubt: looks in vain
    notBefore INTEGER NOT NULL DEFAULT 0,    -- its own wait for what the service should show; no wake-up clears it
    reason TEXT,                     -- a ParkReason code: why it is parked, superseded or asks
    detail TEXT,                     -- the service's own words
    asks INTEGER NOT NULL DEFAULT 0 CHECK (asks IN (0, 1)),           -- in doubt, and only a person can tell
    isSkipped INTEGER NOT NULL DEFAULT 0 CHECK (isSkipped IN (0, 1)), -- parked or asking, and no longer holds its lane
    parent INTEGER REFERENCES intent ON DELETE SET NULL, -- what must be there first
    baseVersion INTEGER,             -- the version that an edit was made on (R7)
    -- In doubt (R2, R3).
    floor INTEGER,                   -- the conversation's high-water at the first claim, in the service's order;
                                     -- of a create: the newest local conversation then, null: no list was read yet
    doubtStart INTEGER,              -- a look-up must be begun after this request number
    quarantineUntil INTEGER NOT NULL DEFAULT 0, -- absence counts only in a walk begun after this
    firstAttemptAt INTEGER,
    -- Acknowledged (R8, R19).
    acknowledgedAt INTEGER,
    acknowledgedStart INTEGER,       -- observations of later requests may end the overlay
    isOverlaid INTEGER NOT NULL DEFAULT 1 CHECK (isOverlaid IN (0, 1)), -- views still show it on top
    confirmAt INTEGER,               -- when the one message is read, if nothing has shown it by then
    settledAt INTEGER,
    remoteTarget TEXT,               -- what it made or what a person said it made
    failuresByTarget TEXT,           -- JSON of partial failures
    roomSID TEXT,                    -- the incarnation of the room that it was written for; null: the next one
    UNIQUE (account, token)
) STRICT;

CREATE TABLE journal (
    -- What happened to whom, and why. No message text, no secret.
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    conversation INTEGER,
    message INTEGER,
    intent INTEGER,
    kind TEXT NOT NULL,
    cause TEXT,
    attempt INTEGER,
    status INTEGER,
    detail TEXT
) STRICT;

CREATE TABLE lane (
    -- A conversation's queue and its gates (R9).
    conversation INTEGER NOT NULL PRIMARY KEY REFERENCES conversation ON DELETE CASCADE,
    backoffUntil INTEGER NOT NULL DEFAULT 0,  -- a wake-up clears it
    backoffStep INTEGER NOT NULL DEFAULT 0,
    serviceUntil INTEGER NOT NULL DEFAULT 0,  -- Retry-After; never cleared early
    serviceStep INTEGER NOT NULL DEFAULT 0,
    parkReason TEXT                  -- the whole lane is parked: its conversation is gone (R10)
) STRICT;

CREATE TABLE lease (
    -- Who may claim and plan for an account (R14). The generation grows with every holder.
    account INTEGER NOT NULL PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    holder TEXT NOT NULL,
    generation INTEGER NOT NULL,
    expiresAt INTEGER NOT NULL
) STRICT;

CREATE TABLE message (
    -- One row per remote copy, or per own message that no copy is known of yet. Copies of one send are folded when
    -- they are read, never here (R5).
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    conversation INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
    remoteID TEXT,
    sort INTEGER,                    -- display order: the place, or 2^62 + intent for what was not yet observed;
                                     -- null: held and not shown (a tombstone that came before its message)
    place INTEGER,                   -- order of creation, given by the service
    version INTEGER,                 -- null until observed
    source INTEGER NOT NULL DEFAULT 0 CHECK (source IN (0, 1, 2)), -- who told this version: 0 nobody, 1 a push, 2 a page
    sequence INTEGER,                -- order of changes
    kind TEXT,
    text TEXT,
    sender TEXT,
    senderName TEXT,
    isOwn INTEGER NOT NULL DEFAULT 0 CHECK (isOwn IN (0, 1)), -- the sender is in the account's identities
    createdAt INTEGER,
    editedAt INTEGER,
    deletedAt INTEGER,               -- a tombstone: final (P4)
    deletedBy TEXT CHECK (deletedBy IN ('observed', 'absence')), -- its evidence (R26)
    token TEXT,
    tokenVersion INTEGER,            -- the lowest version that bore the token
    editMarker TEXT,                 -- of the current version (R7)
    metadata TEXT,                   -- JSON of the caller's keys
    topic TEXT,
    participants TEXT,               -- JSON
    initiator TEXT,
    serviceData TEXT,
    isUnreadable INTEGER NOT NULL DEFAULT 0 CHECK (isUnreadable IN (0, 1)), -- holds the place of a reject (R24)
    seenStart INTEGER NOT NULL DEFAULT 0, attachments TEXT, replyTo TEXT, replyToLocal INTEGER, -- the newest request that showed it (R19)
    UNIQUE (conversation, remoteID)
) STRICT;

CREATE TABLE packet (
    -- What came, or was sent, of messages whose changes are ordered by their arrival: one row per numbered packet. The oldest
    -- of a message are forgotten beyond SyncConfiguration.packetsPerMessage, its first create last.
    conversation INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
    remoteID TEXT NOT NULL,          -- the message: sender and wire id
    digest TEXT NOT NULL,            -- of its bytes: the same again is a duplicate and gets no number
    number INTEGER NOT NULL,         -- given once, in the transaction that stored it
    wireID TEXT NOT NULL,            -- several senders may use one
    change TEXT NOT NULL CHECK (change IN ('create', 'edit', 'delete')),
    version INTEGER NOT NULL,
    content TEXT,                    -- a digest of its text, to tell an edit from a repetition; null: it has none
    toldAt INTEGER,                  -- its time by the sender's clock
    PRIMARY KEY (conversation, remoteID, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE participant (
    conversation INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
    participant TEXT NOT NULL,
    displayName TEXT,
    role TEXT,
    shareHistoryTime INTEGER,
    isPresent INTEGER NOT NULL DEFAULT 1 CHECK (isPresent IN (0, 1)),
    changedAt INTEGER NOT NULL DEFAULT -1, -- version of the system message or event that told of it
    PRIMARY KEY (conversation, participant)
) STRICT, WITHOUT ROWID;

CREATE TABLE receipt (
    conversation INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
    participant TEXT NOT NULL,
    message TEXT NOT NULL,           -- the service's id: the message may not be stored yet
    readAt INTEGER NOT NULL,
    PRIMARY KEY (conversation, participant)
) STRICT, WITHOUT ROWID;

CREATE TABLE receivingSession (
    -- Uninterrupted receiving, for services without history (R21).
    id INTEGER NOT NULL PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
    firstArrival INTEGER NOT NULL,
    lastArrival INTEGER,             -- null while it goes on; a crash leaves it so, and the next start ends it
    endReason TEXT
) STRICT;

CREATE TABLE reject (
    -- What could not be decoded (R24).
    id INTEGER NOT NULL PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    conversation INTEGER REFERENCES conversation ON DELETE CASCADE,
    subject TEXT NOT NULL,
    remoteID TEXT,
    reason TEXT NOT NULL,
    raw BLOB NOT NULL,
    decoder TEXT NOT NULL,           -- the version of Tidemark that could not read it
    firstSeenAt INTEGER NOT NULL,
    lastSeenAt INTEGER NOT NULL,
    -- Of a message whose place nobody knows: coverage leaves these places out.
    holeLow INTEGER, holeHigh INTEGER
) STRICT;

CREATE TABLE revision (
    -- A version of a message that a later one took the place of, as this store had seen it. Versions that came and went unseen are
    -- nowhere. A message that is deleted leaves none.
    message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    editedAt INTEGER, rank INTEGER NOT NULL DEFAULT 0,                -- when it came to be; null: when the message was written
    PRIMARY KEY (message, version)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE search USING fts5(text, tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co M*'");

CREATE TABLE searchPending (
    -- Messages whose words have changed in this transaction. It is empty between two transactions of a file, unless its index is
    -- damaged: a repair takes in what stands here.
    message INTEGER NOT NULL PRIMARY KEY
) STRICT;

CREATE TABLE setRead (
    -- Reading a set by offset: participants and receipts (R23).
    conversation INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('participants', 'receipts')),
    isStale INTEGER NOT NULL DEFAULT 1 CHECK (isStale IN (0, 1)),
    dueAt INTEGER NOT NULL DEFAULT 0,
    cursor TEXT,                     -- open read: where it goes on
    skip INTEGER,
    members TEXT,                    -- JSON of ids, so far
    begunStart INTEGER,
    lastMembers TEXT,                -- JSON of ids of the last complete read
    lastStart INTEGER,
    PRIMARY KEY (conversation, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE store (
    -- One row: the file itself.
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    instance TEXT NOT NULL,          -- random, made with the file
    device INTEGER,                  -- the file's identity when it was bound; a copy has another one (R16)
    inode INTEGER,
    isAdopted INTEGER NOT NULL DEFAULT 1 CHECK (isAdopted IN (0, 1)), -- 0: nothing leaves until a person adopts it
    startNumber INTEGER NOT NULL DEFAULT 0, -- the last number given to a request (R19)
    arrival INTEGER NOT NULL DEFAULT 0      -- the last number given to an arrival (R21)
) STRICT;

CREATE TABLE tokenTombstone (
    -- A cancelled token that may have left: a copy that turns up with it is deleted (R4).
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    token TEXT NOT NULL,
    conversation INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
    intent INTEGER NOT NULL,
    madeAt INTEGER NOT NULL,
    PRIMARY KEY (account, token)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokenUse (
    -- Every token a caller gave, also those whose intent was folded into an earlier one.
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    token TEXT NOT NULL,
    intent INTEGER NOT NULL REFERENCES intent ON DELETE CASCADE,
    digest TEXT NOT NULL,            -- of verb, target and body: the same token with another body is refused
    PRIMARY KEY (account, token)
) STRICT, WITHOUT ROWID;

CREATE INDEX attachmentByIntent ON attachment (intent) WHERE intent IS NOT NULL;

CREATE INDEX attachmentByRemoteID ON attachment (remoteID) WHERE remoteID IS NOT NULL;

CREATE INDEX attachmentByUse ON attachment (usedAt) WHERE copy IS NOT NULL AND usedAt IS NOT NULL;

CREATE INDEX attemptByTime ON attempt (account, begunAt);

CREATE INDEX intentByConversation ON intent (conversation, verb);

CREATE INDEX intentByMessage ON intent (message, id) WHERE message IS NOT NULL;

CREATE INDEX intentByParent ON intent (parent) WHERE parent IS NOT NULL;

CREATE INDEX intentOpen ON intent (account, conversation, id)
    WHERE state IN ('queued', 'transmitting', 'inDoubt', 'sent', 'parked');

CREATE INDEX journalByIntent ON journal (intent, id) WHERE intent IS NOT NULL;

CREATE INDEX journalByMessage ON journal (message, id) WHERE message IS NOT NULL;

CREATE INDEX messageByRemoteID ON message (remoteID) WHERE remoteID IS NOT NULL;

CREATE INDEX messageByReply ON message (replyToLocal) WHERE replyToLocal IS NOT NULL;

CREATE INDEX messageBySequence ON message (conversation, sequence) WHERE sequence IS NOT NULL;

CREATE INDEX messageBySort ON message (conversation, sort, id) WHERE sort IS NOT NULL;

CREATE INDEX messageByToken ON message (conversation, token) WHERE token IS NOT NULL;

CREATE INDEX messageOfMembership ON message (conversation, place) WHERE kind IN ('participantAdded', 'participantRemoved');

CREATE INDEX messageUnread ON message (conversation, sort, token, sender)
    WHERE isOwn = 0 AND deletedAt IS NULL AND isUnreadable = 0 AND kind IN ('text', 'html');

CREATE INDEX messageWithoutSequence ON message (conversation) WHERE sequence IS NULL;

CREATE INDEX packetByWireID ON packet (conversation, wireID, remoteID, change);

CREATE INDEX receivingSessionByConversation ON receivingSession (conversation, id);

CREATE UNIQUE INDEX rejectByContent ON reject (account, coalesce(conversation, 0), subject, coalesce(remoteID, ''), raw);
