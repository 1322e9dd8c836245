internal import Foundation
internal import GRDB
internal import TidemarkModel

/// Whether a search finds what views show, and nothing else.
enum SearchCheck {
    private static let batch = 500

    /// - Parameter mayWait: what has changed may be noted and not taken in yet, as in a store in memory.
    static func findings(
        _ names: [Int64: AccountName], mayWait: Bool, atMost limit: Int, _ db: Database
    ) throws -> [Verification.Finding] {
        var findings: [Verification.Finding] = []
        if try !isSound(db) {
            findings.append(
                Verification.Finding(
                    kind: .search, detail: "The index of words does not hold the words that are noted beside it.",
                    repair: .automatic("makes it anew")))
        }
        try forEachWrong(mayWait: mayWait, db) { message, conversation, account in
            guard findings.count < limit else { return false }
            findings.append(
                Verification.Finding(
                    kind: .search, account: account.flatMap { names[$0] }, conversation: conversation.map { ConversationID($0) },
                    message: MessageID(message), detail: "A search finds something else than what is shown of this message.",
                    repair: .automatic("takes its words in anew")))
            return true
        }
        return findings
    }

    static func mend(_ db: Database) throws {
        if try !isSound(db) { try SearchIndex.rebuild(db) }
        try forEachWrong(mayWait: true, db) { message, _, _ in
            try db.execute(cached: "INSERT OR IGNORE INTO searchPending VALUES (?)", arguments: [message])
            return true
        }
        try SearchIndex.catchUp(db)
    }

    /// SQLite's own check of the index, which it makes only of what it may write: of a copy for this moment.
    private static func isSound(_ db: Database) throws -> Bool {
        guard
            let sql = try String.fetchOne(db, sql: "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'search'"),
            let using = sql.range(of: " USING ")
        else { return false }
        try db.execute(sql: "CREATE VIRTUAL TABLE temp.searchProof\(sql[using.lowerBound...])")
        defer { try? db.execute(sql: "DROP TABLE temp.searchProof") }
        for part in ["data", "idx", "content", "docsize", "config"] {
            try db.execute(
                sql: """
                    DELETE FROM temp.searchProof_\(part); INSERT INTO temp.searchProof_\(part) SELECT * FROM main.search_\(part)
                    """)
        }
        do {
            try db.execute(sql: "INSERT INTO temp.searchProof (searchProof) VALUES ('integrity-check')")
            return true
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
            return false
        }
    }

    /// Calls for each message of which something else is found than is shown, until it is told to stop.
    private static func forEachWrong(
        mayWait: Bool, _ db: Database, _ body: (_ message: Int64, _ conversation: Int64?, _ account: Int64?) throws -> Bool
    ) throws {
        let waiting = mayWait ? "AND id NOT IN (SELECT message FROM searchPending)" : ""
        let lost = try Int64.fetchAll(
            db, cached: "SELECT id FROM search_content WHERE id NOT IN (SELECT id FROM message) \(waiting) ORDER BY id")
        for id in lost where try !body(id, nil, nil) { return }
        var last: Int64 = .min
        while true {
            let rows = try MessageRow.fetchAll(
                db, cached: "\(MessageRow.selection) WHERE id > ? \(waiting) ORDER BY id LIMIT \(batch)", arguments: [last])
            guard let end = rows.last?.id else { return }
            last = end
            let shown = try SearchIndex.words(of: rows, db)
            let stored = try found(rows.compactMap(\.id), db)
            for row in rows {
                guard let id = row.id, stored[id]?.words != shown[id] else { continue }
                if try !body(id, row.conversation, stored[id]?.account) { return }
            }
        }
    }

    private static func found(_ messages: [Int64], _ db: Database) throws -> [Int64: (words: String?, account: Int64?)] {
        let rows = try db.all(
            """
            SELECT m.id, s.c0, c.account FROM json_each(?) AS wanted JOIN message AS m ON m.id = wanted.value
            LEFT JOIN search_content AS s ON s.id = m.id LEFT JOIN conversation AS c ON c.id = m.conversation
            """, [messages.jsonArray]
        ) { try (id: $0[0] as Int64, words: $0[1] as String?, account: $0[2] as Int64?) }
        return Dictionary(rows.map { ($0.id, ($0.words, $0.account)) }) { first, _ in first }
    }
}
