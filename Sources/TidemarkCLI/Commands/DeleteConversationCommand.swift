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

    @OptionGroup
    var target: ConversationArgument

    @OptionGroup
    var consent: Consent

    @OptionGroup
    var write: WriteOptions

    func run() async throws {
        try await write.perform("Deleted") { engine, account, token in
            let id = try target.resolve(in: account)
            let view = try account.conversation(id).get()
            let unsent = view.pending == 0 ? "" : " What is unsent in it (\(view.pending)) is cancelled."
            try consent.ask("Delete \(id) (\(view.topic)) for everybody?\(unsent)")
            return try await engine.deleteConversation(id, token: token)
        }
    }
}
