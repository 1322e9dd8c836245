internal import GRDB

/// What a statement selects, made from its columns by their positions.
protocol ColumnReadable {
    init(_ columns: Columns) throws
}

/// A row of a table: ``init(_:)`` reads the table's columns in their order.
protocol StoredRow: ColumnReadable, Equatable {
    static var table: StoredTable { get }

    /// For the table's columns in their order.
    var values: [DatabaseValue] { get }

    /// The table has numbered it.
    mutating func number(_ id: Int64)
}

/// A table's name, its columns in the order in which its rows are read, and the statements that follow from them.
struct StoredTable {
    let name: String
    let columns: [String]
    /// `SELECT` with all columns `FROM` the table; a condition may follow.
    let selection: String
    let insertion: SQLText
    /// Finds one row by its key.
    let condition: String
    /// The row with a key, and the row with a primary key `id`. Made once: so long a text takes longer to put together than to find.
    let byKey: SQLText
    let byID: SQLText

    /// - Parameter keys: how many of the first columns are the key.
    init(_ name: String, keys: Int = 1, columns: [String]) {
        self.name = name
        self.columns = columns
        let names = columns.joined(separator: ", ")
        selection = "SELECT \(names) FROM \(name)"
        insertion = SQLText(once: "INSERT INTO \(name) (\(names)) VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))")
        condition = columns.prefix(keys).map { "\($0) = ?" }.joined(separator: " AND ")
        byKey = SQLText(once: "\(selection) WHERE \(condition)")
        byID = SQLText(once: "\(selection) WHERE id = ?")
        self.keys = keys
    }

    fileprivate let keys: Int

    /// The columns of a table that a statement names `alias`.
    func columns(of alias: String) -> String {
        columns.map { "\(alias).\($0)" }.joined(separator: ", ")
    }
}

// MARK: - Reading

extension ColumnReadable {
    static func fetchOne(_ db: Database, cached sql: SQLText, arguments: Arguments = []) throws -> Self? {
        try db.first(sql, arguments) { try Self($0) }
    }

    static func fetchAll(_ db: Database, cached sql: SQLText, arguments: Arguments = []) throws -> [Self] {
        try db.all(sql, arguments) { try Self($0) }
    }

    static func fetchCursor(
        _ db: Database, cached sql: SQLText, arguments: Arguments = []
    ) throws -> ColumnCursor<Self> {
        try db.rows(sql, arguments) { try Self($0) }
    }
}

extension StoredRow {
    static var selection: String { table.selection }

    /// The row of a table with a primary key `id`.
    static func fetchOne(_ db: Database, id: Int64?) throws -> Self? {
        guard let id else { return nil }
        return try fetchOne(db, cached: table.byID, arguments: [id])
    }

    static func fetchOne(_ db: Database, where condition: String, arguments: Arguments) throws -> Self? {
        try fetchOne(db, cached: "\(selection) WHERE \(condition)", arguments: arguments)
    }

    static func fetchAll(_ db: Database, where condition: String, arguments: Arguments) throws -> [Self] {
        try fetchAll(db, cached: "\(selection) WHERE \(condition)", arguments: arguments)
    }

    static func exists(_ db: Database, where condition: String, arguments: Arguments) throws -> Bool {
        let sql: SQLText = "SELECT EXISTS (SELECT 1 FROM \(table.name) WHERE \(condition))"
        return try Bool.fetchOne(db, cached: sql, arguments: arguments) ?? false
    }
}

// MARK: - Writing

extension StoredRow {
    mutating func number(_ id: Int64) {}

    mutating func insert(_ db: Database) throws {
        try db.execute(cached: Self.table.insertion, arguments: Arguments(values))
        number(db.lastInsertedRowID)
    }

    /// Writes what differs from the stored row: an index whose columns stay the same is left alone.
    func update(_ db: Database) throws {
        let key = Arguments(values.prefix(Self.table.keys))
        guard let stored = try Self.fetchOne(db, cached: Self.table.byKey, arguments: key) else {
            throw StoreError(.damaged, "A row of \(Self.table.name) is gone while it is changed; nothing was changed.")
        }
        try updateChanges(db, from: stored)
    }

    /// Writes what differs from an earlier state of the row, and leaves alone what others wrote meanwhile.
    func updateChanges(_ db: Database, from old: Self) throws {
        let (new, old) = (values, old.values)
        let changed = new.indices.filter { new[$0] != old[$0] }
        guard !changed.isEmpty else { return }
        let assignments = changed.map { "\(Self.table.columns[$0]) = ?" }.joined(separator: ", ")
        try db.execute(
            cached: "UPDATE \(Self.table.name) SET \(assignments) WHERE \(Self.table.condition)",
            arguments: Arguments(changed.map { new[$0] } + new.prefix(Self.table.keys)))
    }
}
