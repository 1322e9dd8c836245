import ArgumentParser
import Tidemark

/// Lets a copied or restored store send again.
struct OutboxAdoptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt", abstract: "Let a copied or restored store send again; what is unsent is looked up first.",
        discussion: """
            EXAMPLE
              tidemark outbox adopt
            """)

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let store = try await MessageStore.open(common.storePath, mode: .readWrite)
        let wasAdopted = try store.isAdopted
        let accounts = try store.accounts().filter { common.account == nil || $0.name == common.accountName }
        for account in wasAdopted ? [] : accounts {
            let engine = try SyncEngine(store: store, service: try OfflineService(account), account: account.name)
            try await engine.adoptOutbox()
        }
        let output = common.output
        if output.isJSON { return output.json([("adopted", .bool(true)), ("wasAdopted", .bool(wasAdopted))]) }
        output.line(
            wasAdopted
                ? "This store is where it belongs; there is nothing to adopt."
                : "Adopted. What is unsent is looked up before it is sent; `tidemark sync` does it.")
    }
}
