import ArgumentParser
import Tidemark

/// Answers what the engine can't find out.
struct OutboxResolveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve", abstract: "Say what became of an intent in doubt, or whose text an edit conflict keeps.",
        discussion: """
            EXAMPLE
              tidemark outbox resolve i3 --mine
            """)

    @OptionGroup
    var target: IntentArgument

    @Option(help: ArgumentHelp("It arrived, as this message or conversation of the service.", valueName: "remote-id"))
    var arrived: String?

    @Flag(help: "It did not arrive: send it.")
    var notSent = false

    @Flag(help: "An edit conflict: your text.")
    var mine = false

    @Flag(help: "An edit conflict: their text.")
    var theirs = false

    private var resolutions: [Resolution] {
        (arrived.map { [.arrived($0)] } ?? []) + (notSent ? [.notSent] : []) + (mine ? [.mine] : []) + (theirs ? [.theirs] : [])
    }

    func validate() throws {
        if arrived?.isEmpty == true { throw ValidationError("--arrived takes the id that the service gave what arrived.") }
        if resolutions.count != 1 { throw ValidationError("Say one of --arrived REMOTE-ID, --not-sent, --mine and --theirs.") }
    }

    func run() async throws {
        guard let resolution = resolutions.first else { return }
        try await target.perform("Resolved", .resolve(resolution)) { engine, intent in
            try await engine.resolve(intent, as: resolution)
        }
    }
}
