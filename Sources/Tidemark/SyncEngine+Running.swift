#if Lifecycle
internal import ServiceLifecycle
#endif
internal import Synchronization
internal import TidemarkModel
internal import TidemarkStore

extension SyncEngine {
    /// Keeps the store and the service in agreement until its task is cancelled. The caller owns it: cancel = stop, and
    /// nothing is lost by it.
    ///
    /// While another process syncs the same account it waits for its turn; views and writes go on. Once its task is cancelled
    /// it returns as soon as the requests under way are cut off and what is certain of them is written down. Throws
    /// `alreadyRunning` if this engine runs already, `leaseHeld` if another process took the account over, and ``StoreError``
    /// for what the disk refuses; failures of the service and the network are not thrown but waited out. While the store is
    /// suspended it does nothing, and begins anew when it is resumed.
    public func run() async throws {
        try await run(.everything)
    }

    /// The same for a part of the account. With ``SyncScope/since`` what was created since then is read first, and then what is new.
    ///
    /// Throws `notFound` for a conversation that this account does not have, and `invalidArgument` for too many of them, beside what
    /// ``run()`` throws.
    public func run(_ part: SyncScope) async throws {
        #if Lifecycle
        try await cancelWhenGracefulShutdown { try await self.exclusively { try await self.stay(part) } }
        #else
        try await exclusively { try await stay(part) }
        #endif
    }

    /// A store that is suspended ends a loop as a kill would, and the next one begins with what is in the store.
    private func stay(_ part: SyncScope) async throws {
        while !Task.isCancelled {
            do {
                _ = try await loop(part, until: nil, stays: true)
                return
            } catch let error as StoreError where error.code == .suspended {
                statuses.send(.stopped)
                await store.waitForResumption()
                // What came too late is no answer to the next one.
                _ = mailbox.takeAll()
            }
        }
    }

    /// Sends what is due and fetches what is new, once.
    ///
    /// With a deadline it waits for what falls due inside it (backoff, what the service asked for, quarantine) and says
    /// in the report if something is left; without one it does what can be done now. Throws `leaseHeld` when another
    /// process syncs this account, `alreadyRunning`, ``StoreError``, and `CancellationError` when its task is cancelled before
    /// it is done: what it did until then is kept, and the requests under way are written down with what is certain of them.
    ///
    /// A `part` of the account leaves the rest as it is, and the report is about that part. Throws `notFound` for a conversation that
    /// this account does not have, and `invalidArgument` for more than ``SyncScope/maximumConversations``.
    public func syncOnce(_ part: SyncScope = .everything, deadline: Duration? = nil) async throws -> SyncReport {
        try await exclusively { try await self.loop(part, until: deadline ?? .zero, stays: false) }
    }

    private func exclusively<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let isFirst = state.withLock { state in
            guard !state.isSignedOut else { return false }
            defer { state.isRunning = true }
            // What an earlier run was told too late is no answer to this one.
            if !state.isRunning { _ = mailbox.takeAll() }
            return !state.isRunning
        }
        try checkSignedIn()
        guard isFirst else {
            throw StoreError(.alreadyRunning, "This engine is running already; stop it before starting it again.")
        }
        defer {
            let waiting = state.withLock { state in
                defer { (state.isRunning, state.awaitingEnd) = (false, []) }
                return state.awaitingEnd
            }
            statuses.send(.stopped)
            for continuation in waiting { continuation.resume() }
        }
        return try await body()
    }

    private func loop(_ part: SyncScope, until deadline: Duration?, stays: Bool) async throws -> SyncReport {
        try check(part)
        var loop = SyncLoop(engine: self, part: part, stays: stays, deadline: deadline.map { clock.now + $0 })
        return try await loop.run()
    }

    private func check(_ part: SyncScope) throws {
        let conversations = part.conversations ?? []
        guard conversations.count <= SyncScope.maximumConversations else {
            throw StoreError(
                .invalidArgument,
                "At most \(SyncScope.maximumConversations) conversations can be named for a sync; sync everything.")
        }
        for conversation in conversations.sorted() { _ = try account.conversation(conversation).get() }
    }
}
