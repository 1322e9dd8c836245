import Foundation
import Tidemark

/// What an account of Azure needs, as the store keeps it: an address and where the secret is found.
struct AzureSettings: Hashable, Sendable {
    enum Secret: Hashable, Sendable {
        /// A user's token.
        case token(SecretSource)
        /// The resource's connection string: users and tokens are made with it.
        case connectionString(SecretSource)

        var source: SecretSource {
            switch self {
            case .token(let source), .connectionString(let source): source
            }
        }
    }

    var endpoint: URL
    var secret: Secret
    var allowsPlainHTTP = false

    private enum Key {
        static let endpoint = "endpoint"
        static let token = "token"
        static let connectionStringEnv = "connection-string-env"
        static let allowPlainHTTP = "allow-plain-http"
    }

    init(endpoint: URL, secret: Secret, allowsPlainHTTP: Bool) {
        self.endpoint = endpoint
        self.secret = secret
        self.allowsPlainHTTP = allowsPlainHTTP
    }

    init(_ account: Account) throws {
        let settings = account.settings
        guard let text = settings[Key.endpoint], let endpoint = URL(string: text), let secret = Self.secret(settings) else {
            throw Failure(
                .failed, code: "noCredential",
                "Account \(account.name) has no endpoint or no secret that this program can use; add it with `account add`.")
        }
        self.init(endpoint: endpoint, secret: secret, allowsPlainHTTP: settings[Key.allowPlainHTTP] == "true")
    }

    private static func secret(_ settings: [String: String]) -> Secret? {
        if let source = SecretSource(Key.token, in: settings) { return .token(source) }
        return settings[Key.connectionStringEnv].map { .connectionString(.environment($0)) }
    }

    var dictionary: [String: String] {
        var settings = [Key.endpoint: endpoint.absoluteString]
        switch secret {
        case .token(let source): source.note(as: Key.token, in: &settings)
        case .connectionString(let source):
            if case .environment(let name) = source { settings[Key.connectionStringEnv] = name }
        }
        if allowsPlainHTTP { settings[Key.allowPlainHTTP] = "true" }
        return settings
    }
}
