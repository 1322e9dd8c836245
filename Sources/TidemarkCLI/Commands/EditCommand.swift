import ArgumentParser
import Tidemark

/// Changes an own message.
struct EditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Change the text of a message of yours.",
        discussion: """
            EXAMPLE
              tidemark edit m1 "On the train, still no network"
            """)

    @Argument(help: ArgumentHelp("The message: a local id, a remote id, a beginning of either, or CONV/MSG.", valueName: "msg"))
    var message: String

    @Argument(help: "The new text; `-` reads it from standard input.")
    var text: String

    @OptionGroup
    var write: WriteOptions

    func run() async throws {
        let text = try TextArgument.read(text)
        try await write.perform("Edited") { engine, account, token in
            try await engine.edit(try account.resolveMessage(message), to: text, token: token)
        }
    }
}
