public import TidemarkModel
internal import TidemarkStore

extension SyncEngine {
    /// Reads a conversation's history again and compares it with the store, without changing anything: the store may be open for
    /// reading only.
    ///
    /// `since` bounds the comparison to what was created at that time or later. What the listing does not show is asked for by its
    /// id before it counts as extra, because listings are live. Throws ``StoreError``, and `ServiceError` when the service keeps
    /// failing; cancelling loses nothing.
    public func compare(_ conversation: ConversationID, since: Timestamp? = nil) async throws -> Reconciliation {
        try await reconciling(since: since, repairs: false) { try await $0.reconcile(conversation) }
    }

    /// Compares every conversation, and the list of conversations itself, without changing anything.
    public func compareAll(since: Timestamp? = nil) async throws -> Reconciliation {
        try await reconciling(since: since, repairs: false) { try await $0.reconcileAll() }
    }

    /// Compares as ``compare(_:since:)`` and merges what was read into the store, page by page.
    ///
    /// Missing and stale messages are then right and the history since `since` is proved. A message that the service denies by its
    /// id is taken for deleted there, unless it is younger than the settle window. Unsent work is untouched, cursors don't move,
    /// and a sync may run at the same time. What was merged before a failure or a cancellation stays.
    public func reconcile(_ conversation: ConversationID, since: Timestamp? = nil) async throws -> Reconciliation {
        try await reconciling(since: since, repairs: true) { try await $0.reconcile(conversation) }
    }

    /// Repairs every conversation, and adds those that the store does not have.
    public func reconcileAll(since: Timestamp? = nil) async throws -> Reconciliation {
        try await reconciling(since: since, repairs: true) { try await $0.reconcileAll() }
    }

    private func reconciling(
        since: Timestamp?, repairs: Bool, _ body: (inout Reconciler) async throws -> Void
    ) async throws -> Reconciliation {
        let known = try store.account(named: account.name).identities
        let identity = try await service.identity()
        if let identity, !known.isEmpty, !known.contains(identity), !service.traits.identityChanges {
            throw ServiceError(.wrongIdentity, certainty: .notApplied, scope: .account)
        }
        var reconciler = Reconciler(
            engine: self, scope: scope(generation: 0, identity: identity), since: since, repairs: repairs)
        try await body(&reconciler)
        return reconciler.result
    }
}
