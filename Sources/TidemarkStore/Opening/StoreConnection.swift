internal import Foundation
internal import GRDB
internal import Synchronization

/// The connections to the file, until they are closed.
final class StoreConnection: Sendable {
    private struct State {
        var writer: (any DatabaseWriter)?
        /// What its connections have prepared; others with each writer.
        var statements = PreparedStatements()
        /// Closed for a while.
        var isSuspended = false
        /// Set while the file is read as one that nobody writes: whatever changes it ends that.
        var watch: FileWatch?
        /// Asked for changes by others. A connection of its own: it never waits for a writer.
        var watcher: DatabaseQueue?
        /// SQLite's count of changes by other connections, as the watcher saw it last.
        var dataVersion: Int64?
        /// The same as the writer saw it in its last transaction: its own commits don't count there.
        var writerVersion: Int64?
        /// How often this process has committed, and how often when changes were last asked for.
        var commits: UInt64 = 0
        var seenCommits: UInt64 = 0
    }

    private let state: Mutex<State>
    private let reopen: (@Sendable () throws -> any DatabaseWriter)?
    private let temporaryFolder: URL?

    init(
        _ writer: any DatabaseWriter, watch: FileWatch? = nil, temporaryFolder: URL? = nil,
        reopen: (@Sendable () throws -> any DatabaseWriter)? = nil
    ) {
        state = Mutex(State(writer: writer, watch: watch))
        self.reopen = reopen
        self.temporaryFolder = temporaryFolder
    }

    deinit {
        // Before the connections: which of them goes last decides what becomes of SQLite's log.
        state.withLock { $0.statements }.close()
        if let temporaryFolder { try? FileManager.default.removeItem(at: temporaryFolder) }
    }

    /// Hands out the connections, and says SQLite's failures as sentences.
    func using<Value>(_ body: (any DatabaseWriter) throws -> Value) throws -> Value {
        try using { writer, _ in try body(writer) }
    }

    /// As ``using(_:)``, with what the connections have prepared.
    func using<Value>(_ body: (any DatabaseWriter, PreparedStatements) throws -> Value) throws -> Value {
        let (usable, statements) = state.withLock { ($0.isSuspended ? nil : $0.writer, $0.statements) }
        guard let writer = usable else { throw unusable }
        do {
            return try StoreError.translating { try body(writer, statements) }
        } catch let error as StoreError where error.code == .damaged {
            // It was closed while this waited for its turn.
            guard state.withLock({ !$0.isSuspended && $0.writer === writer }) else { throw unusable }
            throw error
        }
    }

    private var unusable: StoreError {
        state.withLock { $0.isSuspended } ? .suspended : .closed
    }

    /// As ``using(_:)``, for reading. A file that was taken for unchanging is opened anew when it changes after all, and
    /// what was read meanwhile is read again.
    func reading<Value>(_ body: (any DatabaseWriter) throws -> Value) throws -> Value {
        try reading { writer, _ in try body(writer) }
    }

    /// As ``reading(_:)``, with what the connections have prepared.
    func reading<Value>(_ body: (any DatabaseWriter, PreparedStatements) throws -> Value) throws -> Value {
        guard let watch = state.withLock({ $0.watch }), let reopen else { return try using(body) }
        if !watch.hasChanged {
            let result = Result { try using(body) }
            if !watch.hasChanged { return try result.get() }
        }
        let fresh = try StoreError.translating(reopen)
        let isTaken = state.withLock { state in
            guard state.writer != nil, state.watch != nil else { return false }
            (state.writer, state.statements) = (fresh, PreparedStatements())
            state.watch = nil
            return true
        }
        if !isTaken { try? fresh.close() }
        return try using(body)
    }

    func close() throws {
        try shut { $0.isSuspended = false }
        if let temporaryFolder { try? FileManager.default.removeItem(at: temporaryFolder) }
    }

