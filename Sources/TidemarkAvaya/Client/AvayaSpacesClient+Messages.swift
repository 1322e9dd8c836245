public import TidemarkModel

extension AvayaSpacesClient {
    /// A space's messages before or after a moment. A guest may see none (wire page §0).
    public func messages(
        in space: RemoteConversationID, _ query: AvayaMessagesQuery = AvayaMessagesQuery()
    ) -> PagedItems<AvayaMessage> {
        messages(.listMessages(space, query))
    }

    /// A space's messages of all categories, newest first: an undocumented call of the service's own clients.
    public func messagesByReference(
        in space: RemoteConversationID, _ query: AvayaReferenceQuery = AvayaReferenceQuery(size: 30)
    ) -> PagedItems<AvayaMessage> {
        messages(.listByReference(space, query))
    }

    /// What was sent, changed and, on request, deleted since a moment, in 1 to 15 spaces. In which order is not established:
    /// read it to its end, and read it again with an overlap of some seconds.
    public func changes(_ query: AvayaChangesQuery) -> PagedItems<AvayaMessage> {
        messages(.listChanges(query))
    }

    public func message(
        _ id: RemoteMessageID, in space: RemoteConversationID? = nil
    ) async throws(ServiceError) -> AvayaMessage {
        try await message(.message(id, in: space))
    }

    /// Sends a chat message. Every call sends another one: nothing about it repeats safely.
    public func send(
        _ message: AvayaOutgoingMessage, to space: RemoteConversationID
    ) async throws(ServiceError) -> AvayaMessage {
        try await self.message(.send(message, to: space))
    }

    /// Sends a plain text as a chat message: what a reader sees is this text, `<` and `&` too.
    public func send(_ text: String, to space: RemoteConversationID) async throws(ServiceError) -> AvayaMessage {
        try await send(AvayaOutgoingMessage(body: AvayaBody.encoded(text: text)), to: space)
    }

    /// Changes a message. With `base`, the time of the change that this one is made on, the service can refuse it (400,
    /// `.invalid`) if the message has changed meanwhile.
    public func edit(
        _ id: RemoteMessageID, body: String, details: String? = nil, base: Timestamp? = nil,
        in space: RemoteConversationID? = nil
    ) async throws(ServiceError) {
        try await acknowledged(.edit(id, body: body, details: details, base: base, in: space))
    }

    /// Deletes messages, at most 100 in one call (`.invalid` for more), and tells what became of each. A repeat finds nothing.
    public func delete(
        _ ids: [RemoteMessageID], in space: RemoteConversationID? = nil
    ) async throws(ServiceError) -> AvayaDeleteResult {
        let operation = AvayaOperation.delete(ids, in: space)
        return try exchange.wire.deletion(try await exchange.send(operation), of: operation)
    }

    // MARK: Posts and tasks

    public func posts(
        in space: RemoteConversationID, _ query: AvayaReferenceQuery = AvayaReferenceQuery()
    ) -> PagedItems<AvayaMessage> {
        messages(.listPosts(.idea, space, query))
    }

    public func tasks(
        in space: RemoteConversationID, _ query: AvayaReferenceQuery = AvayaReferenceQuery()
    ) -> PagedItems<AvayaMessage> {
        messages(.listPosts(.task, space, query))
    }

    /// Makes a post. `notify`: whether its members are told.
    public func createPost(
        _ message: AvayaOutgoingMessage, in space: RemoteConversationID, notify: Bool? = nil
    ) async throws(ServiceError) -> AvayaMessage {
        try await self.message(.post(message, .idea, notify: notify, to: space))
    }

    public func createTask(
        _ message: AvayaOutgoingMessage, in space: RemoteConversationID, notify: Bool? = nil
    ) async throws(ServiceError) -> AvayaMessage {
        try await self.message(.post(message, .task, notify: notify, to: space))
    }

    /// What was said under a post (`idea`) or a task; another category throws `.unsupported`.
    public func comments(
        on id: RemoteMessageID, category: AvayaCategory, _ query: AvayaReferenceQuery = AvayaReferenceQuery()
    ) -> PagedItems<AvayaMessage> {
        messages(.listComments(category, id, query))
    }

    private func messages(_ operation: AvayaOperation) -> PagedItems<AvayaMessage> {
        items(operation) { json throws(MalformedItem) in
            try AvayaMessage(json: json)
        }
    }

    private func message(_ operation: AvayaOperation) async throws(ServiceError) -> AvayaMessage {
        try exchange.wire.message(try await exchange.send(operation), of: operation)
    }
}
