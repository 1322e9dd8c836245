public import TidemarkModel
internal import TidemarkStore

extension SyncEngine {
    /// Reads a conversation's history again and compares it with the store, without changing anything: the store may be open for
    /// reading only.
    ///
    /// `since` bounds the comparison to what was created at that time or later. What the listing does not show is asked for by its
    /// id before it counts as extra, because listings are live. Who is in it and how far they have read is compared where the service
    /// lists it. A conversation that the service does not have any more is a finding, and nothing else of it. Throws ``StoreError``,
    /// `noHistory` on a service that keeps none, and `ServiceError` when the service keeps failing; cancelling loses nothing.
    public func compare(_ conversation: ConversationID, since: Timestamp? = nil) async throws -> Reconciliation {
        try await reconciling(since: since, repairs: false) { try await $0.reconcile(conversation) }.found
    }

    /// Compares every conversation, and the list of conversations itself, without changing anything.
    public func compareAll(since: Timestamp? = nil) async throws -> Reconciliation {
        try await reconciling(since: since, repairs: false) { try await $0.reconcileAll() }.found
    }

    /// Compares as ``compare(_:since:)`` and merges what was read into the store, page by page.
    ///
    /// Missing and stale messages are then right and the history since `since` is proved. A message that the service denies by its
    /// id is taken for deleted there, unless it is younger than the settle window. Of a conversation that is gone nothing is deleted: it
    /// is marked as left. Unsent work is untouched, cursors don't move,
    /// and a sync may run at the same time. What was merged before a failure or a cancellation stays.
    public func reconcile(_ conversation: ConversationID, since: Timestamp? = nil) async throws -> Reconciliation {
        try await reconciling(since: since, repairs: true) { try await $0.reconcile(conversation) }.found
    }

    /// Repairs every conversation, and adds those that the store does not have.
    public func reconcileAll(since: Timestamp? = nil) async throws -> Reconciliation {
        try await reconciling(since: since, repairs: true) { try await $0.reconcileAll() }.found
    }

    /// What ``reconcile(_:since:)`` would repair, as a value. Changes nothing; order, errors and cancellation as of
    /// ``compare(_:since:)``.
    public func plan(_ conversation: ConversationID, since: Timestamp? = nil) async throws -> ReconcilePlan {
        try await planning(conversation, since: since)
    }

    /// What ``reconcileAll(since:)`` would repair, as a value. Changes nothing.
    public func planAll(since: Timestamp? = nil) async throws -> ReconcilePlan {
        try await planning(nil, since: since)
    }

    private func planning(_ conversation: ConversationID?, since: Timestamp?) async throws -> ReconcilePlan {
        let madeAt = clock.now
        let (found, bases) = try await reconciling(since: since, repairs: false) { reconciler in
            if let conversation { try await reconciler.reconcile(conversation) } else { try await reconciler.reconcileAll() }
        }
        return ReconcilePlan(
            format: ReconcilePlan.format, account: account.name, service: service.traits.service, madeAt: madeAt, since: since,
            conversation: conversation, bases: bases, found: found)
    }

    /// Repairs what a plan found, if nothing has moved since it was made.
    ///
    /// First the store is looked at, then the service is read again: what either shows has to be what it was, else `planOutdated`
    /// is thrown and nothing was changed. Then it repairs as ``reconcile(_:since:)`` does, with the same promises. Unsent work
    /// may have come meanwhile; it is untouched. Throws ``StoreError``, `notAllowed` for a plan of another account, service or form.
    public func apply(_ plan: ReconcilePlan) async throws -> Reconciliation {
        guard plan.format == ReconcilePlan.format, plan.account == account.name, plan.service == service.traits.service else {
            throw StoreError(
                .notAllowed, "The plan was made for another account, service or version; nothing was changed. Compare again.")
        }
        for basis in plan.bases where try Reconciler.digest(of: basis.conversation, in: store) != basis.here {
            throw StoreError(
                .planOutdated,
                "The store has changed in \(basis.conversation) since the plan was made; nothing was changed. Compare again.")
        }
        let now = try await planning(plan.conversation, since: plan.since)
        guard now.bases == plan.bases, now.found.findings == plan.found.findings else {
            throw StoreError(
                .planOutdated, "The service has changed since the plan was made; nothing was changed. Compare again.")
        }
        guard !plan.isEmpty else { return now.found }
        guard let conversation = plan.conversation else { return try await reconcileAll(since: plan.since) }
        return try await reconcile(conversation, since: plan.since)
    }

    private func reconciling(
        since: Timestamp?, repairs: Bool, _ body: (inout Reconciler) async throws -> Void
    ) async throws -> (found: Reconciliation, bases: [ReconcilePlan.Basis]) {
        guard service.traits.history != .none else {
            throw StoreError(
                .noHistory,
                "\(service.traits.service) keeps no history to compare with. What was not received is a gap and stays one.")
        }
        let known = try store.account(named: account.name).identities
        let identity = try await service.identity()
        if let identity, !known.isEmpty, !known.contains(identity), !service.traits.identityChanges {
            throw ServiceError(.wrongIdentity, certainty: .notApplied, scope: .account)
        }
        var reconciler = Reconciler(
            engine: self, scope: scope(generation: 0, identity: identity), since: since, repairs: repairs)
        try await body(&reconciler)
        return (reconciler.result, reconciler.bases)
    }
}
