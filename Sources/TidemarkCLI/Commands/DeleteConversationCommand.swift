import ArgumentParser
import Tidemark

/// Deletes a conversation for everybody.
struct DeleteConversationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete-conversation", abstract: "Delete a conversation for everybody in it.",
        discussion: """
            What is unsent in it is cancelled.

            EXAMPLE
              tidemark delete-conversation c1 --yes
            """)

    @Argument(help: ArgumentHelp("The conversation.", valueName: "conv"))
    var conversation: String

    @OptionGroup
    var consent: Consent

    @OptionGroup
    var write: WriteOptions

    func run() async throws {
        try await write.perform("Deleted") { engine, account, token in
            let id = try account.resolveConversation(conversation)
            let view = try account.conversation(id).get()
            let unsent = view.pending == 0 ? "" : " Its \(view.pending) unsent are cancelled."
            try consent.ask("Delete \(id) (\(view.topic)) for everybody?\(unsent)")
            return try await engine.deleteConversation(id, token: token)
        }
    }
}
