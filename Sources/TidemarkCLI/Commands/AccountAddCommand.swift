import ArgumentParser
import Foundation
import Tidemark
import TidemarkAzure

/// Adds an account, and makes the store if there is none.
struct AccountAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add an account; the store is made if there is none.",
        discussion: """
            The secret stays where it is: the store keeps where to find it and never what it is.

            EXAMPLE
              tidemark account add me --endpoint http://127.0.0.1:4040 --token-env TOKEN
            """)

    @Argument(help: "A name of your choice.")
    var name: String

    @Option(help: "Which service it is of: azure.")
    var service = "azure"

    @Option(help: "The service's address. With a connection string: the one in it.")
    var endpoint: String?

    @OptionGroup(title: "Secret (one of these)")
    var secret: SecretOptions

    @Flag(help: "Allow plain http to another machine; for test networks.")
    var allowPlainHttp = false

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func validate() throws {
        if ["avaya", "livekit"].contains(service) {
            throw ValidationError("This build does not speak \(service) yet; the service it knows is azure.")
        }
        guard service == "azure" else {
            throw ValidationError("There is no service \(service); the service this build knows is azure.")
        }
    }

    func run() async throws {
        let settings = try await settings()
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

    private func settings() async throws -> AccountSettings {
        let secret = try secret.chosen()
        guard let endpoint else {
            guard case .connectionString(let source) = secret else {
                throw Failure.usage("An account needs an --endpoint.", hint: "tidemark account add --help")
            }
            let address = try await Self.endpoint(of: source)
            return AccountSettings(
                endpoint: try AccountSettings.checked(address, allowsPlainHTTP: allowPlainHttp), secret: secret,
                allowsPlainHTTP: allowPlainHttp)
        }
        return AccountSettings(
            endpoint: try AccountSettings.checked(endpoint, allowsPlainHTTP: allowPlainHttp), secret: secret,
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

    func chosen() throws -> AccountSettings.Secret {
        let named: [AccountSettings.Secret] = [
            tokenEnv.map { .token(.environment($0)) },
            // A later command may run in another folder.
            tokenFile.map { .token(.file(URL(filePath: $0).standardizedFileURL.path)) },
            tokenCommand.map { .token(.command($0)) },
            connectionStringEnv.map { .connectionString(.environment($0)) },
        ].compactMap { $0 }
        guard let secret = named.first, named.count == 1 else {
            throw Failure.usage(
                "An account needs one of --token-env, --token-file, --token-command and --connection-string-env.",
                hint: "A secret is never given on the command line: others can read it there.")
        }
        return secret
    }
}

extension AccountSettings.Secret {
    var kind: String {
        switch self {
        case .token: "token"
        case .connectionString: "connection string"
        }
    }
}
