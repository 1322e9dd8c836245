import ArgumentParser
import Tidemark

/// Which intents an act is for, and what opens their store.
struct IntentSelection: ParsableArguments {
    @Argument(help: ArgumentHelp("The intents: local ids or tokens.", valueName: "id"))
    var ids: [String] = []

    @Flag(help: "All that this can be done to.")
    var all = false

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    /// Does something to those that were named, or to all that an action is open for.
    func perform(
        _ done: String, _ action: ParkReason.Action, asking: ([IntentID]) throws -> Void = { _ in },
        _ body: (SyncEngine, IntentID) async throws -> Void
    ) async throws {
        let act = try await OutboxAct(common)
        let intents = try act.intents(self, action)
        if !intents.isEmpty { try asking(intents) }
        try await act.perform(done, Standing.Wish(action), on: intents) { try await body(act.engine, $0) }
    }

    func validate() throws {
        if ids.isEmpty == !all { throw ValidationError("Name the intents, or say --all.") }
    }
}

/// Something done to intents: opens the store, does it to each, tells what became of them.
struct OutboxAct {
    let common: CommonOptions
    let store: MessageStore
    let account: AccountView
    let engine: SyncEngine

    init(_ common: CommonOptions) async throws {
        self.common = common
        store = try await MessageStore.open(common.storePath, mode: .readWrite)
        account = try store.account(common.accountName)
        engine = try SyncEngine(
            store: store, service: try OfflineService(try store.account(named: account.name)), account: account.name,
            logger: common.logger)
    }

    /// The intents that were named, or all that an action is open for.
    func intents(_ selection: IntentSelection, _ action: ParkReason.Action) throws -> [IntentID] {
        guard selection.all else { return try selection.ids.map { try account.resolveIntent($0) } }
        return try account.outbox().get().filter { $0.actions.contains(action) }.map(\.intent)
    }

    func perform(
        _ done: String, _ wish: Standing.Wish?, on intents: [IntentID], _ body: (IntentID) async throws -> Void
    ) async throws {
        let output = common.output
        for intent in intents {
            let already = try await doOnce(wish, intent, body)
            let entry = try account.intent(intent).get()
            if output.isJSON {
                output.json(OutboxText.json(entry))
            } else {
                output.line(already ?? "\(done) \(output.style.bold(intent.description)) (\(entry.state.name)).")
            }
        }
        if intents.isEmpty, !output.isJSON { output.line("There is nothing that this can be done to.") }
    }

    /// Returns a sentence where it was so already, and nothing was done.
    private func doOnce(
        _ wish: Standing.Wish?, _ intent: IntentID, _ body: (IntentID) async throws -> Void
    ) async throws -> String? {
        let standing = Standing(entry: try account.intent(intent).get(), account: account, common: common)
        switch wish.map(standing.verdict(on:)) ?? .open {
        case .already(let sentence): return sentence
        case .refused(let sentence): throw standing.failure(sentence)
        case .open: break
        }
        do {
            try await body(intent)
        } catch let error as StoreError where error.code == .notAllowed {
            throw standing.failure(error.description)
        }
        return nil
    }
}
