internal import Logging
internal import Synchronization
public import TidemarkModel
internal import TidemarkStore

extension SyncEngine {
    /// How many conversations it is remembered of when the others were last told.
    private static let rememberedConversations = 1_000

    /// Tells the others in a conversation that the user is writing. Call it at each key: it leaves at most once in
    /// ``SyncConfiguration/typingInterval`` (8 s).
    ///
    /// Nothing of it is stored or tried again: offline, in a conversation that the service has not made yet, or on a service
    /// without it (``ServiceTraits/typing``) it is dropped. True if the service took it. Throws ``StoreError``, and
    /// `CancellationError` when its task is cancelled.
    @discardableResult
    public func typing(in conversation: ConversationID) async throws -> Bool {
        try checkSignedIn()
        guard let remote = try account.conversation(conversation).get().remoteID, service.traits.typing else { return false }
        let now = clock.monotonic
        let isDue = state.withLock { state in
            if let last = state.typingAt[conversation], now - last < configuration.typingInterval.milliseconds { return false }
            if state.typingAt.count >= Self.rememberedConversations { state.typingAt = [:] }
            state.typingAt[conversation] = now
            return true
        }
        guard isDue else { return false }
        do throws(ServiceError) {
            try await service.sendTyping(in: remote)
            return true
        } catch {
            logger.debug("nobody was told of the writing", metadata: ["code": "\(error.code.rawValue)"])
        }
        try Task.checkCancellation()
        return false
    }

    /// Who of the others is writing in a conversation: now, and again whenever that changes, sorted by their ids.
    ///
    /// Somebody counts until their message comes, or for ``SyncConfiguration/typingLasts`` (10 s) after they were last told of. It
    /// lives in memory: an engine that does not run, and a service that pushes nothing, tell of nobody. A slow consumer gets the
    /// newest state. Cancelling its task ends it. Throws ``StoreError``; `notAllowed` for a conversation that the service has not
    /// made yet.
    public func typing(of conversation: ConversationID) throws -> TypingUpdates {
        guard let remote = try account.conversation(conversation).get().remoteID else {
            throw StoreError(
                .notAllowed, "Nobody can be writing in \(conversation) yet: the service has not made it; sync first.")
        }
        let own = try store.account(named: account.name).identities
        return TypingUpdates(engine: self, conversation: remote, own: Set(own))
    }
}
