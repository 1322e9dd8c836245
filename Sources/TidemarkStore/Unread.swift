internal import GRDB

/// Unread counters, by recount: exact however a message came to be what it is (P8, R27).
enum Unread {
    /// Live messages of other people above both horizons; copies of one send count once.
    private static let countSQL = count(of: "?1")

    /// A statement that counts them, for the number of a conversation.
    static func count(of conversation: String) -> String {
        """
        SELECT count(*) FROM message AS m JOIN conversation AS c ON c.id = m.conversation
        WHERE m.conversation = \(conversation) AND m.sort > max(c.localHorizon, c.remoteHorizon) AND m.sort < \(MessageRow.tail)
            AND m.deletedAt IS NULL AND m.version IS NOT NULL AND m.isOwn = 0 AND m.isUnreadable = 0 AND m.kind IN ('text', 'html')
            AND (m.token IS NULL OR NOT EXISTS (
                SELECT 1 FROM message AS o WHERE o.conversation = m.conversation AND o.token = m.token AND o.sender IS m.sender
                    AND o.deletedAt IS NULL AND (o.sort, o.id) < (m.sort, m.id)))
        """
    }

    static func recount(_ conversation: Int64, _ db: Database) throws {
        try db.execute(cached: "UPDATE conversation SET unread = (\(countSQL)) WHERE id = ?1", arguments: [conversation])
    }
}
