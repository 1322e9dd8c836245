import Foundation
import GRDB
import Testing
import TidemarkSchema

@testable import TidemarkStore

struct GoldenSchemaTests {
    /// Write it anew with `TIDEMARK_WRITE_GOLDEN=1 swift test --filter GoldenSchemaTests`, and read the difference.
    static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Schema/schema.sql")

    @Test func `the schema that this build makes is the one in schema.sql`() throws {
        let store = try MessageStore.inMemory()
        let statements = try store.read { db in
            try String.fetchAll(
                db,
                // What SQLite makes for a virtual table is SQLite's.
                sql: """
                    SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
                        AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow') ORDER BY type DESC, name
                    """)
        }
        let dump =
            "-- What migrations 1 to \(Schema.version) make. Written by a test; see GoldenSchemaTests.\n\n"
            + statements.map { $0 + ";\n" }.joined(separator: "\n")
        if ProcessInfo.processInfo.environment["TIDEMARK_WRITE_GOLDEN"] != nil {
            try Data(dump.utf8).write(to: Self.file)
        }
        let golden = try String(contentsOf: Self.file, encoding: .utf8)
        #expect(
            dump == golden,
            "Schema/schema.sql is out of date: TIDEMARK_WRITE_GOLDEN=1 swift test --filter GoldenSchemaTests")
    }

    @Test func `a fresh store is sound and says what it is`() throws {
        let store = try MessageStore.inMemory()
        try store.read { db in
            #expect(try String.fetchOne(db, sql: "PRAGMA integrity_check") == "ok")
            #expect(try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").isEmpty)
            #expect(try Int32.fetchOne(db, sql: "PRAGMA application_id") == Schema.applicationID)
            #expect(try Int.fetchOne(db, sql: "PRAGMA user_version") == Schema.version)
            let loose = try String.fetchAll(
                db,
                sql:
                    "SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main' AND strict = 0 AND name NOT LIKE 'sqlite_%'"
            )
            #expect(loose.isEmpty)
        }
    }
}
