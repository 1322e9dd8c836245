internal import GRDB
internal import GRDBSQLite
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// What the connections of a store have prepared from texts that are made once.
///
/// Each connection's statements are used only where the connection is: on its queue, inside ``using(_:_:)``. Swift can't see that, so
/// the tables stand here as addresses, each of which holds one reference.
final class PreparedStatements: Sendable {
    private struct State {
        var tables: [UInt: UInt] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())
    /// Readers come and go. What is prepared for one that is gone holds memory until then.
    private static let mostConnections = 16

    deinit { close() }

    /// Does something with a connection whose statements are found by their keys meanwhile.
    func using<Value>(_ db: Database, _ body: (Database) throws -> Value) rethrows -> Value {
        guard let connection = db.sqliteConnection, let table = table(of: connection) else { return try body(db) }
        return try StatementTable.using(table) { try body(db) }
    }

    /// Lets go of all statements: a connection can't be closed while there are some. One that is being used keeps its own until it is done.
    func close() {
        for address in state.withLock({ state in
            defer { (state.tables, state.isClosed) = ([:], true) }
            return Array(state.tables.values)
        }) {
            Self.reference(address)?.release()
        }
    }

    private func table(of connection: SQLiteConnection) -> StatementTable? {
        let address = UInt(bitPattern: connection)
        let known = state.withLock { state -> UInt? in
            if let known = state.tables[address] { return known }
            guard !state.isClosed, state.tables.count < Self.mostConnections else { return nil }
            let fresh = UInt(bitPattern: Unmanaged.passRetained(StatementTable(connection)).toOpaque())
            state.tables[address] = fresh
            return fresh
        }
        return known.flatMap(Self.reference)?.takeUnretainedValue()
    }

    private static func reference(_ address: UInt) -> Unmanaged<StatementTable>? {
        UnsafeRawPointer(bitPattern: address).map(Unmanaged.fromOpaque)
    }
}

/// What one connection has prepared, by the keys of the texts.
final class StatementTable {
    private let connection: SQLiteConnection
    private var slots: [(key: UInt, statement: Statement)?] = Array(repeating: nil, count: 256)
    private var count = 0

    init(_ connection: SQLiteConnection) {
        self.connection = connection
    }

    /// The table of a connection that is being used on this thread.
    static func current(of db: Database) -> StatementTable? {
        guard let pointer = pthread_getspecific(thread) else { return nil }
        let table = Unmanaged<StatementTable>.fromOpaque(pointer).takeUnretainedValue()
        return table.connection == db.sqliteConnection ? table : nil
    }

    static func using<Value>(_ table: StatementTable, _ body: () throws -> Value) rethrows -> Value {
        // One store may be read while another is written.
        let before = pthread_getspecific(thread)
        pthread_setspecific(thread, Unmanaged.passUnretained(table).toOpaque())
        defer {
            pthread_setspecific(thread, before)
            withExtendedLifetime(table) {}
        }
        return try body()
    }

    private static let thread: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    subscript(key: UInt) -> Statement? {
        guard let slot = slots[place(of: key)] else { return nil }
        return slot.statement
    }

    func insert(_ statement: Statement, _ key: UInt) {
        // Texts made once are some hundreds, of all stores together.
        if 2 * count >= slots.count { grow() }
        let place = place(of: key)
        if slots[place] == nil { count += 1 }
        slots[place] = (key, statement)
    }

    /// Where it stands, or would.
    private func place(of key: UInt) -> Int {
        let mask = slots.count - 1
        // Addresses of texts lie close together.
        var place = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
        while let slot = slots[place], slot.key != key { place = (place + 1) & mask }
        return place
    }

    private func grow() {
        let old = slots
        slots = Array(repeating: nil, count: 2 * old.count)
        for slot in old.compactMap(\.self) { slots[place(of: slot.key)] = slot }
    }
}
