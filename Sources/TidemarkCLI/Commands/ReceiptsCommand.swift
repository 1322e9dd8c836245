import ArgumentParser
import Tidemark

/// Who has read how far.
struct ReceiptsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipts", abstract: "Show how far everybody has read.",
        discussion: """
            EXAMPLE
              tidemark receipts c1
            """)

    @Argument(help: ArgumentHelp("The conversation.", valueName: "conv"))
    var conversation: String

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let account = try await common.viewed()
        let receipts = try account.receipts(of: try account.resolveConversation(conversation)).get()
        let output = common.output
        if output.isJSON { return receipts.forEach { output.json(Self.json($0)) } }
        guard !receipts.isEmpty else { return output.line("No receipt is known.") }
        var table = Table([
            Table.Column(title: "participant", shrinks: true, isID: true), Table.Column(title: "read up to"),
            Table.Column(title: "at (\(LocalTime(.current).zone))"),
        ])
        for one in receipts {
            table.add([
                Table.Cell(
                    one.isOwn ? "You" : EscapedText.line(one.displayName ?? one.participant.rawValue), output.style.bold),
                Table.Cell(one.message?.description ?? EscapedText.line(one.remoteMessage.rawValue)),
                Table.Cell(LocalTime(one.readAt).dayAndClock),
            ])
        }
        output.table(table)
    }

    private static func json(_ one: ReceiptView) -> [(String, JSONValue)] {
        [
            ("participant", .string(one.participant.rawValue)), ("message", .id(one.message)), ("readAt", .time(one.readAt)),
            ("remoteMessage", .string(one.remoteMessage.rawValue)), ("displayName", .optional(one.displayName)),
        ]
    }
}
