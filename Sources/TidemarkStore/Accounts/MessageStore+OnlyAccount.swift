public import TidemarkModel

/// Reads of a store with exactly one account. Each throws `ambiguous` if there are several: start at ``account(_:)`` then.
extension MessageStore {
    public func conversations(includingDeleted: Bool = false) throws -> LiveView<[ConversationView]> {
        try account().conversations(includingDeleted: includingDeleted)
    }

    public func conversation(_ id: ConversationID) throws -> LiveView<ConversationView> {
        try account().conversation(id)
    }

    public func timeline(of conversation: ConversationID, limit: Int = 50, before: MessageID? = nil) throws
        -> LiveView<Timeline>
    {
        try account().timeline(of: conversation, limit: limit, before: before)
    }

    public func message(_ id: MessageID) throws -> LiveView<MessageView> {
        try account().message(id)
    }

    public func outbox(in conversation: ConversationID? = nil) throws -> LiveView<[OutboxEntry]> {
        try account().outbox(in: conversation)
    }

    public func participants(of conversation: ConversationID) throws -> LiveView<[ParticipantView]> {
        try account().participants(of: conversation)
    }

    public func receipts(of conversation: ConversationID) throws -> LiveView<[ReceiptView]> {
        try account().receipts(of: conversation)
    }
}
