import ArgumentParser
import Tidemark

/// Who is in a conversation.
struct ParticipantsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "participants", abstract: "List, add or remove the participants of a conversation.",
        usage: """
            tidemark participants <conv>
            tidemark participants <conv> add <id[,name=…][,history=time]> …
            tidemark participants <conv> remove <id>
            """,
        discussion: """
            EXAMPLE
              tidemark participants c1 add 8:acs:bob,name=Bob
            """)

    @OptionGroup
    var target: ConversationArgument

    @Argument(help: ArgumentHelp("`add` or `remove`, and whom.", valueName: "action"))
    var action: [String] = []

    @OptionGroup
    var write: WriteOptions

    func validate() throws {
        switch action.first {
        case nil: return
        case "add" where action.count > 1:
            for text in action.dropFirst() where ParticipantArgument(argument: text) == nil {
                throw ValidationError("\(EscapedText.line(text, limit: 80)) is not ID[,name=…][,history=TIME].")
            }
        case "remove" where action.count == 2 && !action[1].isEmpty: return
        default: throw ValidationError("Say nothing to list, `add ID…` or `remove ID`.")
        }
    }

    func run() async throws {
        guard let verb = action.first else { return try await list() }
        try await write.perform(verb == "add" ? "Adding to" : "Removing from") { engine, account, token in
            let conversation = try target.resolve(in: account)
            if verb == "remove" { return try await engine.remove(ParticipantID(action[1]), from: conversation, token: token) }
            let participants = action.dropFirst().compactMap { ParticipantArgument(argument: $0)?.participant }
            return try await engine.add(participants, to: conversation, token: token)
        }
    }

    private func list() async throws {
        let account = try await write.common.viewed()
        let participants = try account.participants(of: try target.resolve(in: account)).get()
        let output = write.common.output
        if output.isJSON { return participants.forEach { output.json(Self.json($0)) } }
        if participants.isEmpty, try account.store.account(named: account.name).service == LiveKitSettings.service {
            return output.line("Who is in a LiveKit room is not known here; only who writes is.")
        }
        guard !participants.isEmpty else { return output.line("Nobody is known to be in it yet; `tidemark sync` asks.") }
        var table = Table([
            Table.Column(title: "id", shrinks: true, isID: true), Table.Column(title: "name", shrinks: true),
            Table.Column(title: "role"),
            Table.Column(title: "history from"), Table.Column(title: "state"),
        ])
        for one in participants {
            table.add([
                Table.Cell(EscapedText.line(one.id.rawValue)),
                Table.Cell(EscapedText.line(one.displayName ?? "") + (one.isOwn ? " (you)" : ""), output.style.bold),
                Table.Cell(EscapedText.line(one.role ?? "")),
                Table.Cell(one.shareHistoryTime.map { $0.milliseconds <= 0 ? "its beginning" : LocalTime($0).dayAndClock } ?? ""),
                Table.Cell(one.state == .confirmed ? "" : one.state.name, output.style.yellow),
            ])
        }
        output.table(table)
    }

    private static func json(_ one: ParticipantView) -> [(String, JSONValue)] {
        [
            ("id", .string(one.id.rawValue)), ("displayName", .optional(one.displayName)), ("role", .optional(one.role)),
            ("shareHistoryTime", .time(one.shareHistoryTime)), ("isOwn", .bool(one.isOwn)), ("state", .string(one.state.name)),
        ]
    }
}
