import Foundation
import GRDB
import TidemarkModel
import Testing

@testable import TidemarkStore

/// Statements that run past GRDB: what is bound is what comes back, and no run leaves anything behind.
struct StatementTests {
    private func with(_ body: (Database) throws -> Void) throws {
        try MessageStore.inMemory().write(.normal) { db in
            try db.execute(cached: "CREATE TEMP TABLE thing (id INTEGER PRIMARY KEY, value, CHECK (id < 10))")
            try body(db)
        }
    }

    @Test func `values come back as they were bound`() throws {
        try with { (db) throws -> Void in
            let values: [(any Bindable)?] = [Int64.min, Int.max, true, "", "ü👍\u{0}b", Data([0, 1]), nil, 1.5.databaseValue]
            for (index, value) in values.enumerated() {
                try db.execute(cached: "INSERT INTO thing VALUES (?, ?)", arguments: [index, value])
            }
            let kinds = try String.fetchAll(db, cached: "SELECT typeof(value) FROM thing ORDER BY id")
            #expect(kinds == ["integer", "integer", "integer", "text", "text", "blob", "null", "real"])
            #expect(try Int64.fetchOne(db, cached: "SELECT value FROM thing WHERE id = ?", arguments: [0]) == .min)
            #expect(try Int.fetchOne(db, cached: "SELECT value FROM thing WHERE id = ?", arguments: [1]) == .max)
            #expect(try String.fetchOne(db, cached: "SELECT value FROM thing WHERE id = ?", arguments: [3]) == "")
            #expect(try Int64.fetchOne(db, cached: "SELECT length(CAST(value AS BLOB)) FROM thing WHERE id = 4") == 8)
            #expect(try String.fetchOne(db, cached: "SELECT value FROM thing WHERE id = 4") == "ü👍\u{0}b")
            #expect(try Int.fetchOne(db, cached: "SELECT id FROM thing WHERE value = ?", arguments: ["ü👍\u{0}b"]) == 4)
            #expect(try Int.fetchOne(db, cached: "SELECT id FROM thing WHERE value = ?", arguments: ["ü👍"]) == nil)
            #expect(try String.fetchOne(db, cached: "SELECT value FROM thing WHERE id = ?", arguments: [6]) == nil)
            #expect(try String.fetchOne(db, cached: "SELECT value FROM thing WHERE id = ?", arguments: [9]) == nil)
        }
    }

    @Test func `parameters are found by their names, however often they stand there`() throws {
        try with { (db) throws -> Void in
            let sql: SQLText = "SELECT :a || :b || :a"
            #expect(try String.fetchOne(db, cached: sql, arguments: ["b": "2", "a": "1", "unused": 3]) == "121")
            #expect(throws: DatabaseError.self) { try String.fetchOne(db, cached: sql, arguments: ["a": "1"]) }
        }
    }

    @Test func `too few and too many parameters are refused`() throws {
        try with { (db) throws -> Void in
            #expect(throws: DatabaseError.self) { try Int.fetchOne(db, cached: "SELECT ?", arguments: []) }
            #expect(throws: DatabaseError.self) { try Int.fetchOne(db, cached: "SELECT ?", arguments: [1, 2]) }
            #expect(try Int.fetchOne(db, cached: "SELECT ?", arguments: [1]) == 1)
        }
    }

    @Test func `a statement that failed runs again`() throws {
        try with { (db) throws -> Void in
            let sql: SQLText = "INSERT INTO thing VALUES (?, NULL)"
            for _ in 0..<2 {
                do {
                    try db.execute(cached: sql, arguments: [10])
                    Issue.record("the check let it pass")
                } catch let error as DatabaseError {
                    #expect(error.resultCode == .SQLITE_CONSTRAINT)
                }
            }
            try db.execute(cached: sql, arguments: [9])
            #expect(db.changesCount == 1)
        }
    }

    @Test func `a cursor that is let go ends its reading`() throws {
        let store = try MessageStore.inMemory()
        try store.write(.normal) { db in
            try db.execute(cached: "CREATE TABLE temp.thing AS SELECT 1 AS id UNION SELECT 2")
            do {
                let cursor = try db.rows("SELECT id FROM thing ORDER BY id", []) { try $0[0] as Int64 }
                #expect(try cursor.next() == 1)
            }
            // SQLite refuses it while somebody reads.
            try db.execute(cached: "DROP TABLE thing")
        }
        try store.write(.normal) { db in
            let cursor = try db.rows("SELECT 1", []) { try $0[0] as Int64 }
            #expect(try cursor.next() == 1)
            #expect(try cursor.next() == nil)
            #expect(try cursor.next() == nil)
        }
    }
}
