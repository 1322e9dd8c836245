import ArgumentParser
import Tidemark

/// What happened.
struct JournalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal", abstract: "Show what happened, with cause, attempt and status.",
        discussion: """
            EXAMPLE
              tidemark journal --since 1d
            """)

    @Option(help: ArgumentHelp("Only what happened since then: RFC 3339, a date, or a span ago (2d).", valueName: "time"))
    var since: TimeArgument?

    @Option(help: ArgumentHelp("The most lines to show: the newest.", valueName: "n"))
    var limit = 1000

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let since = since?.time ?? Timestamp(milliseconds: 0)
        let lines = try await common.viewed().journal(.since(since), limit: limit).get()
        JournalPrinter(output: common.output).print(lines)
    }
}
