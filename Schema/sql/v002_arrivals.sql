-- Tidemark's store, version 2: what a service without history and versions needs (R21).

ALTER TABLE intent ADD COLUMN roomSID TEXT; -- the incarnation of the room that it was written for; null: the next one

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
CREATE INDEX packetByWireID ON packet (conversation, wireID, remoteID, change);

CREATE INDEX receivingSessionByConversation ON receivingSession (conversation, id);
