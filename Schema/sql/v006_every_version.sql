-- Tidemark's store, version 6: every version of a message that was seen, in whatever order they came.

-- Of two sources that say different things of one version the better one counts: a page before a push; of packets the later one.
ALTER TABLE revision ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;

-- Also where the text is the same: an older version that comes later may have stood between the two.
DROP TRIGGER revisionKept;
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
