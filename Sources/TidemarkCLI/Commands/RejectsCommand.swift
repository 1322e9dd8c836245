import ArgumentParser
import Tidemark

/// What the service sent and nobody could read.
struct RejectsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rejects", abstract: "Show what could not be decoded, and why.",
        discussion: """
            It is kept, and decoded again by later versions.

            EXAMPLE
              tidemark rejects
            """)

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let rejects = try await common.viewed().rejects().get()
        let output = common.output
        if output.isJSON {
            return rejects.forEach { one in
                output.json([
                    ("kind", .string(one.subject)), ("conversation", .id(one.conversation)), ("message", .null),
                    ("remoteID", .optional(one.remoteID)), ("at", .time(one.lastSeenAt)), ("cause", .string(one.reason)),
                    ("detail", .string("\(one.size) bytes, decoder \(one.decoder)")),
                    ("repair", .string("a later version decodes it again")),
                ])
            }
        }
        guard !rejects.isEmpty else { return output.line(output.style.green("Everything could be read.")) }
        var table = Table([
            Table.Column(title: "last seen (\(LocalTime(.current).zone))"), Table.Column(title: "what"),
            Table.Column(title: "conv"),
            Table.Column(title: "remote id", shrinks: true), Table.Column(title: "why", shrinks: true),
        ])
        for one in rejects {
            table.add([
                Table.Cell(LocalTime(one.lastSeenAt).dayAndClock), Table.Cell(EscapedText.line(one.subject, limit: 20)),
                Table.Cell(one.conversation?.description ?? ""), Table.Cell(EscapedText.line(one.remoteID ?? "", limit: 60)),
                Table.Cell(EscapedText.line(one.reason, limit: 200)),
            ])
        }
        output.table(table)
    }
}
