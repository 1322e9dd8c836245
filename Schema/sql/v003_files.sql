-- Tidemark's store, version 3: files of messages, and messages that answer others.

-- A verb more. A CHECK can't be changed in place: the table is made anew, with all that it holds. Foreign keys are off while a
-- store is migrated and checked after it; they name the table, so they mean the new one.
CREATE TABLE intentNext (
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

INSERT INTO intentNext SELECT
    id, account, conversation, message, verb, token, body, state, createdAt, isFrozen, mayHaveLanded, attempts, failures, notBefore,
    reason, detail, asks, isSkipped, parent, baseVersion, floor, doubtStart, quarantineUntil, firstAttemptAt, acknowledgedAt,
    acknowledgedStart, isOverlaid, confirmAt, settledAt, remoteTarget, failuresByTarget, roomSID
FROM intent;

-- No id is given twice, not even that of a row that is gone.
DELETE FROM sqlite_sequence WHERE name = 'intentNext';
INSERT INTO sqlite_sequence (name, seq) SELECT 'intentNext', seq FROM sqlite_sequence WHERE name = 'intent';

DROP TABLE intent;
ALTER TABLE intentNext RENAME TO intent;

CREATE INDEX intentOpen ON intent (account, conversation, id)
    WHERE state IN ('queued', 'transmitting', 'inDoubt', 'sent', 'parked');
CREATE INDEX intentByMessage ON intent (message, id) WHERE message IS NOT NULL;
CREATE INDEX intentByConversation ON intent (conversation, verb);
CREATE INDEX intentByParent ON intent (parent) WHERE parent IS NOT NULL;

ALTER TABLE message ADD COLUMN attachments TEXT; -- JSON: what the observed version says of its files; '[]': only the rows of attachment
ALTER TABLE message ADD COLUMN replyTo TEXT;     -- the service's id of the message that it answers
ALTER TABLE message ADD COLUMN replyToLocal INTEGER; -- the local one, of a message that was written here

CREATE INDEX messageByReply ON message (replyToLocal) WHERE replyToLocal IS NOT NULL;

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
CREATE INDEX attachmentByIntent ON attachment (intent) WHERE intent IS NOT NULL;
CREATE INDEX attachmentByRemoteID ON attachment (remoteID) WHERE remoteID IS NOT NULL;
CREATE INDEX attachmentByUse ON attachment (usedAt) WHERE copy IS NOT NULL AND usedAt IS NOT NULL;

CREATE TABLE fileGone (
    -- Copies that no row names any more: they are removed once that is committed.
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TRIGGER attachmentGoes AFTER DELETE ON attachment BEGIN
    INSERT OR IGNORE INTO fileGone (name)
        SELECT value FROM json_each(json_array(OLD.copy, OLD.thumbnailCopy)) WHERE value IS NOT NULL;
END;

CREATE TRIGGER attachmentLosesCopy AFTER UPDATE OF copy, thumbnailCopy ON attachment BEGIN
    INSERT OR IGNORE INTO fileGone (name)
        SELECT value FROM json_each(json_array(OLD.copy, OLD.thumbnailCopy))
        WHERE value IS NOT NULL AND value IS NOT NEW.copy AND value IS NOT NEW.thumbnailCopy;
END;
