import ArgumentParser
import Tidemark

/// What still needs the wire or a person.
struct OutboxListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show what is unsent, why, and when it is next tried.",
        discussion: """
            EXAMPLE
              tidemark outbox list --state parked
            """)

    static let states = ["queued", "waiting", "transmitting", "inDoubt", "sent", "parked"]

    @Option(help: ArgumentHelp("Only those in this state: \(states.joined(separator: ", ")).", valueName: "s"))
    var state: String?

    @Option(help: ArgumentHelp("Only those written longer ago than this.", valueName: "dur"))
    var olderThan: DurationArgument?

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func validate() throws {
        if let state, !Self.states.contains(state) {
            throw ValidationError("--state takes one of \(Self.states.joined(separator: ", ")).")
        }
    }

    func run() async throws {
        let store = try await common.openToLook()
        let account = try store.account(common.accountName)
        let now = Timestamp.current
        let outbox = try account.outbox().get()
        let entries = outbox.filter { entry in
            (state == nil || entry.state.name == state) && olderThan.map { entry.createdAt < now - $0.duration } ?? true
        }
        let output = common.output
        if output.isJSON { return entries.forEach { output.json(OutboxText.json($0)) } }
        if try !store.isAdopted {
            output.line(output.style.red("This store was copied or restored: nothing leaves it until you say so."))
            output.line("  → \(common.command("outbox adopt"))")
        }
        guard !entries.isEmpty else { return output.line(output.style.green("Everything has reached the service.")) }
        let printer = OutboxPrinter(
            output: output, common: common, account: account, now: now, obstacles: Obstacles(outbox))
        for entry in entries { try printer.print(entry) }
    }
}
