import ArgumentParser
import Foundation
import Tidemark

/// Holds the store against the service's history.
struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "Read the remote history again, compare it with the store, and repair the store.",
        discussion: """
            Unsent work is untouched. --dry-run --plan FILE keeps what it found, and --apply FILE does it later, if neither the \
            store nor the service has moved since. Exit code 3: --dry-run found something, or something is left that can't be repaired.

            EXAMPLE
              tidemark reconcile c1 --dry-run
            """)

    @Argument(help: ArgumentHelp("The conversation.", valueName: "conv"))
    var conversation: String?

    @Flag(help: "All conversations, and the list of them.")
    var all = false

    @Flag(help: "Print what differs and change nothing.")
    var dryRun = false

    @Option(help: ArgumentHelp("With --dry-run: write the plan to this file.", valueName: "file"))
    var plan: String?

    @Option(help: ArgumentHelp("Apply a plan that was written before.", valueName: "file"))
    var apply: String?

    @Option(help: ArgumentHelp("Compare only what was created since then.", valueName: "time"))
    var since: TimeArgument?

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func validate() throws {
        if apply != nil {
            guard conversation == nil, !all, !dryRun, since == nil, plan == nil else {
                throw ValidationError("--apply takes what the plan says; leave out the rest.")
            }
            return
        }
        if (conversation == nil) != all { throw ValidationError("Name one conversation, or say --all.") }
        if plan != nil, !dryRun { throw ValidationError("--plan goes with --dry-run.") }
    }

    func run() async throws {
        let store = try await MessageStore.open(common.storePath, mode: dryRun ? .readOnly : .readWrite)
        let view = try store.account(common.accountName)
        let id = try conversation.map { try view.resolveConversation($0) }
        let account = try store.account(named: view.name)
        guard OfflineService.keepsHistory(account) else {
            throw Failure(
                .needsPerson, code: StoreError.Code.noHistory.rawValue,
                "The service of \(account.name) keeps no history to compare with.",
                hint: "What was not received is a gap and stays one.")
        }
        let sync = SyncRun(common: common, store: store, account: account)
        let begun = Timestamp.current
        let (since, dryRun, wanted) = (since?.time, dryRun, try apply.map(Self.read))
        let (result, plan) = try await sync.connected(changes: !dryRun) { engine, _ in
            try await ProgressLine.following(engine) { () -> (Reconciliation, ReconcilePlan?) in
                if let wanted { return (try await engine.apply(wanted), nil) }
                switch (id, dryRun) {
                case (_, true):
                    let plan =
                        if let id { try await engine.plan(id, since: since) } else { try await engine.planAll(since: since) }
                    return (plan.found, plan)
                case (let id?, false): return (try await engine.reconcile(id, since: since), nil)
                case (nil, false): return (try await engine.reconcileAll(since: since), nil)
                }
            }
        }
        if let file = self.plan, let plan { try Self.write(plan, to: file, besides: common.storePath) }
        let repair = self.plan.map { "reconcile --apply \($0)" } ?? "reconcile \(id?.description ?? "--all")"
        let printer = ReconciliationPrinter(
            output: common.output, isDryRun: dryRun, seconds: Timestamp.current - begun, repair: common.command(repair))
        printer.print(result)
        if result.unrepaired > 0 { throw ExitStatus.needsPerson }
    }

    // MARK: The plan's file

    private static func write(_ plan: ReconcilePlan, to file: String, besides store: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let sink = try FileSink(file, besides: store)
        try sink.write(String(decoding: try encoder.encode(plan), as: UTF8.self) + "\n")
        try sink.finish()
    }

    private static func read(_ file: String) throws -> ReconcilePlan {
        let data = try Data(contentsOf: URL(filePath: file))
        do {
            return try JSONDecoder().decode(ReconcilePlan.self, from: data)
        } catch is DecodingError {
            throw Failure(
                .failed, code: "badPlan", "\(EscapedText.line(file)) holds no plan; nothing was changed.",
                hint: "tidemark reconcile --all --dry-run --plan \(EscapedText.line(file))")
        }
    }
}
