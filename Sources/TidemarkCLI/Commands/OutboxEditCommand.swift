import ArgumentParser
import Tidemark

/// Changes the text of what is unsent.
struct OutboxEditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Change the text of a parked or queued send or edit; it keeps its place.",
        discussion: """
            EXAMPLE
              tidemark outbox edit i2 "A shorter text"
            """)

    @OptionGroup
    var target: IntentArgument

    @Argument(help: "The new text; `-` reads it from standard input.")
    var text: String

    func run() async throws {
        let text = try TextArgument.read(text)
        try await target.perform("Edited", .edit) { engine, intent in try await engine.edit(intent, to: text) }
    }
}
