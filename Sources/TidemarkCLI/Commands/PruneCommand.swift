import ArgumentParser
import Tidemark

/// Forgets old messages here.
struct PruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Forget old messages in the store, and shrink its file.",
        discussion: """
            Nothing is deleted at the service. Tombstones and unsent work stay; no sync reads again what went, `backfill` does.

            EXAMPLE
              tidemark prune --older-than 365d --yes
            """)

    @Option(help: ArgumentHelp("Forget what was created and last changed longer ago than this.", valueName: "dur"))
    var olderThan: DurationArgument

    @Option(help: ArgumentHelp("Only in this conversation.", valueName: "conv"))
    var conversation: String?

    @OptionGroup
    var consent: Consent

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let store = try await MessageStore.open(common.storePath, mode: .readWrite)
        let account = try store.account(common.accountName)
        let id = try conversation.map { try account.resolveConversation($0) }
        try consent.ask("Forget what is older than \(olderThan.duration.spoken) in \(id?.description ?? "all conversations")?")
        let report = try account.prune(olderThan: .current - olderThan.duration, in: id)
        let output = common.output
        if output.isJSON {
            return output.json([
                ("messages", .number(report.messages)), ("conversations", .number(report.conversations)),
                ("sizeBefore", .number(Int(report.sizeBefore))), ("sizeAfter", .number(Int(report.sizeAfter))),
            ])
        }
        guard report.messages > 0 else { return output.line("Nothing is older than that.") }
        output.line(
            "Forgot \(TextLayout.counted(report.messages, "message")); the store has "
                + "\(SyncReportPrinter.size(report.sizeAfter)) instead of \(SyncReportPrinter.size(report.sizeBefore)).")
    }
}
