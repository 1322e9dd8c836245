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

    /// Has the next sync read a conversation's history on towards its beginning, also where an earlier one stopped at its limit or a
    /// prune has forgotten it: ``SyncConfiguration/historyPages`` pages at most. Durable when it returns; asked for twice is asked
    /// for once. Where the beginning is proved there is nothing to read. Throws `notFound` for an unknown conversation.
    public func readHistory(of conversation: ConversationID) throws {
        try store.askForHistory(of: conversation, scope(generation: 0, identity: nil))
        wakeUp()
    }
}
