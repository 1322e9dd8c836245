import ArgumentParser
import Tidemark
import TidemarkAzure

/// Tells the others that somebody writes.
struct TypingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "typing", abstract: "Tell the others of a conversation that you are writing.",
        discussion: """
            It goes out now or not at all: nothing of it is kept, queued or repeated. Azure shows it for a few seconds, in \
            conversations of up to 20 people; the other services take none from a program.

            EXAMPLE
              tidemark typing c1
            """)

    /// Nobody is still writing when a slow answer comes.
    private static let timeout: Duration = .seconds(8)

    @OptionGroup var conversation: ConversationArgument

    @Option(help: ArgumentHelp("The name to show.", valueName: "name"))
    var senderName: String?

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let store = try await common.openToLook()
        let view = try store.account(common.accountName)
        let id = try conversation.resolve(in: view)
        guard let remote = try view.conversation(id).get().remoteID else {
            throw Failure(
                .failed, code: "notAllowed", "\(id) is not at the service yet, so nobody can see it.",
                hint: common.command("sync"))
        }
        let connection = try await AccountConnection(
            try store.account(named: view.name), in: store, limits: HTTPLimits(timeout: Self.timeout))
        let result = await Result.awaiting { try await send(to: remote, by: connection) }
        await connection.close()
        try result.get()
        let output = common.output
        if output.isJSON { return output.json([("conversation", .id(id)), ("sent", .bool(true))]) }
        output.line("The others of \(id) see that you are writing.")
    }

    private func send(to conversation: RemoteConversationID, by connection: AccountConnection) async throws {
        guard let azure = connection.azure else {
            throw Failure(.failed, code: "unsupported", "This account's service takes no word of typing from a program.")
        }
        try await azure.threadClient(for: conversation).sendTypingNotification(senderDisplayName: senderName)
    }
}
