public import Foundation
public import TidemarkModel

/// Azure Communication Services Chat for one user, as the engine speaks to it.
///
/// It makes one request per call (two if the first one's token was refused), holds no state but its credential's, and can
/// be used from any task. Cancelling a call ends its request with `.cancelled` and the certainty that is true at that moment.
public struct AzureChatService: ChatService {
    public let traits: ServiceTraits
    private let exchange: AzureExchange

    /// - Parameters:
    ///   - endpoint: `https://<resource>.communication.azure.com`. An address that is none shows at the first request, as
    ///     `.unreachable`.
    ///   - credential: the user that it acts as.
    ///   - transport: what carries the requests.
    ///   - version: what is sent as `api-version`. Below 2021-09-07 messages have no metadata, and the traits say what is
    ///     then less certain; below 2021-03-07 every request throws `.unsupported`.
    ///   - limits: of one request. The timeout must stay below the quarantine of the traits, 20 s after an attempt's end.
    ///   - now: for the deadline of deliveries; tests give their own.
    public init(
        endpoint: URL, credential: AzureTokenCredential, transport: any HTTPTransport,
        version: AzureAPIVersion = .v2024_03_07, limits: HTTPLimits = HTTPLimits(),
        now: @escaping @Sendable () -> Timestamp = { Timestamp(Date()) }
    ) {
        traits = .azure(version)
        exchange = AzureExchange(
            wire: AzureChatWire(endpoint: endpoint, version: version), credential: credential, transport: transport,
            limits: limits, now: now)
    }

    /// The pure half of this service: what transcripts are played through, with no credential and no transport.
    public static func wire(endpoint: URL, version: AzureAPIVersion = .v2024_03_07) -> any ServiceWire {
        AzureChatWire(endpoint: endpoint, version: version)
    }

    /// The user of the credential's present token; `nil` if the token doesn't name one.
    public func identity() async throws(ServiceError) -> ParticipantID? {
        try await exchange.credential.accessToken().identity
    }

    /// Makes one attempt. Throws `.wrongIdentity` or `.tooLate` before any byte leaves.
    public func perform(_ delivery: Delivery) async throws(ServiceError) -> Acceptance {
        let response = try await exchange.send(try exchange.wire.operation(for: delivery), deadline: delivery.deadline) {
            wire, id throws(ServiceError) in try wire.request(for: delivery, requestID: id)
        }
        return try exchange.wire.acceptance(of: response, for: delivery)
    }

    /// Makes one read. Throws `.wrongIdentity` or `.untrustedCursor` before any byte leaves.
    public func page(_ request: PageRequest) async throws(ServiceError) -> Page {
        let response = try await exchange.send(exchange.wire.operation(for: request)) { wire, id throws(ServiceError) in
            try wire.request(for: request, requestID: id)
        }
        return try exchange.wire.page(of: response, for: request)
    }

    /// `POST …/typing`; the service sends nothing on in conversations of more than 20 people (wire page §6).
    public func sendTyping(in conversation: RemoteConversationID) async throws(ServiceError) {
        let operation = AzureOperation.sendTyping(in: conversation)
        try exchange.wire.acknowledge(try await exchange.send(operation), of: operation)
    }

    public func decode(_ raw: [UInt8], of subject: PageRequest.Subject) -> Page.Items? {
        exchange.wire.item(raw, of: subject)
    }
}
