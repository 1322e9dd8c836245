import GRDB

// Statements that each connection prepares once. To prepare one costs SQLite more than to run it here, and GRDB has its
// region computed anew each time; the store has some two hundred, so the cache has an end. None may run inside itself.

extension Database {
    func execute(cached sql: String, arguments: StatementArguments = StatementArguments()) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}

extension FetchableRecord {
    static func fetchAll(
        _ db: Database, cached sql: String, arguments: StatementArguments = StatementArguments()
    ) throws -> [Self] {
        try fetchAll(db.cachedStatement(sql: sql), arguments: arguments)
    }

    static func fetchOne(
        _ db: Database, cached sql: String, arguments: StatementArguments = StatementArguments()
    ) throws -> Self? {
        try fetchOne(db.cachedStatement(sql: sql), arguments: arguments)
    }

    static func fetchCursor(
        _ db: Database, cached sql: String, arguments: StatementArguments = StatementArguments()
    ) throws -> RecordCursor<Self> {
        try fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
    }
}

extension FetchableRecord where Self: TableRecord {
    /// The row of a table with a primary key `id`.
    static func fetchOne(_ db: Database, id: Int64?) throws -> Self? {
        guard let id else { return nil }
        return try fetchOne(db, where: "id = ?", arguments: [id])
    }

    static func fetchOne(_ db: Database, where condition: String, arguments: StatementArguments) throws -> Self? {
        try fetchOne(db, cached: "SELECT * FROM \(databaseTableName) WHERE \(condition)", arguments: arguments)
    }

    static func fetchAll(_ db: Database, where condition: String, arguments: StatementArguments) throws -> [Self] {
        try fetchAll(db, cached: "SELECT * FROM \(databaseTableName) WHERE \(condition)", arguments: arguments)
    }

    static func exists(_ db: Database, where condition: String, arguments: StatementArguments) throws -> Bool {
        let sql = "SELECT EXISTS (SELECT 1 FROM \(databaseTableName) WHERE \(condition))"
        return try Bool.fetchOne(db, cached: sql, arguments: arguments) ?? false
    }
}

extension Row {
    static func fetchAll(
        _ db: Database, cached sql: String, arguments: StatementArguments = StatementArguments()
    ) throws -> [Row] {
        try fetchAll(db.cachedStatement(sql: sql), arguments: arguments)
    }

    static func fetchOne(
        _ db: Database, cached sql: String, arguments: StatementArguments = StatementArguments()
    ) throws -> Row? {
        try fetchOne(db.cachedStatement(sql: sql), arguments: arguments)
    }

    static func fetchCursor(
        _ db: Database, cached sql: String, arguments: StatementArguments = StatementArguments()
    ) throws -> RowCursor {
        try fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
    }
}

extension DatabaseValueConvertible where Self: StatementColumnConvertible {
    static func fetchAll(
        _ db: Database, cached sql: String, arguments: StatementArguments = StatementArguments()
    ) throws -> [Self] {
        try fetchAll(db.cachedStatement(sql: sql), arguments: arguments)
    }

    static func fetchOne(
        _ db: Database, cached sql: String, arguments: StatementArguments = StatementArguments()
    ) throws -> Self? {
        try fetchOne(db.cachedStatement(sql: sql), arguments: arguments)
    }
}
