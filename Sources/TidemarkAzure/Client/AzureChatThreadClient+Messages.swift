public import TidemarkModel

extension AzureChatThreadClient {
    /// Sends a message and returns its id.
    ///
    /// Nothing makes this call repeatable: after an `.unknown` error the message may be there. Give it a token of your own in
    /// `metadata` and look for that before you send again (wire page §7). The service takes about 28 KB of text; html comes
    /// back sanitised. `metadata` needs API version 2021-09-07.
    public func sendMessage(
        _ content: String, type: MessageKind = .text, senderDisplayName: String? = nil, metadata: [String: String] = [:]
    ) async throws(ServiceError) -> RemoteMessageID {
        let message = OutgoingMessage(content, kind: type, senderName: senderDisplayName, metadata: metadata)
        let operation = AzureOperation.sendMessage(message, in: id)
        return try exchange.wire.sentMessage(try await exchange.send(operation), of: operation)
    }

    public func getMessage(_ message: RemoteMessageID) async throws(ServiceError) -> ChatMessage {
        let operation = AzureOperation.getMessage(message, in: id)
        return try exchange.wire.message(try await exchange.send(operation), of: operation)
    }

    /// The thread's messages, the last changed first: an edit or delete moves a message to the top.
    ///
    /// `resultsPerPage` is the greatest size of a page, 200 at most; the service's own default is small (6 to 10 were seen).
    /// `startTime` is a lower bound in time; there is no upper one.
    public func listMessages(resultsPerPage: Int? = nil, startTime: Timestamp? = nil) -> PagedItems<ChatMessage> {
        exchange.items(
            .listMessages(resultsPerPage: resultsPerPage, startTime: startTime, in: id)
        ) { json throws(MalformedItem) in try ChatMessage(json: json) }
    }

    /// Changes an own message. Metadata is merged: keys that are not given stay, a key with an empty text is removed.
    ///
    /// The last write wins, whoever's it is; the service has no way to ask for "only if unchanged".
    public func updateMessage(
        _ message: RemoteMessageID, content: String? = nil, metadata: [String: String] = [:]
    ) async throws(ServiceError) {
        try await acknowledged(.updateMessage(message, content: content, metadata: metadata, in: id))
    }

    /// Deletes an own message. It stays in lists as a tombstone without text.
    public func deleteMessage(_ message: RemoteMessageID) async throws(ServiceError) {
        try await acknowledged(.deleteMessage(message, in: id))
    }
}
