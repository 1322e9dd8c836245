import ArgumentParser
import Foundation
import Tidemark

/// Conversations as a file, for another store or for people.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write conversations to standard output or a file.",
        discussion: """
            jsonl is what `import` reads: every message that the service has shown, and what is unsent. html is one page to \
            read or to send on: it loads nothing and runs nothing.

            EXAMPLE
              tidemark export --format html --output trip.html
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case jsonl
        case html
    }

    @Option(help: ArgumentHelp("Only this conversation.", valueName: "conv"))
    var conversation: String?

    @Option(help: "jsonl or html.")
    var format = Format.jsonl

    @Option(name: .shortAndLong, help: ArgumentHelp("Write to this file. Default: standard output.", valueName: "file"))
    var output: String?

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let account = try await common.viewed()
        let id = try conversation.map { try account.resolveConversation($0) }
        let sink = try FileSink(output, besides: common.storePath)
        let report: ExportReport
        do {
            report = try account.export(format == .html ? .html(.local) : .jsonLines, of: id) { try sink.write($0) }
            try sink.finish()
        } catch {
            sink.discard()
            throw error
        }
        // Standard output may be the export itself.
        guard let output else { return }
        if common.json {
            return common.output.json([
                ("file", .string(output)), ("conversations", .number(report.conversations)),
                ("messages", .number(report.messages)), ("unsent", .number(report.unsent)),
            ])
        }
        let unsent = report.unsent > 0 ? ", \(report.unsent) unsent" : ""
        common.output.line(
            "\(EscapedText.line(output)): \(TextLayout.counted(report.messages, "message")) in "
                + "\(TextLayout.counted(report.conversations, "conversation"))\(unsent)")
    }
}

extension ExportClock {
    /// The machine's own zone.
    static var local: ExportClock {
        ExportClock(
            zone: LocalTime(.current).zone, day: { "\(LocalTime($0).weekday) \(LocalTime($0).day)" },
            time: { LocalTime($0).clock })
    }
}
