import ArgumentParser
import Tidemark

/// Messages by their words.
struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Find messages by their words.",
        discussion: """
            All words have to be there; "two words" in quotes is a phrase, tide* whatever begins so.

            EXAMPLE
              tidemark search hel* --limit 10
            """)

    @Argument(help: ArgumentHelp("The words.", valueName: "query"))
    var query: [String]

    @Option(help: ArgumentHelp("Only in this conversation.", valueName: "conv"))
    var conversation: String?

    @Option(help: ArgumentHelp("The most messages to show.", valueName: "n"))
    var limit = 20

    @Flag(help: "The newest first, instead of the best match.")
    var newest = false

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func validate() throws {
        guard (1...AccountView.maximumFound).contains(limit) else {
            throw ValidationError("--limit takes 1 to \(AccountView.maximumFound).")
        }
        if query.allSatisfy(\.isEmpty) { throw ValidationError("Say what to search for.") }
    }

    func run() async throws {
        let account = try await common.viewed()
        let id = try conversation.map { try account.resolveConversation($0) }
        let typed = query.joined(separator: " ")
        let hits = try account.search(typed, in: id, order: newest ? .newest : .relevance, limit: limit).get()
        let output = common.output
        if output.isJSON {
            return hits.forEach { hit in
                output.json(TimelineText.json(hit.entry) + [("snippet", .string(hit.snippet.text))])
            }
        }
        guard !hits.isEmpty else { return output.line("Nothing was found.") }
        var printer = FoundPrinter(output: output, account: account)
        for hit in hits { try printer.print(hit.entry, snippet: hit.snippet) }
    }
}
