internal import Foundation
internal import GRDB
internal import GRDBSQLite

/// What a statement's current row holds, by the positions of its columns.
///
/// GRDB's rows look columns up by name, and collect the names anew each time a statement runs: for a table of fifty columns that
/// costs more than the query. They also end a text at its first NUL, and what somebody wrote behind it would be gone.
struct Columns {
    let statement: SQLiteStatement

    subscript<Value: ColumnValue>(position: Int) -> Value {
        get throws {
            guard let value = Value.read(statement, at: CInt(position)) else { throw StoreError.misread }
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

    /// What the statement calls its columns.
    var names: [String] {
        (0..<sqlite3_column_count(statement)).map { sqlite3_column_name(statement, $0).map { String(cString: $0) } ?? "" }
    }
}

/// What a column of a statement can be read as.
protocol ColumnValue {
    /// `nil`: the column holds nothing of the kind.
    static func read(_ statement: SQLiteStatement, at index: CInt) -> Self?
}

extension Int64: ColumnValue {
    static func read(_ statement: SQLiteStatement, at index: CInt) -> Int64? {
        sqlite3_column_type(statement, index) == SQLITE_NULL ? nil : sqlite3_column_int64(statement, index)
    }
}

extension Int: ColumnValue {
    static func read(_ statement: SQLiteStatement, at index: CInt) -> Int? {
        Int64.read(statement, at: index).flatMap(Int.init(exactly:))
    }
}

extension Bool: ColumnValue {
    static func read(_ statement: SQLiteStatement, at index: CInt) -> Bool? {
        Int64.read(statement, at: index).map { $0 != 0 }
    }
}

extension Double: ColumnValue {
    static func read(_ statement: SQLiteStatement, at index: CInt) -> Double? {
        sqlite3_column_type(statement, index) == SQLITE_NULL ? nil : sqlite3_column_double(statement, index)
    }
}

extension String: ColumnValue {
    /// All of it: SQLite knows how long a text is, and a NUL in it is a sign like others.
    static func read(_ statement: SQLiteStatement, at index: CInt) -> String? {
        // First the text, then how long it is: a number becomes a text in between.
        guard let text = sqlite3_column_text(statement, index) else { return nil }
        let bytes = UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(statement, index)))
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Data: ColumnValue {
    static func read(_ statement: SQLiteStatement, at index: CInt) -> Data? {
        guard sqlite3_column_type(statement, index) != SQLITE_NULL else { return nil }
        // SQLite has no address for no bytes.
        guard let bytes = sqlite3_column_blob(statement, index) else { return Data() }
        return Data(bytes: bytes, count: Int(sqlite3_column_bytes(statement, index)))
    }
}

extension Optional: ColumnValue where Wrapped: ColumnValue {
    static func read(_ statement: SQLiteStatement, at index: CInt) -> Wrapped?? {
        .some(Wrapped.read(statement, at: index))
    }
}

extension StoreError {
    fileprivate static var misread: StoreError {
        StoreError(
            .damaged, "The store holds a value that this build does not know; keep a copy and use the build that wrote it.")
    }
}
