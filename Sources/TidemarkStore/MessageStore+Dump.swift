internal import Foundation
internal import GRDB
internal import GRDBSQLite

/// One value of one row, as SQLite stores it.
package enum StoredValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case bytes([UInt8])
}

/// A store's rows as values: what a transcript carries to begin where a real run began.
package struct StoreDump: Hashable, Sendable {
    package typealias Row = [String: StoredValue]

    /// By table; each table's rows in the order of its key. SQLite's own `sqlite_sequence` is among them: how far row ids have
    /// been counted, so that what comes later never bears the id of what was deleted.
    package var tables: [String: [Row]]

    package init(tables: [String: [Row]]) {
        self.tables = tables
    }
}

extension MessageStore {
    /// Every row of one account and nothing of the others. Changes nothing. Throws ``StoreError``.
    package func dump(of account: AccountView) throws -> StoreDump {
        let others = try accounts().map(\.name).filter { $0 != account.name }
        guard others.isEmpty else {
            // A copy in memory may lose what is not asked for.
            let copy = try MessageStore.inMemory()
            try copy.restore(try dump())
            for name in others { try copy.removeAccount(name, discardingUnsent: true) }
            return try copy.dump()
        }
        return try dump()
    }

    private func dump() throws -> StoreDump {
        try StoreError.translating {
            try read { db in
                StoreDump(
                    // What is about to be removed from the folder of files is nobody's row.
                    tables: try Self.tables(db).filter { $0 != "fileGone" }.reduce(into: [:]) { tables, table in
                        tables[table] = try db.all("SELECT * FROM \(table) ORDER BY 1, 2", []) { columns in
                            let values = columns.names.enumerated().map { ($1, StoredValue(columns, $0)) }
                            return Dictionary(values) { first, _ in first }
                        }
                    })
            }
        }
    }

    /// Makes this store hold exactly the rows of a dump, as a store of this machine that was never copied. For stores in memory.
    ///
    /// Throws ``StoreError`` with `damaged` for a table, column or value that this build's schema does not have.
    package func restore(_ dump: StoreDump) throws {
        try StoreError.translating {
            try write(.normal) { db in
                let tables = try Self.tablesByReference(db)
                if let unknown = dump.tables.keys.sorted().first(where: { !tables.contains($0) && $0 != Self.counters }) {
                    throw StoreError(.damaged, "This build's stores have no table \(unknown); use the build that wrote it.")
                }
                try Self.empty(tables, db)
                for table in tables {
                    let columns = Set(try db.columns(in: table).map(\.name))
                    for row in dump.tables[table] ?? [] { try Self.insert(row, into: table, columns, db) }
                }
                // Last, since inserting counts. An older dump has none.
                if let rows = dump.tables[Self.counters] {
                    try db.execute(cached: "DELETE FROM \(Self.counters)")
                    for row in rows { try Self.insert(row, into: Self.counters, ["name", "seq"], db) }
                }
                try db.execute(cached: "UPDATE store SET device = NULL, inode = NULL")
            }
        }
    }

    /// Makes a store in memory as new. What its connection has prepared stays: to prepare it anew costs more than a short use.
    package func renew() throws {
        precondition(path == nil, "Only a store in memory may be made as new.")
        try write(.normal) { db in
            try Self.empty(try Self.tablesAsMade(db), db)
            try db.execute(cached: "DELETE FROM \(Self.counters)")
            try StoreSchema.addStore(db)
        }
    }

    static func empty(_ tables: [String], _ db: Database) throws {
        for table in tables.reversed() { try db.execute(cached: "DELETE FROM \(table)") }
        // What went with its rows is noted there.
        try db.execute(cached: "DELETE FROM fileGone")
        try SearchIndex.empty(db)
    }

    private static func insert(_ row: StoreDump.Row, into table: String, _ columns: Set<String>, _ db: Database) throws {
        let names = row.keys.sorted()
        if let unknown = names.first(where: { !columns.contains($0) }) {
            throw StoreError(.damaged, "This build's table \(table) has no column \(unknown); use the build that wrote it.")
        }
        guard !names.isEmpty else { return }
        let marks = names.map { _ in "?" }.joined(separator: ", ")
        try db.execute(
            cached: "INSERT INTO \(table) (\(names.joined(separator: ", "))) VALUES (\(marks))",
            arguments: Arguments(names.map { row[$0]?.database ?? .null }))
    }

    private static func tables(_ db: Database) throws -> [String] {
        try String.fetchAll(db, cached: "\(tableNames) ORDER BY name") + [counters]
    }

    /// SQLite's own table of how far the row ids of each table have been counted.
    static let counters = "sqlite_sequence"

    /// What is searched follows from the rows of the others.
    private static let tableNames = """
        SELECT name FROM sqlite_schema
        WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND NOT \(SearchIndex.isDerived(column: "name"))
        """

    static func tablesAsMade(_ db: Database) throws -> [String] {
        try String.fetchAll(db, cached: "\(tableNames) ORDER BY rowid")
    }

    /// Each after those that its rows refer to: a table that a migration made anew was made after those that refer to it. To have
    /// references checked later instead takes a pragma, after which SQLite prepares every statement of the connection anew.
    static func tablesByReference(_ db: Database) throws -> [String] {
        let references: [(table: String, referred: String)] = try db.all(
            "SELECT s.name, f.\"table\" FROM (\(tableNames)) s, pragma_foreign_key_list(s.name) f", []
        ) { (try $0[0], try $0[1]) }
        let referred = Dictionary(grouping: references, by: \.table).mapValues { Set($0.map(\.referred)) }
        var (ordered, rest): ([String], [String]) = ([], try tablesAsMade(db))
        while !rest.isEmpty {
            let free = rest.filter { table in (referred[table] ?? []).isDisjoint(with: rest.filter { $0 != table }) }
            guard !free.isEmpty else { return ordered + rest }
            ordered += free
            rest.removeAll(where: free.contains)
        }
        return ordered
    }
}

extension StoredValue {
    fileprivate init(_ columns: Columns, _ position: Int) {
        let (statement, index) = (columns.statement, CInt(position))
        self =
            switch sqlite3_column_type(statement, index) {
            case SQLITE_INTEGER: .integer(sqlite3_column_int64(statement, index))
            case SQLITE_FLOAT: .real(sqlite3_column_double(statement, index))
            case SQLITE_TEXT: .text(String.read(statement, at: index) ?? "")
            case SQLITE_BLOB: .bytes(Array(Data.read(statement, at: index) ?? Data()))
            default: .null
            }
    }

    var database: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .real(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .bytes(let bytes): Data(bytes).databaseValue
        }
    }
}
