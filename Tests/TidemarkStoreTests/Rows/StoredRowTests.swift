import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// Rows are read and written by positions: each list of columns has to be the table's own.
@Suite struct StoredRowTests {
    @Test func `every column of a table is read and written in its place`() throws {
        let store = try MessageStore.inMemory()
        try store.read { db in
            try check(AccountRow.self, db)
            try check(LaneRow.self, db)
            try check(AttemptRow.self, db)
            try check(ConversationRow.self, db)
            try check(IntentRow.self, db)
            try check(MessageRow.self, db)
            try check(SetReadRow.self, db)
        }
    }

    /// A row whose every column has another value comes back as those values, in that order.
    private func check<Row: StoredRow>(_ type: Row.Type, _ db: Database) throws {
        let table = Row.table
        #expect(try db.columns(in: table.name).map(\.name).sorted() == table.columns.sorted())
        let kinds = try Dictionary(
            db.columns(in: table.name).map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
        let given = table.columns.enumerated().map { position, column in
            value(of: column, kinds[column] ?? "", position).databaseValue
        }
        let sql = "SELECT " + given.map { _ in "?" }.joined(separator: ", ")
        let row = try #require(try Row.fetchOne(db, cached: SQLText(sql), arguments: Arguments(given)))
        #expect(row.values == given, "\(table.name)")
    }

    private func value(of column: String, _ kind: String, _ position: Int) -> any DatabaseValueConvertible {
        switch column {
        case "verb": "markRead"
        case "state": "inDoubt"
        case _ where kind == "TEXT": "\(column) \(position)"
        case _ where column.hasPrefix("is") || column == "asks" || column.hasSuffix("IsUnbroken") || column.hasSuffix("IsDone"): 1
        case _ where ["listIsSweep", "mayHaveLanded", "closingIsDue", "detailsAreStale"].contains(column): 1
        default: 1000 + position
        }
    }

    @Test func `only what changed is written, over what others wrote meanwhile`() throws {
        let store = try MessageStore.inMemory()
        let account = try store.addAccount("me", service: "test")
        let topic: String? = try store.write(.normal) { db in
            var old = ConversationRow(account: account.id, topic: "before")
            try old.insert(db)
            var row = old
            row.unread = 3
            try db.execute(sql: "UPDATE conversation SET topic = 'meanwhile'")
            try row.updateChanges(db, from: old)
            #expect(try ConversationRow.fetchOne(db, id: old.id)?.unread == 3)
            return try ConversationRow.fetchOne(db, id: old.id)?.topic
        }
        #expect(topic == "meanwhile")
    }

    @Test func `a row that is gone can't be changed`() throws {
        let store = try MessageStore.inMemory()
        let account = try store.addAccount("me", service: "test")
        #expect(throws: StoreError.self) {
            try store.write(.normal) { db in
                try ConversationRow(id: 7, account: account.id).update(db)
            }
        }
    }

    @Test func `a statement that was left half-way holds nothing`() throws {
        let store = try MessageStore.inMemory()
        let account = try store.addAccount("me", service: "test")
        try store.write(.normal) { db in
            for _ in 0..<3 {
                var row = ConversationRow(account: account.id)
                try row.insert(db)
            }
            _ = try ConversationRow.fetchCursor(db, cached: SQLText(ConversationRow.selection)).next()
            // SQLite refuses to drop a table that a statement still reads.
            try db.execute(sql: "CREATE TABLE held AS SELECT 1 AS one")
            _ = try Int64.fetchOne(db, sql: "SELECT one FROM held")
            try db.execute(sql: "DROP TABLE held")
            #expect(try ConversationRow.fetchAll(db, cached: SQLText(ConversationRow.selection)).count == 3)
        }
    }
}
