internal import TidemarkStore

extension SyncEngine {
    /// Has the next sync read the newest page of every conversation, also of those that the service does not list as changed.
    ///
    /// A service's list may show new messages only: an edit or a deletion by somebody else is then found by a push, by this, or when
    /// ``SyncConfiguration/topInterval`` is over. It costs a request per conversation. Durable when it returns; throws
    /// ``StoreError``.
    public func refresh() throws {
        try store.askForWalks(scope(generation: 0, identity: nil), clock.moment)
        wakeUp()
    }
}
