import ArgumentParser
import Tidemark

/// Leaves nothing of what was said.
struct WipeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wipe", abstract: "Remove every account with all its messages, and leave no byte of them.",
        discussion: """
            Nothing is deleted at the service. What is unsent is listed first and holds the wipe, unless it is discarded. With \
            --account only that one goes.

            EXAMPLE
              tidemark wipe --yes
            """)

    @Flag(help: "Discard what is unsent.")
    var discardUnsent = false

    @OptionGroup
    var consent: Consent

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let store = try await MessageStore.open(common.storePath, mode: .readWrite)
        let output = common.output
        let unsent = try store.unsent(common.accountName)
        if !output.isJSON {
            for entry in unsent {
                output.line(
                    "unsent: \(EscapedText.line(entry.account.rawValue, limit: 40)) \(entry.intent) "
                        + "\(OutboxText.verb(entry.verb)) in \(entry.conversation)")
            }
        }
        try consent.ask("Remove \(common.account.map { "account \($0)" } ?? "every account") and all that the store holds of it?")
        try store.wipe(common.accountName, discardingUnsent: discardUnsent)
        if output.isJSON { return output.json([("wiped", .bool(true)), ("discarded", .number(unsent.count))]) }
        output.line("Nothing is left." + (unsent.isEmpty ? "" : " \(unsent.count) unsent were discarded."))
    }
}
