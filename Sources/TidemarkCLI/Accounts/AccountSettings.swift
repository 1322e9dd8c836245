import Foundation
import Tidemark

/// What an account of Azure needs, as the store keeps it: an address and where the secret is found.
struct AccountSettings: Hashable, Sendable {
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
        static let tokenEnv = "token-env"
        static let tokenFile = "token-file"
        static let tokenCommand = "token-command"
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
        if let name = settings[Key.tokenEnv] { return .token(.environment(name)) }
        if let path = settings[Key.tokenFile] { return .token(.file(path)) }
        if let command = settings[Key.tokenCommand] { return .token(.command(command)) }
        return settings[Key.connectionStringEnv].map { .connectionString(.environment($0)) }
    }

    var dictionary: [String: String] {
        var settings = [Key.endpoint: endpoint.absoluteString]
        switch secret {
        case .token(.environment(let name)): settings[Key.tokenEnv] = name
        case .token(.file(let path)): settings[Key.tokenFile] = path
        case .token(.command(let command)): settings[Key.tokenCommand] = command
        case .connectionString(let source):
            if case .environment(let name) = source { settings[Key.connectionStringEnv] = name }
        }
        if allowsPlainHTTP { settings[Key.allowPlainHTTP] = "true" }
        return settings
    }

    /// An address that requests can go to: https, or plain http to this machine, or plain http where it was allowed.
    static func checked(_ text: String, allowsPlainHTTP: Bool) throws -> URL {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), ["https", "http"].contains(scheme),
            let host = url.host(percentEncoded: false), !host.isEmpty, url.user == nil, url.query == nil, url.fragment == nil
        else {
            throw Failure.usage("The endpoint is no address like https://resource.communication.azure.com.")
        }
        if let port = url.port, !(1...65_535).contains(port) {
            throw Failure.usage("The endpoint's port is not between 1 and 65535.")
        }
        let isLoopback = ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host.lowercased())
        guard scheme == "https" || isLoopback || allowsPlainHTTP else {
            throw Failure.usage(
                "The endpoint is plain http on another machine: tokens and texts could be read on the way.",
                hint: "Use https, or --allow-plain-http on a test network.")
        }
        return url
    }
}
