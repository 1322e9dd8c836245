public import Foundation
public import TidemarkModel

/// Azure's chat service as it is: threads made, listed and deleted. One thread's own operations are in
/// ``AzureChatThreadClient``.
///
/// It stores and repeats nothing; whoever wants messages to survive a bad network uses `AzureChatService` under the engine.
/// Every call throws `ServiceError` with what failed and how certain it is that nothing was done: a call that throws
/// `.unknown` may have had its effect.
public struct AzureChatClient: Sendable {
    private let exchange: AzureExchange

    public init(
        endpoint: URL, credential: AzureTokenCredential, transport: any HTTPTransport,
        version: AzureAPIVersion = .v2024_03_07, limits: HTTPLimits = HTTPLimits()
    ) {
        exchange = AzureExchange(
            wire: AzureChatWire(endpoint: endpoint, version: version), credential: credential, transport: transport,
            limits: limits, now: { Timestamp(Date()) })
    }

    /// Makes a thread. The creator is always in it.
    ///
    /// The thread is made even if some of the invited can't be added, at worst with none of them: look at
    /// `invalidParticipants`. `idempotencyToken` goes as `repeatability-request-id`: a caller that repeats after a lost answer
    /// must pass the same one again, or a second thread is made. At most 200 participants, or the service answers 400.
    /// `metadata` and `retentionPolicy` need API version 2025-03-15.
    public func createThread(
        topic: String, participants: [ChatParticipant] = [], idempotencyToken: Token? = nil,
        metadata: [String: String] = [:], retentionPolicy: ChatRetentionPolicy? = nil
    ) async throws(ServiceError) -> CreateChatThreadResult {
        let token = idempotencyToken?.rawValue ?? UUID().uuidString.lowercased()
        let operation = AzureOperation.createThread(
            topic: topic, participants: participants, metadata: metadata, retentionPolicy: retentionPolicy,
            repeatabilityID: token)
        return try exchange.wire.createdThread(try await exchange.send(operation), of: operation)
    }

    /// The user's threads, the last active first, deleted ones among them.
    ///
    /// The listing is live: a thread that changes meanwhile comes again on a later page; the later one counts.
    /// `resultsPerPage` is the greatest size of a page (the service's default is about 100); `startTime` a lower bound.
    public func listChatThreads(resultsPerPage: Int? = nil, startTime: Timestamp? = nil) -> PagedItems<ChatThreadItem> {
        exchange.items(
            .listThreads(resultsPerPage: resultsPerPage, startTime: startTime)
        ) { json throws(MalformedItem) in try ChatThreadItem(json: json) }
    }

    /// Deletes a thread for everybody. It stays in listings with `deletedOn`.
    public func deleteThread(_ id: RemoteConversationID) async throws(ServiceError) {
        let operation = AzureOperation.deleteThread(id)
        try exchange.wire.acknowledge(try await exchange.send(operation), of: operation)
    }

    /// The client of one thread, with this one's credential and transport. It makes no request.
    public func threadClient(for id: RemoteConversationID) -> AzureChatThreadClient {
        AzureChatThreadClient(id: id, exchange: exchange)
    }
}
