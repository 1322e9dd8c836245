internal import GRDB
public import TidemarkModel

/// What happened to whom, and why. It holds no message text and no secret.
public struct JournalLine: Hashable, Sendable, Identifiable {
    public var id: Int64
    public var at: Timestamp
    public var kind: String
    public var conversation: ConversationID?
    public var message: MessageID?
    public var intent: IntentID?
    public var cause: String?
    public var attempt: Int?
    public var status: Int?
    public var detail: String?
}

/// Whose journal is read.
public enum JournalSubject: Hashable, Sendable {
    /// The account, from a moment on.
    case since(Timestamp)
    case message(MessageID)
    case intent(IntentID)
}

extension JournalLine {
    /// The most lines that one read returns: the newest.
    static let maximumLimit = 10_000

    /// Oldest first.
    static func list(_ account: AccountKey, _ subject: JournalSubject, limit: Int, _ db: Database) throws -> [JournalLine] {
        let (condition, argument): (String, Int64) =
            switch subject {
            case .since(let moment): ("at >= ?", moment.milliseconds)
            case .message(let message): ("message = ?", message.number)
            case .intent(let intent): ("intent = ?", intent.number)
            }
        return try db.all(
            """
            SELECT id, at, kind, conversation, message, intent, cause, attempt, status, detail
            FROM journal WHERE account = ? AND \(condition) ORDER BY id DESC LIMIT ?
            """, [account.id, argument, min(max(limit, 1), maximumLimit)], JournalLine.init
        ).reversed()
    }

    private init(_ columns: Columns) throws {
        let (conversation, message, intent): (Int64?, Int64?, Int64?) = try (columns[3], columns[4], columns[5])
        try self.init(
            id: columns[0], at: Timestamp(milliseconds: columns[1]), kind: columns[2],
            conversation: conversation.map { ConversationID($0) }, message: message.map { MessageID($0) },
            intent: intent.map { IntentID($0) }, cause: columns[6], attempt: columns[7], status: columns[8], detail: columns[9])
    }
}
