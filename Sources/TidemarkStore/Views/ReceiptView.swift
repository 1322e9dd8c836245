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
        let all = try db.all(
            """
            SELECT r.participant, r.message, r.readAt, p.displayName, m.id,
                EXISTS (SELECT 1 FROM identity i WHERE i.account = c.account AND i.participant = r.participant)
            FROM receipt r
            JOIN conversation c ON c.id = r.conversation
            LEFT JOIN participant p ON p.conversation = r.conversation AND p.participant = r.participant
            LEFT JOIN message m ON m.conversation = r.conversation AND m.remoteID = r.message
            WHERE r.conversation = ?
            ORDER BY r.participant
            """, [conversation]
        ) { row in
            ReceiptView(
                participant: ParticipantID(try row[0] as String), displayName: try row[3],
                message: (try row[4] as Int64?).map { MessageID($0) }, remoteMessage: RemoteMessageID(try row[1] as String),
                readAt: Timestamp(milliseconds: try row[2]), isOwn: try row[5])
        }
        guard let messages else { return all }
        return all.filter { messages.contains($0.remoteMessage.rawValue) }
    }
}
