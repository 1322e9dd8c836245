internal import GRDB
public import TidemarkModel

/// How far a participant has read.
public struct ReceiptView: Hashable, Sendable {
    public var participant: ParticipantID
    public var displayName: String?
    /// The message, if it is stored.
    public var message: MessageID?
    public var remoteMessage: RemoteMessageID
    public var readAt: Timestamp
    public var isOwn: Bool
}

extension ReceiptView {
    /// By participant. `messages`: only receipts for these remote ids.
    static func list(_ conversation: Int64, messages: [String]? = nil, _ db: Database) throws -> [ReceiptView] {
        let rows = try Row.fetchAll(
            db,
            cached: """
                SELECT r.participant, r.message AS remote, r.readAt, p.displayName, m.id AS message,
                    EXISTS (SELECT 1 FROM identity i WHERE i.account = c.account AND i.participant = r.participant) AS isOwn
                FROM receipt r
                JOIN conversation c ON c.id = r.conversation
                LEFT JOIN participant p ON p.conversation = r.conversation AND p.participant = r.participant
                LEFT JOIN message m ON m.conversation = r.conversation AND m.remoteID = r.message
                WHERE r.conversation = ?
                ORDER BY r.participant
                """, arguments: [conversation])
        return rows.compactMap { row in
            let remote: String = row["remote"]
            if let messages, !messages.contains(remote) { return nil }
            return ReceiptView(
                participant: ParticipantID(row["participant"] as String), displayName: row["displayName"],
                message: (row["message"] as Int64?).map { MessageID($0) }, remoteMessage: RemoteMessageID(remote),
                readAt: Timestamp(milliseconds: row["readAt"]), isOwn: row["isOwn"])
        }
    }
}
