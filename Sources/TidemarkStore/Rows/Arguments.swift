internal import Foundation
internal import GRDB
internal import GRDBSQLite

/// What a statement's parameters are, by position or by name.
struct Arguments {
    private enum Kind {
        case positions([(any Bindable)?])
        case values([DatabaseValue])
        /// Values under names of their own, and the latest times of the gates under theirs.
        case names([String], [(any Bindable)?], GateTimes?)
    }

    private var kind: Kind

    init(_ values: some Sequence<DatabaseValue>) {
        kind = .values(Array(values))
    }

    init(named values: [(name: String, value: (any Bindable)?)], gates: GateTimes? = nil) {
        kind = .names(values.map(\.name), values.map(\.value), gates)
    }

    /// Adds more by position.
    mutating func append(_ value: any Bindable) {
        guard case .positions(let values) = kind else { preconditionFailure("Parameters have positions or names, not both.") }
        kind = .positions(values + [value])
    }

    /// Binds all parameters of a statement. `SQLITE_MISUSE`: they are not those that it has.
    func bind(to statement: SQLiteStatement) -> CInt {
        let count = Int(sqlite3_bind_parameter_count(statement))
        switch kind {
        case .positions(let values):
            guard values.count == count else { return SQLITE_MISUSE }
            for (index, value) in values.enumerated() {
                let code = Self.bind(value, to: statement, at: CInt(index + 1))
                guard code == SQLITE_OK else { return code }
            }
        case .values(let values):
            guard values.count == count else { return SQLITE_MISUSE }
            for (index, value) in values.enumerated() {
                let code = value.bound(to: statement, at: CInt(index + 1))
                guard code == SQLITE_OK else { return code }
            }
        case .names(let names, let values, let gates):
            for index in stride(from: 1, through: CInt(count), by: 1) {
                guard let name = sqlite3_bind_parameter_name(statement, index) else { return SQLITE_MISUSE }
                let code: CInt
                if let place = names.firstIndex(where: { strcmp(name + 1, $0) == 0 }) {
                    code = Self.bind(values[place], to: statement, at: index)
                } else if let latest = gates?.latest(named: name + 1) {
                    code = sqlite3_bind_int64(statement, index, latest)
                } else {
                    return SQLITE_MISUSE
                }
                guard code == SQLITE_OK else { return code }
            }
        }
        return SQLITE_OK
    }

    private static func bind(_ value: (any Bindable)?, to statement: SQLiteStatement, at index: CInt) -> CInt {
        value?.bound(to: statement, at: index) ?? sqlite3_bind_null(statement, index)
    }
}

extension Arguments: ExpressibleByArrayLiteral {
    init(arrayLiteral values: (any Bindable)?...) {
        kind = .positions(values)
    }
}

extension Arguments: ExpressibleByDictionaryLiteral {
    init(dictionaryLiteral values: (String, (any Bindable)?)...) {
        kind = .names(values.map(\.0), values.map(\.1), nil)
    }
}

/// What a parameter of a statement can be.
protocol Bindable {
    /// Binds a copy of it, and returns SQLite's code.
    func bound(to statement: SQLiteStatement, at index: CInt) -> CInt
}

extension Int64: Bindable {
    func bound(to statement: SQLiteStatement, at index: CInt) -> CInt { sqlite3_bind_int64(statement, index, self) }
}

extension Int: Bindable {
    func bound(to statement: SQLiteStatement, at index: CInt) -> CInt { sqlite3_bind_int64(statement, index, Int64(self)) }
}

extension Bool: Bindable {
    func bound(to statement: SQLiteStatement, at index: CInt) -> CInt { sqlite3_bind_int64(statement, index, self ? 1 : 0) }
}

extension String: Bindable {
    /// Tells SQLite to copy what it is given.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    func bound(to statement: SQLiteStatement, at index: CInt) -> CInt {
        var text = self
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                // Without an address it would be null.
                guard let address = bytes.baseAddress else { return sqlite3_bind_text(statement, index, "", 0, Self.transient) }
                return sqlite3_bind_text64(statement, index, address, UInt64(bytes.count), Self.transient, UInt8(SQLITE_UTF8))
            }
        }
    }
}

extension Data: Bindable {
    func bound(to statement: SQLiteStatement, at index: CInt) -> CInt { bind(to: statement, at: index) }
}

extension DatabaseValue: Bindable {
    func bound(to statement: SQLiteStatement, at index: CInt) -> CInt {
        switch storage {
        case .int64(let number): number.bound(to: statement, at: index)
        case .string(let text): text.bound(to: statement, at: index)
        case .null, .double, .blob: bind(to: statement, at: index)
        }
    }
}
