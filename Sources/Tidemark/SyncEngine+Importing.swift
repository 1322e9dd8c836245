public import TidemarkStore

extension SyncEngine {
    /// Takes in what another database of the app's knows, all of it or nothing: for an app that had chats before it had Tidemark.
    ///
    /// Messages merge by the service's ids: what is here already stays if it is as new, a tombstone is final. Nothing of it proves
    /// that history is complete, so it stands beside gaps until a sync has read there. What was unsent is parked as `restored`:
    /// nobody knows what became of it, so it is not sent unless a person says so, and then it is looked for first; what is known by
    /// its token is left as it is. Importing twice adds nothing. Durable when it returns; nothing leaves by it.
    ///
    /// Throws `badLine` for an item that can't be taken in (a message without an id, or without place and time), then nothing was
    /// imported, and ``StoreError`` for what the disk refuses.
    @discardableResult
    public func importHistory(_ conversations: [ImportedConversation]) async throws -> ImportReport {
        try checkSignedIn()
        let report = try store.importHistory(conversations, into: account, service: service.traits.service, at: clock.now)
        wakeUp()
        return report
    }
}
