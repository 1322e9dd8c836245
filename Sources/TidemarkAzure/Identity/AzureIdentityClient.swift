#if Crypto
public import Foundation
public import TidemarkModel

/// Makes users and tokens with a resource's key. For a trusted server, a test or a command line: a key never belongs
/// into an application that others can open.
///
/// Every call throws `ServiceError`; after an `.unknown` one a user or token may have been made and is unused.
public struct AzureIdentityClient: Sendable {
    private let wire: AzureIdentityWire
    private let signature: AzureRequestSignature
    private let transport: any HTTPTransport
    private let limits: HTTPLimits
    private let now: @Sendable () -> Timestamp

    /// Throws ``AzureConnectionString/Malformed`` if the text is no connection string. `now` is signed with each request and
    /// has to be right within a few minutes.
    public init(
        connectionString: String, transport: any HTTPTransport, limits: HTTPLimits = HTTPLimits(),
        now: @escaping @Sendable () -> Timestamp = { Timestamp(Date()) }
    ) throws(AzureConnectionString.Malformed) {
        let parsed = try AzureConnectionString(connectionString)
        wire = AzureIdentityWire(endpoint: parsed.endpoint)
        signature = AzureRequestSignature(key: parsed.key)
        self.transport = transport
        self.limits = limits
        self.now = now
    }

    public func createUser() async throws(ServiceError) -> CommunicationIdentifier {
        try wire.user(of: try await send(.createUser()))
    }

    /// Makes a user with its first token, which lives 60 to 1440 minutes (a day, if not told).
    public func createUserAndToken(
        scopes: [CommunicationTokenScope] = [.chat], expiresInMinutes: Int? = nil
    ) async throws(ServiceError) -> CommunicationUserAndToken {
        let response = try await send(.createUser(withToken: scopes, minutes: expiresInMinutes))
        return CommunicationUserAndToken(user: try wire.user(of: response), token: try wire.token(of: response))
    }

    /// Issues another token for a user. Earlier ones go on working.
    public func issueToken(
        for user: CommunicationIdentifier, scopes: [CommunicationTokenScope] = [.chat], expiresInMinutes: Int? = nil
    ) async throws(ServiceError) -> IssuedToken {
        try wire.token(of: try await send(.issueToken(user, scopes, minutes: expiresInMinutes)))
    }

    /// Makes all tokens of a user worthless.
    public func revokeTokens(of user: CommunicationIdentifier) async throws(ServiceError) {
        try wire.checkSuccess(try await send(.revokeTokens(user)))
    }

    /// Deletes a user and makes its tokens worthless. Its messages stay.
    public func deleteUser(_ user: CommunicationIdentifier) async throws(ServiceError) {
        try wire.checkSuccess(try await send(.deleteUser(user)))
    }

    private func send(_ operation: AzureIdentityWire.Operation) async throws(ServiceError) -> TransportResponse {
        var request = try wire.request(for: operation, requestID: UUID().uuidString.lowercased())
        signature.sign(&request, at: now())
        do {
            return try await transport.send(request.head, body: request.body, limits: limits)
        } catch {
            throw wire.failure(error)
        }
    }
}
#endif