    /// Closes all connections; transactions that are under way end first.
    private func shut(_ note: (inout State) -> Void) throws {
        let (writer, watcher, statements) = state.withLock { state in
            defer { (state.writer, state.watcher) = (nil, nil) }
            note(&state)
            return (state.writer, state.watcher, state.statements)
        }
        statements.close()
        guard let writer else { return }
        // The readers first: SQLite empties and removes its log only when the last connection to close may write.
        (writer as? DatabasePool)?.invalidateReadOnlyConnections()
        try StoreError.translating { try watcher?.close() }
        try StoreError.translating { try writer.close() }
    }

    // MARK: Suspending

    var isSuspended: Bool { state.withLock { $0.isSuspended } }

    /// False: it is so already. A connection in memory stays: it locks nothing, and what is in it would be gone.
    func suspend(keepingConnection: Bool) throws -> Bool {
        let isFirst = try state.withLock { state in
            guard state.writer != nil || state.isSuspended else { throw StoreError.closed }
            defer { state.isSuspended = true }
            return !state.isSuspended
        }
        if isFirst, !keepingConnection { try shut { $0.isSuspended = true } }
        return isFirst
    }

    /// False: it was not suspended. `open` gives the connections for those that were closed.
    func resume(_ open: () throws -> any DatabaseWriter) throws -> Bool {
        let (isSuspended, isOpen) = state.withLock { ($0.isSuspended, $0.writer != nil) }
        guard isSuspended else {
            guard isOpen else { throw StoreError.closed }
            return false
        }
        let fresh = isOpen ? nil : try StoreError.translating(open)
        let isTaken = state.withLock { state in
            guard state.isSuspended, fresh == nil || state.writer == nil else { return false }
            if let fresh { (state.writer, state.statements) = (fresh, PreparedStatements()) }
            // What others committed meanwhile is told as theirs.
            (state.isSuspended, state.writerVersion) = (false, nil)
            return true
        }
        if !isTaken { try? fresh?.close() }
        return isTaken
    }

    /// Whether the file has changed since this was last asked, in this process or another.
    func hasForeignChange() throws -> Bool {
        if let watch = state.withLock({ $0.watch }), watch.hasChanged { return true }
        let watcher = try watcher()
        let version = try StoreError.translating {
            try watcher.writeWithoutTransaction { db in try Int64.fetchOne(db, sql: "PRAGMA data_version") }
        }
        let (hasChanged, isOwn, known) = state.withLock { state in
            defer { (state.dataVersion, state.seenCommits) = (version, state.commits) }
            return (state.dataVersion.map { $0 != version } ?? false, state.commits != state.seenCommits, state.writerVersion)
        }
        guard hasChanged, isOwn, let known else { return hasChanged }
        // This process has committed too, and those changes were announced. Only the writer can tell whether they were all.
        let current = try using { writer in
            try writer.writeWithoutTransaction { db in try Int64.fetchOne(db, cached: "PRAGMA data_version") }
        }
        return current != known
    }

    /// Notes a commit of this process. False: others have committed since the one before it.
    func noteCommit(version: Int64?) -> Bool {
        state.withLock { state in
            defer { state.writerVersion = version }
            state.commits &+= 1
            return state.writerVersion.map { $0 == version } ?? true
        }
    }

    private func watcher() throws -> any DatabaseWriter {
        let (writer, watcher) = state.withLock { ($0.writer, $0.watcher) }
        guard let writer else { throw unusable }
        // A queue that only reads never waits for a writer either.
        guard let pool = writer as? DatabasePool else { return writer }
        if let watcher { return watcher }
        let fresh = try StoreError.translating {
            try DatabaseQueue(path: pool.path, configuration: MessageStore.configuration(isReadOnly: true))
        }
        let kept = state.withLock { state -> DatabaseQueue? in
            guard state.writer != nil else { return nil }
            state.watcher = state.watcher ?? fresh
            return state.watcher
        }
        guard let kept else {
            try? fresh.close()
            throw unusable
        }
        return kept
    }
}

extension StoreError {
    static var closed: StoreError {
        StoreError(.closed, "The store was closed; open it again.")
    }

    static var suspended: StoreError {
        StoreError(.suspended, "The store is suspended; resume it first.")
    }
}
