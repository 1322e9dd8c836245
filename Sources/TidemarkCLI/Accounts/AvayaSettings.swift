import Foundation
import Tidemark
import TidemarkAvaya

/// What an account of Avaya Spaces needs, as the store keeps it: addresses, who signs in, and where the secrets are found.
struct AvayaSettings: Hashable, Sendable {
    static let service = "avaya"

    enum User: Hashable, Sendable {
        /// Somebody of this name for a day; then another one of the same name.
        case guest(String)
        /// A registered user. The refresh token is what it begins with.
        case registered(clientID: String, secret: SecretSource, token: SecretSource)
        /// Whoever a token was signed for.
        case token(SecretSource)
    }

    var user: User
    var endpoint: URL?
    var socketEndpoint: URL?
    var accountsEndpoint: URL?
    var allowsPlainHTTP = false

    private enum Key {
        static let endpoint = "endpoint"
        static let socketEndpoint = "socket-endpoint"
        static let accountsEndpoint = "accounts-endpoint"
        static let guest = "guest"
        static let clientID = "client-id"
        static let secret = "secret"
        static let token = "token"
        static let allowPlainHTTP = "allow-plain-http"
    }

    init(user: User) {
        self.user = user
    }

    init(_ account: Account) throws {
        let settings = account.settings
        guard let user = Self.user(settings) else {
            throw Failure(
                .failed, code: "noCredential",
                "Account \(account.name) doesn't say who signs in; add it with `account add` and --guest, --oauth or a token.")
        }
        self.init(user: user)
        endpoint = settings[Key.endpoint].flatMap { URL(string: $0) }
        socketEndpoint = settings[Key.socketEndpoint].flatMap { URL(string: $0) }
        accountsEndpoint = settings[Key.accountsEndpoint].flatMap { URL(string: $0) }
        allowsPlainHTTP = settings[Key.allowPlainHTTP] == "true"
    }

    private static func user(_ settings: [String: String]) -> User? {
        if let name = settings[Key.guest] { return .guest(name) }
        guard let token = SecretSource(Key.token, in: settings) else { return nil }
        guard let client = settings[Key.clientID] else { return .token(token) }
        return SecretSource(Key.secret, in: settings).map { .registered(clientID: client, secret: $0, token: token) }
    }

    var dictionary: [String: String] {
        var settings: [String: String] = [:]
        settings[Key.endpoint] = servers.rest.absoluteString
        settings[Key.socketEndpoint] = socketEndpoint?.absoluteString
        settings[Key.accountsEndpoint] = accountsEndpoint?.absoluteString
        switch user {
        case .guest(let name): settings[Key.guest] = name
        case .registered(let client, let secret, let token):
            settings[Key.clientID] = client
            secret.note(as: Key.secret, in: &settings)
            token.note(as: Key.token, in: &settings)
        case .token(let token): token.note(as: Key.token, in: &settings)
        }
        if allowsPlainHTTP { settings[Key.allowPlainHTTP] = "true" }
        return settings
    }

    var isGuest: Bool {
        if case .guest = user { true } else { false }
    }

    /// The service's own where none was named.
    var servers: AvayaServers {
        let known = AvayaServers.production
        return AvayaServers(
            rest: endpoint ?? known.rest, socket: socketEndpoint ?? known.socket, accounts: accountsEndpoint ?? known.accounts)
    }

    /// Whether the socket's address is known. Another service than the known one has to name it; without it there is polling.
    var hasSocket: Bool {
        socketEndpoint != nil || endpoint == nil || endpoint == AvayaServers.production.rest
    }

    /// For people: what is read from where.
    var secrets: [(what: String, source: SecretSource)] {
        switch user {
        case .guest: []
        case .registered(_, let secret, let token): [("client secret", secret), ("first refresh token", token)]
        case .token(let token): [("token", token)]
        }
    }
}
