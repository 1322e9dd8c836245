internal import TidemarkModel
internal import TidemarkStore

/// Conversations whose history the service refuses.
extension Reconciler {
    /// Only the conversation's own answer says that it is gone. Nothing of it is deleted here; a repair marks it. Returns what the
    /// service showed of it, for a plan.
    mutating func refused(
        _ conversation: ConversationID, _ remote: RemoteConversationID, _ error: ServiceError
    ) async throws -> String {
        var finding = Reconciliation.Finding(
            kind: .vanished, conversation: conversation, remoteConversation: remote,
            reason: "The service does not have this conversation any more, or not for this user.")
        do {
            let page = try await read(PageRequest(.conversation(remote), identity: scope.identity))
            guard case .conversations(let listed) = page.items, let one = listed.first(where: { $0.id == remote }),
                one.deletedAt != nil
            else { throw error }
            finding.reason = "The conversation is deleted at the service."
            if repairs { _ = try engine.store.apply(.conversation(one), scope, engine.clock.moment) }
        } catch let refusal as ServiceError where [.notFound, .forbidden].contains(refusal.code) {
            // It is in the conversation and may not look: that is no news of the conversation.
            guard error.code == .notFound || refusal.code == error.code else { throw error }
            if repairs { try mark(conversation, refusal) }
        }
        result.conversations += 1
        if try isMarked(conversation) {
            finding.isRepaired = true
            // Where the store said so before, both agree.
            guard repairs else { return "gone" }
        }
        result.add(finding)
        return "gone"
    }

    /// As a sync does that is refused: the store decides whether the conversation is too young to be known everywhere (R8).
    private func mark(_ conversation: ConversationID, _ error: ServiceError) throws {
        let moment = engine.clock.moment
        guard let read = try engine.store.planDetails(of: conversation, scope, moment) else { return }
        var generator = SystemRandomNumberGenerator()
        _ = try engine.store.fail(error, of: read, scope, moment, using: &generator)
    }

    private func isMarked(_ conversation: ConversationID) throws -> Bool {
        let view = try engine.account.conversation(conversation).get()
        return view.membership != .member || view.deletedAt != nil
    }
}
