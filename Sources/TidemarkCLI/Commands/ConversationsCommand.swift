import ArgumentParser
import Tidemark

/// The list of chats.
struct ConversationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conversations", abstract: "List the conversations, the most recently active first.",
        discussion: """
            EXAMPLE
              tidemark conversations --json
            """)

    @Flag(help: "List deleted ones, too.")
    var all = false

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let list = try await common.viewed().conversations(includingDeleted: all).get()
        let output = common.output
        if output.isJSON { return list.forEach { output.json(Self.json($0)) } }
        guard !list.isEmpty else {
            return output.line("There is no conversation yet. `tidemark sync` fetches, `tidemark create TOPIC` makes one.")
        }
        let now = Timestamp.current
        var table = Table([
            Table.Column(title: "id"), Table.Column(title: "topic", shrinks: true), Table.Column(title: "unread", isRight: true),
            Table.Column(title: "unsent", isRight: true), Table.Column(title: "last (\(LocalTime(now).zone))"),
            Table.Column(title: "message", shrinks: true),
        ])
        for one in list { table.add(cells(one, now, output.style)) }
        output.table(table)
    }

    private func cells(_ one: ConversationView, _ now: Timestamp, _ style: Style) -> [Table.Cell] {
        let isGone = one.deletedAt != nil || one.membership == .left
        let unread = one.unread == 0 && !one.unreadAtLeast ? "" : "\(one.unread)\(one.unreadAtLeast ? "+" : "")"
        let said = one.lastMessage.map { "\(TimelineText.sender(of: $0, names: [:])): \(TimelineText.summary(of: $0))" } ?? ""
        let last = one.draft.map { "Draft: \(EscapedText.line($0.text, limit: 200))" } ?? said
        let note = one.deletedAt != nil ? " (deleted)" : one.membership == .left ? " (left)" : ""
        let pending = one.pending == 0 ? "" : String(one.pending) + (one.problem == nil ? "" : "!")
        let topic = Table.Cell(EscapedText.line(one.topic, limit: 200) + note, isGone ? style.dim : style.bold)
        return [
            Table.Cell(one.id.description, style.dim), topic, Table.Cell(unread, style.cyan),
            Table.Cell(pending, style.yellow),
            Table.Cell(LocalTime.short(one.lastMessageAt ?? one.lastMessage?.createdAt, now: now)),
            Table.Cell(last, style.dim),
        ]
    }

    private static func json(_ one: ConversationView) -> [(String, JSONValue)] {
        [
            ("id", .id(one.id)), ("remoteID", .id(one.remoteID)), ("account", .string(one.account.rawValue)),
            ("topic", .string(one.topic)), ("unread", .number(one.unread)), ("unreadAtLeast", .bool(one.unreadAtLeast)),
            ("pending", .number(one.pending)), ("lastMessageAt", .time(one.lastMessageAt)), ("deletedAt", .time(one.deletedAt)),
            ("asOf", .time(one.asOf)), ("state", .string(one.state.name)), ("problem", .optional(one.problem?.rawValue)),
            ("membership", .string(one.membership.rawValue)), ("draft", .optional(one.draft?.text)),
        ]
    }
}
