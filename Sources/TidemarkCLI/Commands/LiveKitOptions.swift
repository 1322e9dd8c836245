import ArgumentParser
import Foundation
import TidemarkLiveKit

/// What an account of a LiveKit room takes beside an endpoint and a token.
struct LiveKitOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The room.", valueName: "name"))
    var room: String?

    @Option(help: ArgumentHelp("Who you are in the room. Default: what the bridge says.", valueName: "id"))
    var identity: String?

    @Option(
        help: ArgumentHelp(
            "The command that is in the room for you: it prints what others say and reads what you say, a line each.",
            valueName: "cmd"))
    var bridge: String?

    @Option(help: ArgumentHelp("The name of the project's API key.", valueName: "key"))
    var apiKey: String?

    @Option(
        help: ArgumentHelp(
            "The environment variable that holds the API key's secret, or the OAuth client's (Avaya).", valueName: "name"))
    var secretEnv: String?

    @Option(help: ArgumentHelp("The file that holds the API key's secret, or the OAuth client's (Avaya).", valueName: "path"))
    var secretFile: String?

    @Option(help: ArgumentHelp("A command that prints the API key's secret, or the OAuth client's (Avaya).", valueName: "cmd"))
    var secretCommand: String?

    @Flag(help: "Read and write text streams (lk.chat), too; the bridge has to carry them, as those of this project do.")
    var textStreams = false

    private static let help = "tidemark account add --help"

    /// None of them means anything there, except perhaps the secret.
    func refuse(for service: String, exceptSecret: Bool = false) throws {
        var given: [(String, Bool)] = [
            ("--room", room != nil), ("--identity", identity != nil), ("--bridge", bridge != nil), ("--api-key", apiKey != nil),
            ("--text-streams", textStreams),
        ]
        if !exceptSecret {
            given += [
                ("--secret-env", secretEnv != nil), ("--secret-file", secretFile != nil),
                ("--secret-command", secretCommand != nil),
            ]
        }
        guard let first = given.first(where: \.1) else { return }
        throw ValidationError("\(first.0) is for accounts of livekit, and this one is of \(service); add --service livekit.")
    }

    func settings(endpoint: String?, secret: SecretOptions, allowsPlainHTTP: Bool) throws -> LiveKitSettings {
        guard let room else { throw Failure.usage("An account of LiveKit needs a --room.", hint: Self.help) }
        var settings = LiveKitSettings(room: try Self.checked(room, "--room"))
        settings.identity = try identity.map { try Self.checked($0, "--identity") }
        guard secret.connectionStringEnv == nil else {
            throw Failure.usage("LiveKit has no connection strings; name the API key with --api-key and its secret.")
        }
        settings.endpoint = try endpoint.map {
            try Endpoint.checked(
                $0, schemes: ["https", "http", "wss", "ws"], example: "wss://project.livekit.cloud",
                allowsPlainHTTP: allowsPlainHTTP)
        }
        settings.token = try Self.one(secret.tokens, "--token-env, --token-file and --token-command")
        settings.secret = try Self.one(secrets, "--secret-env, --secret-file and --secret-command")
        settings.apiKey = apiKey
        settings.usesTextStreams = textStreams
        settings.allowsPlainHTTP = allowsPlainHTTP
        try checkWays(settings)
        // Last, since it looks at the machine.
        settings.bridge = try bridge.map { try BridgeCommand.checked($0) }
        return settings
    }

    /// All that were named: of an API key, or of an OAuth client.
    var secrets: [SecretSource] {
        SecretSource.named(environment: secretEnv, file: secretFile, command: secretCommand)
    }

    private func checkWays(_ settings: LiveKitSettings) throws {
        if let apiKey, apiKey.isEmpty || apiKey.utf8.count > 256 { throw Failure.usage("--api-key takes 1 to 256 bytes.") }
        guard (settings.apiKey == nil) == (settings.secret == nil) else {
            throw Failure.usage(
                settings.secret == nil
                    ? "An --api-key needs its secret: one of --secret-env, --secret-file and --secret-command."
                    : "A secret needs its --api-key.",
                hint: "A secret is never given on the command line: others can read it there.")
        }
        guard bridge != nil || settings.apiKey != nil || settings.token != nil else {
            throw Failure.usage(
                "An account of LiveKit needs a way into its room: a --bridge, or an --endpoint with an --api-key and its secret.",
                hint: Self.help)
        }
        let needsEndpoint = settings.apiKey != nil || bridge == nil
        guard settings.endpoint != nil || !needsEndpoint else {
            throw Failure.usage("The server's API needs an --endpoint, like wss://project.livekit.cloud.", hint: Self.help)
        }
        guard bridge != nil || !settings.usesTextStreams else {
            throw Failure.usage("--text-streams needs a --bridge: the server's API can't write them.")
        }
    }

    private static func checked(_ name: String, _ option: String) throws -> String {
        let longest = LiveKitLimits().nameBytes
        guard !name.isEmpty, name.utf8.count <= longest, !name.contains("\0") else {
            throw Failure.usage("\(option) takes a name of 1 to \(longest) bytes.")
        }
        return name
    }

    private static func one(_ sources: [SecretSource], _ names: String) throws -> SecretSource? {
        guard sources.count < 2 else { throw Failure.usage("Name one of \(names), not several.") }
        return sources.first
    }
}
