internal import GRDB
internal import Synchronization

/// The connections to the file, until they are closed.
final class StoreConnection: Sendable {
    private struct State {
        var writer: (any DatabaseWriter)?
        /// SQLite's count of changes by other connections, as it was last seen.
        var dataVersion: Int64?
    }

    private let state: Mutex<State>

    init(_ writer: any DatabaseWriter) {
        state = Mutex(State(writer: writer))
    }

    /// Hands out the connections, and says SQLite's failures as sentences.
    func using<Value>(_ body: (any DatabaseWriter) throws -> Value) throws -> Value {
        guard let writer = state.withLock({ $0.writer }) else { throw StoreError.closed }
        return try StoreError.translating { try body(writer) }
    }

    func close() throws {
        let writer = state.withLock { state in
            defer { state.writer = nil }
            return state.writer
        }
        guard let writer else { return }
        try StoreError.translating { try writer.close() }
    }

    /// Whether another connection, of this process or another, has changed the file since this was last asked.
    func hasForeignChange() throws -> Bool {
        let version = try using { writer in
            try writer.writeWithoutTransaction { db in try Int64.fetchOne(db, sql: "PRAGMA data_version") }
        }
        return state.withLock { state in
            defer { state.dataVersion = version }
            return state.dataVersion.map { $0 != version } ?? false
        }
    }
}

extension StoreError {
    static var closed: StoreError {
        StoreError(.closed, "The store was closed; open it again.")
    }
}
