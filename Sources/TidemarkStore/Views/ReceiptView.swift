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
    /// By participant.
    static func list(_ conversation: Int64, _ db: Database) throws -> [ReceiptView] {
        try placed(conversation, db).map(\.receipt)
    }

    /// Those of who has read a message: up to one of its copies, or to something that stands after it.
    static func list(for row: MessageRow, copies: [MessageRow], _ db: Database) throws -> [ReceiptView] {
        let names = ([row] + copies).compactMap(\.remoteID)
        guard !names.isEmpty, let sort = row.sort else { return [] }
        return try placed(row.conversation, db).filter { receipt, place in
            names.contains(receipt.remoteMessage.rawValue) || place.map { $0 >= sort } ?? false
        }.map(\.receipt)
    }

    /// Each with the place of its message, if that is stored.
    private static func placed(_ conversation: Int64, _ db: Database) throws -> [(receipt: ReceiptView, place: Int64?)] {
        try db.all(
            """
            SELECT r.participant, r.message, r.readAt, p.displayName, m.id,
                EXISTS (SELECT 1 FROM identity i WHERE i.account = c.account AND i.participant = r.participant), m.sort
            FROM receipt r
            JOIN conversation c ON c.id = r.conversation
            LEFT JOIN participant p ON p.conversation = r.conversation AND p.participant = r.participant
            LEFT JOIN message m ON m.conversation = r.conversation AND m.remoteID = r.message
            WHERE r.conversation = ?
            ORDER BY r.participant
            """, [conversation]
        ) { row in
            let receipt = ReceiptView(
                participant: ParticipantID(try row[0] as String), displayName: try row[3],
                message: (try row[4] as Int64?).map { MessageID($0) }, remoteMessage: RemoteMessageID(try row[1] as String),
                readAt: Timestamp(milliseconds: try row[2]), isOwn: try row[5])
            return (receipt, try row[6])
        }
    }
}
