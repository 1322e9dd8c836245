import ArgumentParser
import Foundation
import Tidemark
import TidemarkAvaya
import TidemarkAzure

/// Adds an account, and makes the store if there is none.
struct AccountAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add an account; the store is made if there is none.",
        discussion: """
            The secret stays where it is: the store keeps where to find it and never what it is.

            An account of LiveKit is one room. A bridge is a program that is in the room and speaks JSON lines; with it \
            `sync --watch` records what is said. With an API key and its secret messages go out by the server's API, too, \
            and the bridge gets LIVEKIT_URL and a LIVEKIT_TOKEN made for --identity.

            An account of Avaya Spaces is a guest (--guest NAME), a registered user (--oauth CLIENT-ID, the client's secret and a \
            refresh token), or whoever a token was signed for. The guest's token, and the refresh tokens that the service \
            gives one after the other, are kept in a file beside the store that only its owner may read.

            EXAMPLE
              tidemark account add me --endpoint http://127.0.0.1:4040 --token-env TOKEN
              tidemark account add hall --service livekit --room hall --bridge 'sh b.sh'
              tidemark account add ann --service avaya --guest Ann
            """)

    @Argument(help: "A name of your choice.")
    var name: String

    @Option(help: "Which service it is of: azure, livekit or avaya.")
    var service = "azure"

    @Option(help: "The service's address. With a connection string: the one in it. Avaya: its own by default.")
    var endpoint: String?

    @OptionGroup(title: "Secret (one of these)")
    var secret: SecretOptions

    @OptionGroup(title: "For LiveKit")
    var livekit: LiveKitOptions

    @OptionGroup(title: "For Avaya")
    var avaya: AvayaOptions

    @Flag(help: "Allow plain http to another machine; for test networks.")
    var allowPlainHttp = false

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func validate() throws {
        switch service {
        case "azure":
            try livekit.refuse(for: "azure")
            try avaya.refuse(for: "azure")
        case LiveKitSettings.service: try avaya.refuse(for: service)
        case AvayaSettings.service: try livekit.refuse(for: service, exceptSecret: true)
        default:
            throw ValidationError(
                "There is no service \(service); the services this build knows are azure, livekit and avaya.")
        }
    }

    func run() async throws {
        switch service {
        case LiveKitSettings.service: try await addLiveKit()
        case AvayaSettings.service: try await addAvaya()
        default: try await addAzure()
        }
    }

    private func addAzure() async throws {
        let settings = try await azureSettings()
        let store = try await MessageStore.open(common.storePath, mode: .create)
        try store.addAccount(AccountName(name), service: service, settings: settings.dictionary)
        let output = common.output
        if output.isJSON { return output.json(AccountListCommand.json(try store.account(named: AccountName(name)))) }
        output.line(
            "Added account \(EscapedText.line(name)) (azure, \(settings.endpoint.absoluteString)) to \(common.storePath).")
        output.line(
            "Its \(settings.secret.kind) is read from \(EscapedText.line(settings.secret.source.description)) when needed.")
        output.line(output.style.dim("Next: tidemark sync"))
    }

    private func addLiveKit() async throws {
        let settings = try livekit.settings(endpoint: endpoint, secret: secret, allowsPlainHTTP: allowPlainHttp)
        let store = try await MessageStore.open(common.storePath, mode: .create)
        try store.addAccount(
            AccountName(name), service: service, settings: settings.dictionary,
            identity: settings.identity.map { ParticipantID($0) })
        // The room is a conversation that is there already: nothing is asked for it.
        let engine = try SyncEngine(store: store, service: settings.offlineService(), account: AccountName(name))
        let room = try await engine.createConversation(topic: settings.room, token: LiveKitSettings.conversationToken)
        _ = try await engine.syncOnce()
        let output = common.output
        if output.isJSON { return output.json(AccountListCommand.json(try store.account(named: AccountName(name)))) }
        output.line("Added account \(EscapedText.line(name)) (livekit) to \(common.storePath).")
        output.line("Its conversation is \(room.conversation): \(settings.ways).")
        for (what, source) in [("API key's secret", settings.secret), ("token", settings.token)] {
            if let source { output.line("Its \(what) is read from \(EscapedText.line(source.description)) when needed.") }
        }
        let next = settings.bridge == nil ? "send \(room.conversation) hello --sync" : "sync --watch"
        output.line(output.style.dim("Next: \(common.command(next))"))
    }

    private func addAvaya() async throws {
        guard secret.connectionStringEnv == nil else {
            throw Failure.usage("Avaya has no connection strings; use --guest, --oauth or a token.")
        }
        let settings = try avaya.settings(
            endpoint: endpoint, secrets: livekit.secrets, tokens: secret.tokens, allowsPlainHTTP: allowPlainHttp)
        let store = try await MessageStore.open(common.storePath, mode: .create)
        try store.addAccount(AccountName(name), service: service, settings: settings.dictionary)
        let output = common.output
        if output.isJSON { return output.json(AccountListCommand.json(try store.account(named: AccountName(name)))) }
        output.line(
            "Added account \(EscapedText.line(name)) (avaya, \(settings.servers.rest.absoluteString)) to \(common.storePath).")
        for (what, source) in settings.secrets {
            output.line("Its \(what) is read from \(EscapedText.line(source.description)) when needed.")
        }
        if !settings.hasSocket { output.line("It is polled: no --socket-endpoint is known for this address.") }
        output.line(output.style.dim("Next: \(common.command("sync"))"))
    }

    private func azureSettings() async throws -> AzureSettings {
        let secret = try secret.chosen()
        let address: String
        if let endpoint {
            address = endpoint
        } else if case .connectionString(let source) = secret {
            address = try await Self.endpoint(of: source)
        } else {
            throw Failure.usage("An account needs an --endpoint.", hint: "tidemark account add --help")
        }
        return AzureSettings(
            endpoint: try Endpoint.checked(address, allowsPlainHTTP: allowPlainHttp), secret: secret,
            allowsPlainHTTP: allowPlainHttp)
    }

    private static func endpoint(of source: SecretSource) async throws -> String {
        let text = try await source.read()
        do {
            return try AzureConnectionString(text).endpoint.absoluteString
        } catch {
            throw Failure(.failed, code: "noCredential", error.description)
        }
    }
}

/// Where the account's secret is found.
struct SecretOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The environment variable that holds the user's token.", valueName: "name"))
    var tokenEnv: String?

    @Option(help: ArgumentHelp("The file that holds the user's token.", valueName: "path"))
    var tokenFile: String?

    @Option(help: ArgumentHelp("A command that prints the user's token.", valueName: "cmd"))
    var tokenCommand: String?

    @Option(
        help: ArgumentHelp(
            "The environment variable that holds the resource's connection string: a user is made with it, and tokens.",
            valueName: "name"))
    var connectionStringEnv: String?

    var tokens: [SecretSource] { SecretSource.named(environment: tokenEnv, file: tokenFile, command: tokenCommand) }

    func chosen() throws -> AzureSettings.Secret {
        let named =
            tokens.map(AzureSettings.Secret.token)
            + (connectionStringEnv.map { [.connectionString(.environment($0))] } ?? [])
        guard let secret = named.first, named.count == 1 else {
            throw Failure.usage(
                "An account needs one of --token-env, --token-file, --token-command and --connection-string-env.",
                hint: "A secret is never given on the command line: others can read it there.")
        }
        return secret
    }
}

extension AzureSettings.Secret {
    var kind: String {
        switch self {
        case .token: "token"
        case .connectionString: "connection string"
        }
    }
}
