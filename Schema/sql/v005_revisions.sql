-- Tidemark's store, version 5: what messages said before they were changed.

CREATE TABLE revision (
    -- A version of a message that a later one took the place of, as this store had seen it. Versions that came and went unseen are
    -- nowhere. A message that is deleted leaves none.
    message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    editedAt INTEGER,                -- when it came to be; null: when the message was written
    PRIMARY KEY (message, version)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER revisionKept AFTER UPDATE OF text, version ON message
    WHEN OLD.version < NEW.version AND OLD.text IS NOT NEW.text AND OLD.text <> '' AND OLD.deletedAt IS NULL
        AND NEW.deletedAt IS NULL AND OLD.isUnreadable = 0
BEGIN
    INSERT OR IGNORE INTO revision VALUES (OLD.id, OLD.version, coalesce(OLD.kind, 'text'), OLD.text, OLD.editedAt);
    -- The newest fifty.
    DELETE FROM revision WHERE message = OLD.id AND version <= (
        SELECT version FROM revision WHERE message = OLD.id ORDER BY version DESC LIMIT 1 OFFSET 50);
END;

CREATE TRIGGER revisionForgotten AFTER UPDATE OF deletedAt ON message WHEN NEW.deletedAt IS NOT NULL
BEGIN
    DELETE FROM revision WHERE message = NEW.id;
END;
