internal import GRDB

/// All rows of a store in memory, to go back to: what a dump is, without the names of each row's columns.
package struct StoreSnapshot: Sendable {
    fileprivate struct Table: Sendable {
        var name: String
        var columns: [String]
        var rows: [[DatabaseValue]]
    }

    fileprivate var tables: [Table]
}

extension MessageStore {
    /// Every row of this store. Changes nothing. Throws ``StoreError``.
    package func snapshot() throws -> StoreSnapshot {
        try StoreError.translating {
            try read { db in
                // Counters come last.
                let names = try Self.tablesByReference(db) + [Self.counters]
                return StoreSnapshot(
                    tables: try names.map { name in
                        let sql = "SELECT * FROM \(name) ORDER BY 1, 2"
                        let columns = try db.cachedStatement(sql: sql).columnNames
                        let rows = try db.all(SQLText(sql), []) { row in
                            columns.indices.map { DatabaseValue(sqliteStatement: row.statement, index: CInt($0)) }
                        }
                        return StoreSnapshot.Table(name: name, columns: columns, rows: rows)
                    })
            }
        }
    }

    /// Makes this store hold exactly the rows of a snapshot of this build, as a store of this machine that was never copied.
    package func restore(_ snapshot: StoreSnapshot) throws {
        precondition(path == nil, "Only a store in memory may be set back.")
        try StoreError.translating {
            try write(.normal) { db in
                try Self.empty(try Self.tablesAsMade(db), db)
                for table in snapshot.tables {
                    // Inserting has counted.
                    if table.name == Self.counters { try db.execute(cached: "DELETE FROM \(Self.counters)") }
                    let marks = table.columns.map { _ in "?" }.joined(separator: ", ")
                    let sql: SQLText = "INSERT INTO \(table.name) (\(table.columns.joined(separator: ", "))) VALUES (\(marks))"
                    for row in table.rows { try db.execute(cached: sql, arguments: Arguments(row)) }
                }
                try db.execute(cached: "UPDATE store SET device = NULL, inode = NULL")
            }
        }
    }
}
