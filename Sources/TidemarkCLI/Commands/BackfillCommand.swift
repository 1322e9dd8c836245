import ArgumentParser
import Tidemark

/// Reads older history.
struct BackfillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backfill", abstract: "Read a conversation's older history from the service.",
        discussion: """
            Without --limit and --until: down to its beginning. Exit code 3: something is still missing.

            EXAMPLE
              tidemark backfill c1 --limit 500
            """)

    @OptionGroup
    var target: ConversationArgument

    @Option(help: ArgumentHelp("Read about this many messages, and stop.", valueName: "n"))
    var limit: Int?

    @Option(help: ArgumentHelp("Read what was created since then, and stop.", valueName: "time"))
    var until: TimeArgument?

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit takes 1 or more.") }
        if limit != nil, until != nil { throw ValidationError("Say --limit or --until, not both.") }
        if let until, until.time > .current { throw ValidationError("--until takes a time that has passed.") }
    }

    func run() async throws {
        let store = try await MessageStore.open(common.storePath, mode: .readWrite)
        let account = try store.account(named: common.accountName)
        let view = try store.account(account.name)
        let id = try target.resolve(in: view)
        guard OfflineService.keepsHistory(account) else {
            throw Failure(
                .failed, code: "unsupported", "The service of \(account.name) keeps no history to read.",
                hint: "What was not received is a gap and stays one.")
        }
        var configuration = SyncConfiguration()
        configuration.unreachablePatience = SyncRun.unreachablePatience
        if let limit {
            let page = min(limit, 200)
            configuration.resultsPerPage = page
            configuration.historyPages = (limit + page - 1) / page
        }
        let sync = SyncRun(common: common, store: store, account: account, configuration: configuration)
        let since = until?.time
        let report = try await sync.connected { engine, _ in
            if since == nil { try engine.readHistory(of: id) }
            return try await ProgressLine.following(engine) {
                try await engine.syncOnce(SyncScope(conversations: [id], since: since), deadline: SyncRun.defaultDeadline)
            }
        }
        SyncReportPrinter(output: common.output, common: common, room: nil).print(report)
        let status = ExitStatus(report)
        guard status == .done else { throw status }
        // Whoever asked for a part got that part. What was read and is too young to be proved yet, a later sync proves.
        if limit == nil, since == nil,
            try view.gaps(in: id).get().contains(where: { $0.kind == .beginning && ($0.before != nil || $0.needsBackfill) })
        {
            throw ExitStatus.needsPerson
        }
    }
}
