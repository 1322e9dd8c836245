import GRDB

// Statements that each connection prepares once. To prepare one costs SQLite more than to run it here, and GRDB has its
// region computed anew each time; the store has some two hundred, so the cache has an end. None may run inside itself.

extension Database {
    func execute(cached sql: String, arguments: StatementArguments = StatementArguments()) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    /// As GRDB's `inTransaction(.immediate)`, which prepares its statements anew each time.
    func transaction<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try execute(cached: "BEGIN IMMEDIATE")
        do {
            let value = try body(self)
            try execute(cached: "COMMIT")
            return value
        } catch {
            // Some failures have ended it already.
            if isInsideTransaction { try? rollback() }
            throw error
        }
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
