import ArgumentParser
import Tidemark

/// Holds the store against the service's history.
struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "Read the remote history again, compare it with the store, and repair the store.",
        discussion: """
            Unsent work is untouched. Exit code 3: --dry-run found something, or something is left that can't be repaired.

            EXAMPLE
              tidemark reconcile c1 --dry-run
            """)

    @Argument(help: ArgumentHelp("The conversation.", valueName: "conv"))
    var conversation: String?

    @Flag(help: "All conversations, and the list of them.")
    var all = false

    @Flag(help: "Print what differs and change nothing.")
    var dryRun = false

    @Option(help: ArgumentHelp("Compare only what was created since then.", valueName: "time"))
    var since: TimeArgument?

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func validate() throws {
        if (conversation == nil) != all { throw ValidationError("Name one conversation, or say --all.") }
    }

    func run() async throws {
        let store = try await MessageStore.open(common.storePath, mode: dryRun ? .readOnly : .readWrite)
        let view = try store.account(common.accountName)
        let id = try conversation.map { try view.resolveConversation($0) }
        let account = try store.account(named: view.name)
        guard account.service != LiveKitSettings.service else {
            throw Failure(
                .failed, code: "unsupported", "A LiveKit room has no history to compare with.",
                hint: "What was not received is a gap and stays one.")
        }
        let sync = SyncRun(common: common, store: store, account: account)
        let begun = Timestamp.current
        let (since, dryRun) = (since?.time, dryRun)
        let result = try await sync.connected(changes: !dryRun) { engine, _ in
            try await ProgressLine.following(engine) {
                switch (id, dryRun) {
                case (let id?, true): try await engine.compare(id, since: since)
                case (let id?, false): try await engine.reconcile(id, since: since)
                case (nil, true): try await engine.compareAll(since: since)
                case (nil, false): try await engine.reconcileAll(since: since)
                }
            }
        }
        let printer = ReconciliationPrinter(output: common.output, isDryRun: dryRun, seconds: Timestamp.current - begun)
        printer.print(result)
        if result.unrepaired > 0 { throw ExitStatus.needsPerson }
    }
}
