-- Tidemark's store, version 4: what is written and not sent, and what is searched.

CREATE TABLE draft (
    -- What the user has begun to write into a conversation. It goes nowhere until it is sent.
    conversation INTEGER NOT NULL PRIMARY KEY REFERENCES conversation ON DELETE CASCADE,
    text TEXT NOT NULL CHECK (text <> ''),
    changedAt INTEGER NOT NULL
) STRICT;

-- The words of each message as views show it: its row's number and its plain text. Between letters of scripts that put no space
-- between words stand zero-width spaces, so that each is a word of its own. Copies of one send have the same words.
CREATE VIRTUAL TABLE search USING fts5(text, tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co M*'");

CREATE TABLE searchPending (
    -- Messages whose words have changed in this transaction. It is empty between two transactions of a file, unless its index is
    -- damaged: a repair takes in what stands here.
    message INTEGER NOT NULL PRIMARY KEY
) STRICT;

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

CREATE TRIGGER searchMessageDeleted AFTER DELETE ON message WHEN OLD.text <> ''
BEGIN
    INSERT OR IGNORE INTO searchPending VALUES (OLD.id);
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

CREATE TRIGGER searchIntentDeleted AFTER DELETE ON intent WHEN OLD.verb IN ('edit', 'delete') AND OLD.message IS NOT NULL
BEGIN
    INSERT OR IGNORE INTO searchPending VALUES (OLD.message);
END;

-- What the store holds already is taken in at the end of the migration.
INSERT INTO searchPending SELECT id FROM message WHERE text <> '';
