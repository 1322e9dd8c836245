import ArgumentParser
import Tidemark

/// Makes a conversation.
struct CreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a conversation; it can be written to at once.",
        discussion: """
            EXAMPLE
              tidemark create Trip --with 8:acs:alice,name=Alice,history=2d
            """)

    @Argument(help: "What it is called.")
    var topic: String

    @Option(
        help: ArgumentHelp("Who is in it, and from when on they may read its history.", valueName: "id[,name=…][,history=time]"))
    var with: [ParticipantArgument] = []

    @OptionGroup
    var write: WriteOptions

    func run() async throws {
        try await write.perform("Created") { engine, _, token in
            try await engine.createConversation(topic: topic, with: with.map(\.participant), token: token)
        }
    }
}
