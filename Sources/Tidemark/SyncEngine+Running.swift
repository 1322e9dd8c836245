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
    /// While another process syncs the same account it waits for its turn; views and writes go on. Throws `alreadyRunning`
    /// if this engine runs already, and ``StoreError`` for what the disk refuses; failures of the service and the network
    /// are not thrown but waited out.
    public func run() async throws {
        try await run(.everything)
    }

    /// The same for a part of the account. With ``SyncScope/since`` what was created since then is read first, and then what is new.
    ///
    /// Throws `notFound` for a conversation that this account does not have, and `invalidArgument` for too many of them, beside what
    /// ``run()`` throws.
    public func run(_ part: SyncScope) async throws {
        #if Lifecycle
        try await cancelWhenGracefulShutdown {
            _ = try await self.exclusively { try await self.loop(part, until: nil, stays: true) }
        }
        #else
        _ = try await exclusively { try await self.loop(part, until: nil, stays: true) }
        #endif
    }

    /// Sends what is due and fetches what is new, once.
    ///
    /// With a deadline it waits for what falls due inside it (backoff, what the service asked for, quarantine) and says
    /// in the report if something is left; without one it does what can be done now. Throws `leaseHeld` when another
    /// process syncs this account, `alreadyRunning`, and ``StoreError``.
    ///
    /// A `part` of the account leaves the rest as it is, and the report is about that part. Throws `notFound` for a conversation that
    /// this account does not have, and `invalidArgument` for more than ``SyncScope/maximumConversations``.
    public func syncOnce(_ part: SyncScope = .everything, deadline: Duration? = nil) async throws -> SyncReport {
        try await exclusively { try await self.loop(part, until: deadline ?? .zero, stays: false) }
    }

    private func exclusively<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let isFirst = state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard isFirst else {
            throw StoreError(.alreadyRunning, "This engine is running already; stop it before starting it again.")
        }
        defer {
            state.withLock { $0.isRunning = false }
            statuses.send(.stopped)
        }
        return try await body()
    }

    @discardableResult
    private func loop(_ part: SyncScope, until deadline: Duration?, stays: Bool) async throws -> SyncReport {
        try check(part)
        let lease = try await takeLease(waits: stays)
        var loop = SyncLoop(
            engine: self, lease: lease, part: part, stays: stays, deadline: deadline.map { clock.now + $0 })
        do {
            let report = try await loop.run()
            try? store.release(lease)
            return report
        } catch {
            try? store.release(lease)
            throw error
        }
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

    private func takeLease(waits: Bool) async throws -> Lease {
        while true {
            let moment = clock.moment
            if let lease = try store.acquireLease(
                account: account.id, holder: holder, moment: moment, duration: configuration.leaseDuration)
            {
                return lease
            }
            guard waits else {
                throw leaseHeld(by: try store.leaseHolder(account: account.id, moment: moment))
            }
            try await clock.sleep(until: moment.now + configuration.leaseDuration / 3)
        }
    }

    /// Who has it, until when, and what to do.
    private func leaseHeld(by lease: Lease?) -> StoreError {
        guard let lease else {
            return StoreError(.leaseHeld, "Another process has just finished syncing account \(account.name); sync again.")
        }
        let clock = lease.expiresAt.rfc3339.dropFirst("2026-01-01T".count).prefix("00:00:00".count)
        return StoreError(
            .leaseHeld,
            "Account \(account.name) is being synced by \(LeaseHolder.name(of: lease.holder)), which holds it until \(clock) UTC and "
                + "longer while it works. Wait for it or stop it, then sync again.")
    }
}
