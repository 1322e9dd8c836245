internal import GRDB

/// What a statement's current row holds, by the positions of its columns.
///
/// GRDB's rows look columns up by name, and collect the names anew each time a statement runs: for a table of fifty columns that
/// costs more than the query.
struct Columns {
    let statement: SQLiteStatement

    subscript<Value: StatementColumnConvertible>(position: Int) -> Value {
        get throws {
            guard let value = Value.fromStatement(statement, atUncheckedIndex: CInt(position)) else { throw StoreError.misread }
            return value
        }
    }

    subscript<Word: RawRepresentable<String>>(word position: Int) -> Word {
        get throws {
            let text: String = try self[position]
            guard let word = Word(rawValue: text) else { throw StoreError.misread }
            return word
        }
    }
}

extension StoreError {
    fileprivate static var misread: StoreError {
        StoreError(
            .damaged, "The store holds a value that this build does not know; keep a copy and use the build that wrote it.")
    }
}

/// The rows of a statement, one after the other.
final class ColumnCursor<Element>: DatabaseCursor {
    let _statement: Statement
    var _isDone = false
    private let read: (Columns) throws -> Element

    init(_ statement: Statement, _ arguments: StatementArguments, _ read: @escaping (Columns) throws -> Element) throws {
        _statement = statement
        self.read = read
        try statement.setArguments(arguments)
    }

    deinit {
        // What was not read to its end would go on reading, and hold its view of the store. To set arguments ends that.
        if !_isDone { try? _statement.setArguments(_statement.arguments) }
    }

    func _element(sqliteStatement: SQLiteStatement) throws -> Element {
        try read(Columns(statement: sqliteStatement))
    }
}

extension Database {
    /// All rows of a statement that the connection prepares once.
    func all<Element>(
        _ sql: String, _ arguments: StatementArguments, _ read: @escaping (Columns) throws -> Element
    ) throws -> [Element] {
        try Array(rows(sql, arguments, read))
    }

    /// The rows of a statement that the connection prepares once, one after the other.
    func rows<Element>(
        _ sql: String, _ arguments: StatementArguments, _ read: @escaping (Columns) throws -> Element
    ) throws -> ColumnCursor<Element> {
        try ColumnCursor(cachedStatement(sql: sql), arguments, read)
    }

    /// The first row of a statement that the connection prepares once.
    func first<Element>(
        _ sql: String, _ arguments: StatementArguments, _ read: @escaping (Columns) throws -> Element
    ) throws -> Element? {
        try rows(sql, arguments, read).next()
    }
}
