import ArgumentParser
import Tidemark

/// Where history is not proved.
struct GapsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gaps", abstract: "Show where history may be missing.",
        discussion: """
            EXAMPLE
              tidemark gaps
            """)

    @Argument(help: ArgumentHelp("Only of this conversation.", valueName: "conv"))
    var conversation: String?

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let account = try await common.viewed()
        let id = try conversation.map { try account.resolveConversation($0) }
        let gaps = try account.gaps(in: id).get()
        let keepsHistory = OfflineService.keepsHistory(try account.store.account(named: account.name))
        let output = common.output
        if output.isJSON { return gaps.forEach { output.json(json($0, keepsHistory)) } }
        guard !gaps.isEmpty else { return output.line(output.style.green("History is complete.")) }
        var table = Table([
            Table.Column(title: "conv"), Table.Column(title: "topic", shrinks: true), Table.Column(title: "what", shrinks: true),
            Table.Column(title: "to fill it", shrinks: true),
        ])
        for gap in gaps {
            let topic = try account.conversation(gap.conversation).get().topic
            table.add([
                Table.Cell(gap.conversation.description), Table.Cell(EscapedText.line(topic, limit: 60)),
                Table.Cell(Self.words(gap)), Table.Cell(Self.repair(gap, keepsHistory) ?? "nothing can", output.style.dim),
            ])
        }
        output.table(table)
    }

    private static func words(_ gap: GapView) -> String {
        switch gap.kind {
        case .beginning: gap.before.map { "older than \($0)" } ?? "everything so far"
        case .between: [gap.after, gap.before].compactMap { $0?.description }.joined(separator: " to ")
        case .end: "newer than " + (gap.after.map(\.description) ?? "all that is here")
        case .unread: "nothing was read yet"
        }
    }

    /// `nil`: what was not received when it was said is nowhere to be had.
    private static func repair(_ gap: GapView, _ keepsHistory: Bool) -> String? {
        guard keepsHistory else { return nil }
        return gap.needsBackfill || gap.kind == .beginning && gap.before != nil ? "backfill \(gap.conversation)" : "sync"
    }

    private func json(_ gap: GapView, _ keepsHistory: Bool) -> [(String, JSONValue)] {
        [
            ("kind", .string(gap.kind.rawValue)), ("conversation", .id(gap.conversation)), ("after", .id(gap.after)),
            ("message", .id(gap.before)), ("detail", .string(Self.words(gap))),
            ("repair", .optional(Self.repair(gap, keepsHistory))),
        ]
    }
}
