import ArgumentParser
import Foundation
import TidemarkAvaya

/// What an account of Avaya Spaces takes beside an endpoint, a secret and a token.
struct AvayaOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Sign in as a guest of this name: a user for a day, then another one.", valueName: "name"))
    var guest: String?

    @Option(
        help: ArgumentHelp(
            "Sign in as a registered user: the OAuth client's id, its secret (--secret-…) and a refresh token (--token-…).",
            valueName: "client-id"))
    var oauth: String?

    @Option(help: ArgumentHelp("Where the socket is; without it another service than Avaya's own is polled.", valueName: "url"))
    var socketEndpoint: String?

    @Option(help: ArgumentHelp("Where OAuth tokens come from. Default: Avaya's own.", valueName: "url"))
    var accountsEndpoint: String?

    private static let help = "tidemark account add --help"

    /// None of them means anything there.
    func refuse(for service: String) throws {
        let given: [(String, Bool)] = [
            ("--guest", guest != nil), ("--oauth", oauth != nil), ("--socket-endpoint", socketEndpoint != nil),
            ("--accounts-endpoint", accountsEndpoint != nil),
        ]
        guard let first = given.first(where: \.1) else { return }
        throw ValidationError("\(first.0) is for accounts of avaya, and this one is of \(service); add --service avaya.")
    }

    /// `secrets`: of the OAuth client. `tokens`: refresh tokens with --oauth, otherwise tokens that were signed for a user.
    func settings(
        endpoint: String?, secrets: [SecretSource], tokens: [SecretSource], allowsPlainHTTP: Bool
    ) throws -> AvayaSettings {
        guard secrets.count < 2, tokens.count < 2 else {
            throw Failure.usage("Name one place for each secret, not several.", hint: Self.help)
        }
        var settings = AvayaSettings(user: try user(secrets.first, tokens.first))
        settings.endpoint = try checked(endpoint, "https://spacesapis.avayacloud.com", allowsPlainHTTP)
        settings.socketEndpoint = try checked(
            socketEndpoint, "https://spacesapis-socket.avayacloud.com", allowsPlainHTTP, schemes: ["https", "http", "wss", "ws"])
        settings.accountsEndpoint = try checked(accountsEndpoint, "https://accounts.avayacloud.com", allowsPlainHTTP)
        settings.allowsPlainHTTP = allowsPlainHTTP
        guard oauth == nil || endpoint == nil || accountsEndpoint != nil else {
            throw Failure.usage(
                "With an --endpoint of its own, --oauth needs the --accounts-endpoint too: the client's secret goes there.")
        }
        return settings
    }

    private func user(_ secret: SecretSource?, _ token: SecretSource?) throws -> AvayaSettings.User {
        switch (guest, oauth, secret, token) {
        case (let name?, nil, nil, nil):
            guard !name.isEmpty, name.utf8.count <= 256 else { throw Failure.usage("--guest takes a name of 1 to 256 bytes.") }
            return .guest(name)
        case (nil, let client?, let secret?, let token?):
            guard !client.isEmpty, client.utf8.count <= 256 else { throw Failure.usage("--oauth takes an id of 1 to 256 bytes.") }
            return .registered(clientID: client, secret: secret, token: token)
        case (nil, _?, _, _):
            throw Failure.usage(
                "--oauth needs the client's secret (one of --secret-env, --secret-file, --secret-command) and a refresh token "
                    + "(one of --token-env, --token-file, --token-command).",
                hint: "A secret is never given on the command line: others can read it there.")
        case (nil, nil, nil, let token?): return .token(token)
        default:
            throw Failure.usage(
                "An account of Avaya needs one of --guest NAME, --oauth CLIENT-ID, and a token (--token-env, …).",
                hint: Self.help)
        }
    }

    private func checked(
        _ text: String?, _ example: String, _ allowsPlainHTTP: Bool, schemes: Set<String> = ["https", "http"]
    ) throws -> URL? {
        try text.map { try Endpoint.checked($0, schemes: schemes, example: example, allowsPlainHTTP: allowsPlainHTTP) }
    }
}
