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

    @Argument(help: ArgumentHelp("The intent: a local id or a token.", valueName: "id"))
    var id: String

    @Argument(help: "The new text; `-` reads it from standard input.")
    var text: String

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let text = try TextArgument.read(text)
        let act = try await OutboxAct(common)
        try await act.perform("Edited", on: [try act.account.resolveIntent(id)]) { try await act.engine.edit($0, to: text) }
    }
}
