internal import TidemarkModel

extension IntentRow {
    /// The request that the intent is, in a conversation (a create has none) and on the message that it is about.
    ///
    /// The one place where a stored wish becomes something to send. `nil`: the row lacks what its verb needs.
    func action(
        in conversation: RemoteConversationID? = nil, on target: RemoteMessageID? = nil
    ) throws -> Delivery.Action? {
        let body = try decodedBody
        switch verb {
        case .createConversation:
            return body.topic.map { .createConversation(topic: $0, participants: body.participants ?? []) }
        case .send:
            return both(body.message, conversation).map { .send($0, in: $1) }
        case .edit:
            guard let (target, conversation) = both(target, conversation), let text = body.text else { return nil }
            return .edit(target, text: text, metadata: body.metadata ?? [:], in: conversation)
        case .delete:
            return both(target, conversation).map { .delete($0, in: $1) }
        case .markRead:
            return both(target, conversation).map { .markRead($0, in: $1) }
        case .rename:
            return both(body.topic, conversation).map { .rename($1, topic: $0) }
        case .addParticipants:
            return both(body.participants, conversation).map { .addParticipants($0, in: $1) }
        case .removeParticipant:
            return both(body.participant, conversation).map { .removeParticipant($0, in: $1) }
        case .deleteConversation:
            return conversation.map { .deleteConversation($0) }
        case .upload:
            return both(body.file, conversation).map { .upload($0, in: $1) }
        }
    }

    private func both<One, Other>(_ one: One?, _ other: Other?) -> (One, Other)? {
        guard let one, let other else { return nil }
        return (one, other)
    }
}
