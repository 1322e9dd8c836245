public import Foundation
public import TidemarkModel

/// Avaya Spaces for one user, as the engine speaks to it: the REST interface, and the socket where one is given.
///
/// It makes one request per call (two if the first one's access was refused, and `users/me` once for an access that does not
/// say whose it is), holds no state but its credential's, and can be used from any task. Cancelling a call ends its request with
/// `.cancelled` and the certainty that is true at that moment.
public struct AvayaChatService: ChatService {
    public let traits: ServiceTraits
    let exchange: AvayaExchange
    private let realtime: (any AvayaRealtimeSource)?

    /// - Parameters:
    ///   - servers: where the service lives; regions have their own (wire page §1).
    ///   - credential: the user that it acts as.
    ///   - transport: what carries the requests.
    ///   - isGuest: for accounts whose user's id ends with its token (wire page §2).
    ///   - passwords: of spaces that ask for one; each goes with the requests of its space and no other.
    ///   - realtime: pushes what happens. Without it the engine polls.
    ///   - limits: of one request. The timeout must stay below the quarantine of the traits, 30 s after an attempt's end.
    ///   - now: for the deadline of deliveries; tests give their own.
    public init(
        servers: AvayaServers = .production, credential: any AvayaCredential, transport: any HTTPTransport,
        isGuest: Bool = false, passwords: [RemoteConversationID: String] = [:],
        realtime: (any AvayaRealtimeSource)? = nil, limits: HTTPLimits = HTTPLimits(timeout: .seconds(20)),
        now: @escaping @Sendable () -> Timestamp = { Timestamp(Date()) }
    ) {
        var traits = ServiceTraits.avaya(isGuest: isGuest)
        // It goes by the socket and no other way.
        traits.typing = realtime != nil
        self.traits = traits
        exchange = AvayaExchange(
            wire: AvayaChatWire(endpoint: servers.rest, isGuest: isGuest, passwords: passwords), credential: credential,
            transport: transport, limits: limits, now: now, users: AvayaUserLookup())
        self.realtime = realtime
    }

    /// The pure half of this service: what transcripts are played through, with no credential and no transport.
    public static func wire(
        endpoint: URL = AvayaServers.production.rest, isGuest: Bool = false,
        passwords: [RemoteConversationID: String] = [:]
    ) -> any ServiceWire {
        AvayaChatWire(endpoint: endpoint, isGuest: isGuest, passwords: passwords)
    }

    /// The user of the credential's present access: what the access says, or what `users/me` says, asked once for each access.
    public func identity() async throws(ServiceError) -> ParticipantID? {
        try await exchange.identity()
    }

    /// Makes one attempt. Throws `.wrongIdentity` or `.tooLate` before any byte of it leaves.
    public func perform(_ delivery: Delivery) async throws(ServiceError) -> Acceptance {
        let operation = try exchange.wire.operation(for: delivery)
        let response = try await exchange.send(operation, as: delivery.identity, deadline: delivery.deadline) {
            wire throws(ServiceError) in try wire.request(for: delivery)
        }
        return try exchange.wire.acceptance(of: response, for: delivery)
    }

    /// Makes one read. Throws `.wrongIdentity` or `.untrustedCursor` before any byte of it leaves.
    public func page(_ request: PageRequest) async throws(ServiceError) -> Page {
        let operation = try exchange.wire.operation(for: request)
        let response = try await exchange.send(operation, as: request.identity) { wire throws(ServiceError) in
            try wire.request(for: request)
        }
        return try exchange.wire.page(of: response, for: request)
    }

    /// By the socket. Throws `.unreachable` where it is down or does not listen to the space.
    public func sendTyping(in conversation: RemoteConversationID) async throws(ServiceError) {
        guard let realtime else { throw ServiceError(.unsupported, certainty: .notApplied) }
        try await realtime.sendTyping(in: conversation)
    }

    public func decode(_ raw: [UInt8], of subject: PageRequest.Subject) -> Page.Items? {
        exchange.wire.item(raw, of: subject)
    }

    public func events() -> any AsyncSequence<RemoteEvent, any Error> & Sendable {
        realtime?.events() ?? AsyncThrowingStream { $0.finish() }
    }
}
