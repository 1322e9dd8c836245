import ArgumentParser
import Tidemark

/// Messages by who wrote them and when.
struct MessagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "messages", abstract: "List messages by sender and time, the newest first.",
        discussion: """
            EXAMPLE
              tidemark messages --from 7d --limit 20
            """)

    @Option(help: ArgumentHelp("Only by this sender: the service's id.", valueName: "id"))
    var sender: String?

    @Option(help: ArgumentHelp("Created then or later: RFC 3339, a date, or a span ago (2d).", valueName: "time"))
    var from: TimeArgument?

    @Option(help: ArgumentHelp("Created before then.", valueName: "time"))
    var to: TimeArgument?

    @Option(help: ArgumentHelp("Only in this conversation.", valueName: "conv"))
    var conversation: String?

    @Option(help: ArgumentHelp("The most messages to show.", valueName: "n"))
    var limit = 50

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func validate() throws {
        guard (1...AccountView.maximumFound).contains(limit) else {
            throw ValidationError("--limit takes 1 to \(AccountView.maximumFound).")
        }
    }

    func run() async throws {
        let account = try await common.viewed()
        let id = try conversation.map { try account.resolveConversation($0) }
        let found = try account.messages(
            in: id, sender: sender.map { ParticipantID($0) }, from: from?.time, to: to?.time, limit: limit
        ).get()
        let output = common.output
        if output.isJSON { return found.forEach { output.json(TimelineText.json($0)) } }
        guard !found.isEmpty else { return output.line("Nothing was found.") }
        var printer = FoundPrinter(output: output, account: account)
        for entry in found { try printer.print(entry, snippet: nil) }
    }
}
