internal import GRDB
internal import TidemarkModel

/// One thing that is true of every sound store.
struct StoreCheck: Sendable {
    /// What a statement of a check selects.
    struct Hit: ColumnReadable, Hashable {
        var account: Int64?
        var conversation: Int64?
        var message: Int64?
        var intent: Int64?
        /// What the detail tells; its meaning is the check's.
        var number: Int64

        init(_ columns: Columns) throws {
            (account, conversation, message) = try (columns[0], columns[1], columns[2])
            (intent, number) = try (columns[3], columns[4])
        }
    }

    var kind: Verification.Kind
    /// Selects account, conversation, message, intent and a number of each contradiction. `:now` is the time.
    var sql: String
    var detail: @Sendable (Hit) -> String
    var repair: @Sendable (Hit) -> Verification.Repair
    /// Ends one contradiction; of those that only a person can end, there is none.
    var mend: (@Sendable (Hit, Database) throws -> Void)?

    /// A contradiction that the store ends by itself.
    static func mended(
        _ kind: Verification.Kind, _ sql: String, _ detail: @escaping @Sendable (Hit) -> String, by words: String,
        _ mend: @escaping @Sendable (Hit, Database) throws -> Void
    ) -> StoreCheck {
        StoreCheck(kind: kind, sql: sql, detail: detail, repair: { _ in .automatic(words) }, mend: mend)
    }

    /// A contradiction that a person has to end.
    static func told(
        _ kind: Verification.Kind, _ sql: String, _ detail: @escaping @Sendable (Hit) -> String,
        _ words: @escaping @Sendable (Hit) -> String
    ) -> StoreCheck {
        StoreCheck(kind: kind, sql: sql, detail: detail, repair: { .person(words($0)) }, mend: nil)
    }

    /// In the order in which what is repaired may depend on what was repaired before.
    static let all: [StoreCheck] = ofStore + ofMessages + ofCoverage + [unread] + ofIntents + ofTokens

    func hits(_ now: Timestamp, atMost limit: Int, _ db: Database) throws -> [Hit] {
        let arguments: Arguments = sql.contains(":now") ? ["now": now.milliseconds] : []
        return try db.all(SQLText(sql), arguments, atMost: limit) { try Hit($0) }
    }
}

extension StoreCheck.Hit {
    var intentName: String { IntentID(intent ?? 0).description }
    var conversationName: String { ConversationID(conversation ?? 0).description }
}
