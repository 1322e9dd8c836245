internal import GRDB
internal import GRDBSQLite

// Statements that each connection prepares once, and that run past GRDB: what it does around each run (it validates and keeps the
// arguments, looks which queue it is on, asks who observes) costs as much as SQLite does for a row that is found by its key. The
// store has no observers of GRDB's, and transactions begin and end through GRDB, which keeps their state. There are some two hundred,
// so the cache has an end. None may run inside itself.

extension Database {
    /// Runs a statement to its end. What it selects is passed over.
    func execute(cached sql: SQLText, arguments: Arguments = []) throws {
        let run = try StatementRun(sql, arguments, self)
        defer { run.end() }
        while try run.step() {}
    }

    /// The statement of a text, prepared when it is run for the first time.
    fileprivate func prepared(_ sql: SQLText) throws -> Statement {
        guard let key = sql.key, let table = StatementTable.current(of: self) else { return try cachedStatement(sql: sql.text) }
        if let known = table[key] { return known }
        let statement = try cachedStatement(sql: sql.text)
        table.insert(statement, key)
        return statement
    }

    /// As GRDB's `inTransaction(.immediate)`, which prepares its statements anew each time.
    func transaction<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try cachedStatement(sql: "BEGIN IMMEDIATE").execute()
        do {
            let value = try body(self)
            try cachedStatement(sql: "COMMIT").execute()
            return value
        } catch {
            // Some failures have ended it already.
            if isInsideTransaction { try? rollback() }
            throw error
        }
    }

    /// The rows of a statement, or the first of them. For few rows SQLite sorts faster without a `LIMIT`, for which it keeps a table.
    func all<Element>(
        _ sql: SQLText, _ arguments: Arguments, atMost limit: Int = .max, _ read: (Columns) throws -> Element
    ) throws -> [Element] {
        let run = try StatementRun(sql, arguments, self)
        defer { run.end() }
        var elements: [Element] = []
        while elements.count < limit, try run.step() { elements.append(try read(run.columns)) }
        return elements
    }

    /// The first row of a statement.
    func first<Element>(_ sql: SQLText, _ arguments: Arguments, _ read: (Columns) throws -> Element) throws -> Element? {
        let run = try StatementRun(sql, arguments, self)
        defer { run.end() }
        return try run.step() ? try read(run.columns) : nil
    }

    /// The rows of a statement, one after the other.
    func rows<Element>(
        _ sql: SQLText, _ arguments: Arguments, _ read: @escaping (Columns) throws -> Element
    ) throws -> ColumnCursor<Element> {
        ColumnCursor(try StatementRun(sql, arguments, self), read)
    }
}

/// One run of a prepared statement. It has to be ended: until then it keeps its view of the store.
struct StatementRun {
    private let statement: Statement
    private let pointer: SQLiteStatement
    private let db: Database

    init(_ sql: SQLText, _ arguments: Arguments, _ db: Database) throws {
        statement = try db.prepared(sql)
        pointer = statement.sqliteStatement
        self.db = db
        let code = arguments.bind(to: pointer)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    var columns: Columns { Columns(statement: pointer) }

    /// Whether there is another row.
    func step() throws -> Bool {
        switch sqlite3_step(pointer) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw failure(code)
        }
    }

    func end() {
        // It repeats the failure that the last step told.
        _ = sqlite3_reset(pointer)
    }

    private func failure(_ code: CInt) -> DatabaseError {
        DatabaseError(resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage, sql: statement.sql)
    }
}

/// The rows of a statement, one after the other.
final class ColumnCursor<Element> {
    private let run: StatementRun
    private let read: (Columns) throws -> Element
    private var isDone = false

    fileprivate init(_ run: StatementRun, _ read: @escaping (Columns) throws -> Element) {
        self.run = run
        self.read = read
    }

    deinit { run.end() }

    func next() throws -> Element? {
        // SQLite would begin anew.
        guard !isDone else { return nil }
        guard try run.step() else {
            isDone = true
            return nil
        }
        return try read(run.columns)
    }
}

// MARK: - Values

extension ColumnValue {
    /// The first column of the first row; `nil`: there is no row, or it holds nothing.
    static func fetchOne(_ db: Database, cached sql: SQLText, arguments: Arguments = []) throws -> Self? {
        try db.first(sql, arguments) { try $0[0] as Self? } ?? nil
    }

    /// The first column of each row.
    static func fetchAll(_ db: Database, cached sql: SQLText, arguments: Arguments = []) throws -> [Self] {
        try db.all(sql, arguments) { try $0[0] }
    }
}
