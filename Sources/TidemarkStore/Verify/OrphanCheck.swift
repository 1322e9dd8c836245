internal import GRDB
internal import TidemarkModel

/// Rows whose parent is gone, found by what the schema itself says belongs together.
struct OrphanCheck {
    let table: String
    /// Where a row names its parent.
    let column: String
    let parent: String
    /// The schema lets a row outlive its parent.
    let isOptional: Bool
    private let columns: Set<String>

    /// One for each reference of each table; the parents' tables come before those of their children.
    static func all(_ db: Database) throws -> [OrphanCheck] {
        try MessageStore.tablesAsMade(db).flatMap { table in
            let columns = Set(try db.columns(in: table).map(\.name))
            return try db.all("SELECT \"from\", \"table\", on_delete FROM pragma_foreign_key_list(?)", [table]) { row in
                OrphanCheck(
                    table: table, column: try row[0], parent: try row[1], isOptional: try row[2] as String == "SET NULL",
                    columns: columns)
            }
        }
    }

    private var isOrphan: String {
        "r.\(column) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM \(parent) AS p WHERE p.id = r.\(column))"
    }

    /// An intent that is not over belongs to it: it is part of somebody's unsent work, and stays as it is.
    private var holdsUnsent: String {
        let condition: String
        switch table {
        case "intent": return "r.state NOT IN ('confirmed', 'cancelled')"
        case "message": condition = "i.message = r.id"
        case "conversation": condition = "i.conversation = r.id"
        default:
            guard columns.contains("intent") else { return "0" }
            condition = "i.id = r.intent"
        }
        return "EXISTS (SELECT 1 FROM intent AS i WHERE \(condition) AND i.state NOT IN ('confirmed', 'cancelled'))"
    }

    func findings(_ names: [Int64: AccountName], atMost limit: Int, _ db: Database) throws -> [Verification.Finding] {
        func selected(_ name: String, _ own: String) -> String {
            table == own ? "r.id" : columns.contains(name) ? "r.\(name)" : "NULL"
        }
        let account = columns.contains("account") ? "r.account" : "NULL"
        let ids = [
            account, selected("conversation", "conversation"), table == "receipt" ? "NULL" : selected("message", "message"),
            selected("intent", "intent"),
        ]
        return try db.all(
            """
            SELECT \(ids.joined(separator: ", ")), \(holdsUnsent) FROM \(table) AS r WHERE \(isOrphan)
            """, [], atMost: limit
        ) { columns in
            let (account, conversation, message): (Int64?, Int64?, Int64?) = try (columns[0], columns[1], columns[2])
            let (intent, isUnsent): (Int64?, Bool) = try (columns[3], columns[4])
            let words = isOptional ? "forgets what is gone" : "removes the row"
            return Verification.Finding(
                kind: .orphan, account: account.flatMap { names[$0] }, conversation: conversation.map { ConversationID($0) },
                message: message.map { MessageID($0) }, intent: intent.map { IntentID($0) },
                detail: "A row of \(table) names a row of \(parent) that is gone.",
                repair: isUnsent
                    ? .person("it holds unsent work: copy what it says, then `outbox discard` it") : .automatic(words))
        }
    }

    /// Removes what nothing unsent depends on, or what it names.
    func mend(_ db: Database) throws {
        let rows = "\(isOrphan) AND NOT \(holdsUnsent)"
        if isOptional {
            try db.execute(cached: "UPDATE \(table) AS r SET \(column) = NULL WHERE \(rows)")
        } else {
            try db.execute(cached: "DELETE FROM \(table) AS r WHERE \(rows)")
        }
    }
}
