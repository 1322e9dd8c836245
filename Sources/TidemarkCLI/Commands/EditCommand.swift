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

    @OptionGroup
    var target: MessageArgument

    @Argument(help: "The new text; `-` reads it from standard input.")
    var text: String

    @OptionGroup
    var write: WriteOptions

    func run() async throws {
        let text = try TextArgument.read(text)
        try await write.perform("Edited") { engine, account, token in
            try await engine.edit(try target.resolve(in: account, for: token), to: text, token: token)
        }
    }
}
