import ArgumentParser
import Tidemark

/// Gives a conversation another topic.
struct RenameCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename", abstract: "Give a conversation another topic.",
        discussion: """
            EXAMPLE
              tidemark rename c1 "Trip to the sea"
            """)

    @OptionGroup
    var target: ConversationArgument

    @Argument(help: "What it is called from now on.")
    var topic: String

    @OptionGroup
    var write: WriteOptions

    func run() async throws {
        try await write.perform("Renamed") { engine, account, token in
            try await engine.rename(try target.resolve(in: account), to: topic, token: token)
        }
    }
}
