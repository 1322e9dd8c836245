import ArgumentParser
import Tidemark

/// Takes in what `export` wrote.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take in a file that `export` wrote, all of it or nothing.",
        discussion: """
            Messages merge by their remote ids. What was unsent is parked: it goes out only if you say so. The account is \
            made if there is none of its name; --account gives it another one. The store's file is made, too.

            EXAMPLE
              tidemark import Fixtures/exports/trip.jsonl
            """)

    @Argument(help: ArgumentHelp("The file.", valueName: "file"))
    var file: String

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let store = try await MessageStore.open(common.storePath, mode: .create)
        let report = try store.importConversations(from: file, into: common.accountName)
        let output = common.output
        if output.isJSON {
            return output.json([
                ("account", .string(report.account.rawValue)), ("conversations", .number(report.conversations)),
                ("added", .number(report.added)), ("changed", .number(report.changed)), ("known", .number(report.known)),
                ("unsent", .number(report.unsent)),
            ])
        }
        let style = output.style
        output.line(
            "\(style.bold(EscapedText.line(report.account.rawValue))): \(TextLayout.counted(report.conversations, "conversation")), "
                + "\(TextLayout.counted(report.added, "message")) added, \(report.changed) changed, \(report.known) known")
        if report.unsent > 0 {
            output.line("\(report.unsent) unsent: parked until you say what to do.")
            output.line("  → \(common.command("outbox"))")
        }
        output.line(style.dim("Nothing of it proves that history is complete; a sync does."))
    }
}
