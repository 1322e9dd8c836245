import ArgumentParser
import Tidemark

/// What every command takes that writes something down to be sent.
struct WriteOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Your own token: the same one again does nothing twice. Default: a fresh one.", valueName: "t"))
    var token: String?

    @Flag(help: "Sync afterwards, too.")
    var sync = false

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    /// Opens the store and writes a wish down; it is durable before a word is printed, and no network is needed.
    ///
    /// `resolve` finds out what the ids on the command line mean, `body` does it.
    func perform(
        _ done: String, _ body: (SyncEngine, AccountView, Token?) async throws -> Enqueued
    ) async throws {
        let store = try await MessageStore.open(common.storePath, mode: .readWrite)
        let view = try store.account(common.accountName)
        let account = try store.account(named: view.name)
        let engine = try SyncEngine(store: store, service: try OfflineService(account), account: view.name, logger: common.logger)
        let result = try await body(engine, view, token.map { Token($0) })
        let printer = EnqueuedPrinter(output: common.output, view: view, done: done)
        guard sync else { return try printer.print(result) }
        if !common.json { try printer.print(result) }
        let ending = await Result.awaiting {
            try await SyncRun(common: common, store: store, account: account).once(isThorough: false)
        }
        // Whatever became of the sync, what was written down is told.
        if common.json { try printer.print(result) }
        let report = try ending.get()
        if !common.json {
            let room = try LiveKitSettings(ifOf: account)
            SyncReportPrinter(output: common.output, common: common, room: room).print(report)
        }
        let status = ExitStatus(report)
        if status != .done { throw status }
    }
}

extension Result where Failure == any Error {
    static func awaiting(_ body: () async throws -> Success) async -> Self {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}

/// Says what was written down.
struct EnqueuedPrinter {
    let output: Output
    let view: AccountView
    /// What a person reads: `Queued`.
    let done: String

    func print(_ result: Enqueued) throws {
        let state = try view.intent(result.intent).get().state
        if output.isJSON {
            var fields: [(String, JSONValue)] = [
                ("intent", .id(result.intent)), ("token", .string(result.token.rawValue)),
                ("conversation", .id(result.conversation)), ("message", .id(result.message)), ("state", .string(state.name)),
            ]
            if let cancelled = result.cancelled { fields.append(("cancelled", .number(cancelled))) }
            return output.json(fields)
        }
        let what = result.message.map { "\($0) in \(result.conversation)" } ?? result.conversation.description
        output.line("\(done) \(output.style.bold(what)) (\(state.name)).")
        if let cancelled = result.cancelled, cancelled > 0 {
            output.line(
                cancelled == 1 ? "1 unsent intent of it is cancelled." : "\(cancelled) unsent intents of it are cancelled.")
        }
        output.line(output.style.dim("intent \(result.intent), token \(EscapedText.line(result.token.rawValue))"))
    }
}
