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
        let rows = try Row.fetchAll(
            db, cached: "SELECT * FROM journal WHERE account = ? AND \(condition) ORDER BY id DESC LIMIT ?",
            arguments: [account.id, argument, min(max(limit, 1), maximumLimit)])
        return rows.reversed().map(JournalLine.init)
    }

    private init(_ row: Row) {
        self.init(
            id: row["id"], at: Timestamp(milliseconds: row["at"]), kind: row["kind"],
            conversation: (row["conversation"] as Int64?).map { ConversationID($0) },
            message: (row["message"] as Int64?).map { MessageID($0) },
            intent: (row["intent"] as Int64?).map { IntentID($0) }, cause: row["cause"], attempt: row["attempt"],
            status: row["status"], detail: row["detail"])
    }
}
