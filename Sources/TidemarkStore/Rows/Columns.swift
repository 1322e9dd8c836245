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
