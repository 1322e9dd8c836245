import ArgumentParser
import Tidemark

/// Answers what the engine can't find out.
struct OutboxResolveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve", abstract: "Say what became of an intent in doubt, or whose text an edit conflict keeps.",
        discussion: """
            EXAMPLE
              tidemark outbox resolve i2 --not-sent
            """)

    @Argument(help: ArgumentHelp("The intent: a local id or a token.", valueName: "id"))
    var id: String

    @Option(help: ArgumentHelp("It arrived, as this message or conversation of the service.", valueName: "remote-id"))
    var arrived: String?

    @Flag(help: "It did not arrive: send it.")
    var notSent = false

    @Flag(help: "An edit conflict: your text.")
    var mine = false

    @Flag(help: "An edit conflict: their text.")
    var theirs = false

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    private var resolutions: [Resolution] {
        (arrived.map { [.arrived($0)] } ?? []) + (notSent ? [.notSent] : []) + (mine ? [.mine] : []) + (theirs ? [.theirs] : [])
    }

    func validate() throws {
        if resolutions.count != 1 { throw ValidationError("Say one of --arrived REMOTE-ID, --not-sent, --mine and --theirs.") }
    }

    func run() async throws {
        guard let resolution = resolutions.first else { return }
        let act = try await OutboxAct(common)
        try await act.perform("Resolved", on: [try act.account.resolveIntent(id)]) { intent in
            try await act.engine.resolve(intent, as: resolution)
        }
    }
}
