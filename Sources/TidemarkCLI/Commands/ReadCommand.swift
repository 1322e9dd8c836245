import ArgumentParser
import Tidemark

/// Marks as read.
struct ReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "Mark a conversation as read, up to a message or all of it.",
        discussion: """
            EXAMPLE
              tidemark read c1
            """)

    @OptionGroup
    var target: ConversationArgument

    @Argument(help: ArgumentHelp("The last message that was read. Default: the newest.", valueName: "msg"))
    var message: String?

    @OptionGroup
    var write: WriteOptions

    func run() async throws {
        try await write.perform("Marked as read:") { engine, account, token in
            let conversation = try target.resolve(in: account)
            let message = try message.map { text in
                try account.resolveMessage(text.contains("/") ? text : "\(conversation)/\(text)")
            }
            return try await engine.markRead(conversation, upTo: message, token: token)
        }
    }
}
