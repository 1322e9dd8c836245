public import Foundation
import Synchronization
public import TidemarkModel

/// Signs in a registered user over OAuth 2 (wire page §2), and keeps signed in with a refresh token that the service replaces
/// at each renewal.
///
/// The new refresh token is durable in the keeper before the access token that came with it is used. A renewal whose answer was
/// lost may have spent the token: the keeper remembers that, the next renewal tries it all the same, and if the service refuses it
/// the error says why. An access token is renewed when nine tenths of its life are over, where the service tells how long that
/// is, and when it was refused; only durations count, so that a wrong clock does no harm.
///
/// It may be shared by services, sessions and clients of the same user, and should be: the renewals are then one.
public final class OAuth2Authenticator: AvayaCredential {
    private let renewal: SharedRenewal
    private let exchange: OAuth2Exchange

    /// - Parameters:
    ///   - clientID: what the service calls this program.
    ///   - clientSecret: `nil` for a public client, which signs in with a PKCE verifier.
    ///   - refreshToken: what to begin with if the keeper has none.
    ///   - keeper: where the refresh token is kept.
    ///   - servers: where the service is.
    ///   - transport: what carries the requests.
    ///   - limits: the time and the size of a request.
    ///   - now: for the age of access tokens; tests give their own.
    public init(
        clientID: String, clientSecret: String?, refreshToken: String? = nil,
        keeper: any RefreshTokenKeeper = MemoryRefreshTokenKeeper(), servers: AvayaServers = .production,
        transport: any HTTPTransport, limits: HTTPLimits = HTTPLimits(),
        now: @escaping @Sendable () -> Timestamp = { Timestamp(Date()) }
    ) {
        let exchange = OAuth2Exchange(
            client: OAuth2Exchange.Client(id: clientID, secret: clientSecret), initialToken: refreshToken, keeper: keeper,
            wire: AvayaAccountsWire(servers: servers), transport: transport, limits: limits, now: now)
        self.exchange = exchange
        renewal = SharedRenewal(
            isUsable: { exchange.isFresh($0) },
            renew: { current in await exchange.renewed(from: current) })
    }

    public func access() async throws(ServiceError) -> AvayaAccess {
        try await renewal.access()
    }

    public func renewed(after refused: AvayaAccess) async throws(ServiceError) -> AvayaAccess {
        try await renewal.access(after: refused)
    }

    /// Whether there is an access token. Whether the service still takes it only the service knows.
    public var hasToken: Bool { renewal.current != nil }

    /// The refresh token as the keeper has it, or the one that this began with. It is a secret.
    public func refreshToken() async throws(ServiceError) -> String? {
        try await exchange.kept()?.token
    }

    /// Where the user signs in with a browser, who then comes back to `redirectURI` with a `code`.
    ///
    /// - Parameters:
    ///   - redirectURI: where the user comes back to.
    ///   - state: comes back with the user, who is then known to be the same.
    ///   - scopes: what the program asks to be allowed.
    ///   - challenge: of a PKCE verifier: the verifier itself with the method `plain`, or the URL-safe base64 of its SHA-256 with
    ///     `S256`.
    ///   - challengeMethod: how the challenge was made of the verifier.
    /// - Throws: `.unreachable` if the accounts server's address is none.
    public func authorizationURL(
        redirectURI: String, state: String? = nil, scopes: [String] = ["email", "profile", "spaces"],
        challenge: String? = nil, challengeMethod: String = "S256"
    ) throws(ServiceError) -> URL {
        let origin = try ServiceOrigin(exchange.wire.servers.accounts)
        var query = [
            ("client_id", exchange.client.id), ("redirect_uri", redirectURI), ("response_type", "code"),
            ("access_type", "offline"),
            ("scope", scopes.joined(separator: " ")),
        ]
        if let state { query.append(("state", state)) }
        if let challenge { query += [("code_challenge", challenge), ("code_challenge_method", challengeMethod)] }
        let text = "\(origin.scheme)://\(origin.authority)\(origin.path)/oauth2/authorize?\(PercentEncoding.query(query))"
        guard let url = URL(string: text) else {
            throw .refused(.unreachable, "The accounts server's address makes no address to sign in at.")
        }
        return url
    }

    /// Changes the code that a user came back with into tokens; the refresh token is durable when it returns.
    ///
    /// A code works once: throws `.unauthenticated` for one that was used or is too old, and `.answerLost` if its answer was
    /// lost, after which the user has to sign in again.
    public func signIn(
        code: String, redirectURI: String, verifier: String? = nil, scopes: [String] = ["email", "profile", "spaces"]
    ) async throws(ServiceError) {
        let scope = scopes.joined(separator: " ")
        renewal.replace(
            with: try await exchange.signIn([
                ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectURI),
                ("code_verifier", verifier), ("scope", scope),
            ]))
    }

    /// Signs in with a name and password, where the client may (wire page §2). Nothing of them is kept.
    public func signIn(
        username: String, password: String, scopes: [String] = ["email", "profile", "spaces"]
    ) async throws(ServiceError) {
        let scope = scopes.joined(separator: " ")
        renewal.replace(
            with: try await exchange.signIn([
                ("grant_type", "password"), ("username", username), ("password", password), ("scope", scope),
            ]))
    }

    /// Makes the refresh token worthless at the service, and forgets it and the access. If the service did not say yes, what is
    /// kept stays, so that it can be tried again.
    public func revoke() async throws(ServiceError) {
        try await exchange.revoke()
        renewal.replace(with: nil)
    }
}

extension OAuth2Authenticator: CustomStringConvertible, CustomReflectable {
    public var description: String { "OAuth2Authenticator(…)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
