internal import GRDB
internal import GRDBSQLite

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

    /// A text, to its end: GRDB reads it up to its first NUL.
    subscript(position: Int) -> String {
        get throws {
            guard let text: String? = try self[position], let text else { throw StoreError.misread }
            return text
        }
    }

    subscript(position: Int) -> String? {
        get throws {
            guard let bytes = sqlite3_column_text(statement, CInt(position)) else { return nil }
            let count = Int(sqlite3_column_bytes(statement, CInt(position)))
            return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
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
