public import TidemarkModel

/// One thread of Azure's chat service. Made by ``AzureChatClient/threadClient(for:)``.
///
/// Errors are as there: each call throws `ServiceError`, and only what is `.notApplied` can be repeated without thought.
public struct AzureChatThreadClient: Sendable {
    public let id: RemoteConversationID
    let exchange: AzureExchange

    public func getProperties() async throws(ServiceError) -> ChatThreadProperties {
        let operation = AzureOperation.getThread(id)
        return try exchange.wire.thread(try await exchange.send(operation), of: operation)
    }

    /// Renames the thread. Each success adds a `topicUpdated` message, also a repeated one.
    public func updateTopic(_ topic: String) async throws(ServiceError) {
        try await acknowledged(.updateThread(id, topic: topic))
    }

    /// Changes topic, metadata or retention policy; what is `nil` stays. Metadata and policy need API version 2025-03-15.
    public func updateProperties(
        topic: String? = nil, metadata: [String: String]? = nil, retentionPolicy: ChatRetentionPolicy? = nil
    ) async throws(ServiceError) {
        try await acknowledged(.updateThread(id, topic: topic, metadata: metadata, retentionPolicy: retentionPolicy))
    }

    /// Tells the others that this user writes. It is not to be repeated when it fails; the service takes 15 a minute.
    public func sendTypingNotification(senderDisplayName: String? = nil) async throws(ServiceError) {
        try await acknowledged(.sendTyping(senderDisplayName: senderDisplayName, in: id))
    }

    /// Marks everything up to this message as read. A 404 soon after the message was sent is not final: try again.
    public func sendReadReceipt(for message: RemoteMessageID) async throws(ServiceError) {
        try await acknowledged(.sendReceipt(message, in: id))
    }

    /// Who has read how far, one mark per reader. `skip` passes over that many; a concurrent change can shift the rest.
    public func listReadReceipts(
        resultsPerPage: Int? = nil, skip: Int? = nil
    ) -> PagedItems<ChatMessageReadReceipt> {
        exchange.items(
            .listReceipts(resultsPerPage: resultsPerPage, skip: skip, in: id)
        ) { json throws(MalformedItem) in try ChatMessageReadReceipt(json: json) }
    }

    func acknowledged(_ operation: AzureOperation) async throws(ServiceError) {
        try exchange.wire.acknowledge(try await exchange.send(operation), of: operation)
    }
}
