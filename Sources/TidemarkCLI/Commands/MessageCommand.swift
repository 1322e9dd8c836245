import ArgumentParser
import Tidemark

/// Everything about one message.
struct MessageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "message", abstract: "Show everything about one message.",
        discussion: """
            EXAMPLE
              tidemark message m1 --history
            """)

    @Argument(
        help: ArgumentHelp(
            "The message: a local id, a remote id, a beginning of either, CONV/MSG, or its token.", valueName: "msg"))
    var message: String

    @Flag(help: "Show what it said before, and what happened to it, too.")
    var history = false

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let account = try await common.viewed()
        let view = try account.message(try resolve(in: account)).get()
        let journal = history ? try account.journal(.message(view.entry.id)).get() : []
        let output = common.output
        let whereabouts = try Whereabouts(view, in: account)
        if output.isJSON { return output.json(json(view, journal) + [("where", .string(whereabouts.sentence))]) }
        let style = output.style
        for (name, value) in facts(view) + [("where", whereabouts.sentence)] + whereabouts.notes.map({ ("", $0) }) {
            for (index, line) in TextLayout.wrapped(value, to: output.width - 11).enumerated() {
                output.line("\(style.dim(TextLayout.padded(index == 0 ? name : "", to: 10))) \(line)")
            }
        }
        for line in TimelineText.lines(of: view.entry, names: [:]) {
            for wrapped in TextLayout.wrapped(line, to: output.width - 2) { output.line("  \(wrapped)") }
        }
        for one in view.intents.flatMap({ OutboxCommands(common: common).all(for: $0) }) {
            output.line("\(style.cyan("→")) \(one.command)")
        }
        if history {
            print(view.revisions, output)
            print(journal, output)
        }
    }

    /// Whoever looks for a message may know only what its sender's program called it.
    private func resolve(in account: AccountView) throws -> MessageID {
        do {
            return try account.resolveMessage(message)
        } catch let error as StoreError where error.code == .notFound {
            guard let intent = try? account.resolveIntent(message), let entry = try? account.intent(intent).get(),
                entry.token.rawValue == message || entry.intent.description == message, let id = entry.message
            else { throw error }
            return id
        }
    }

    private func facts(_ view: MessageView) -> [(String, String)] {
        let entry = view.entry
        func time(_ time: Timestamp?) -> String? { time.map { "\(LocalTime($0).dayAndClock) \(LocalTime($0).zone)" } }
        let facts: [(String, String?)] = [
            ("message", "\(entry.id) in \(entry.conversation)"),
            ("remote id", entry.remoteID?.rawValue),
            ("sender", TimelineText.sender(of: entry, names: [:]) + (entry.sender.map { " (\($0.rawValue))" } ?? "")),
            ("kind", entry.kind.rawValue), ("created", time(entry.createdAt)), ("edited", time(entry.editedAt)),
            ("deleted", time(entry.deletedAt)), ("version", entry.version.map(String.init)), ("token", entry.token?.rawValue),
            ("state", entry.state.name + ((entry.state.reason ?? entry.problem).map { " (\($0.rawValue))" } ?? "")),
            ("copies", view.copies.count > 1 ? view.copies.map(\.id.description).joined(separator: ", ") : nil),
            (
                "unsent",
                view.intents.isEmpty
                    ? nil : view.intents.map { "\($0.intent) \(OutboxText.verb($0.verb))" }.joined(separator: ", ")
            ),
            ("read by", Self.readers(of: view)),
        ]
        return facts.compactMap { name, value in value.map { (name, EscapedText.line($0)) } }
    }

    /// That one has read one's own message goes without saying.
    private static func readers(of view: MessageView) -> String? {
        let readers = view.receipts.filter { !($0.isOwn && view.entry.isOwn) }
            .map { $0.isOwn ? "You" : $0.displayName ?? $0.participant.rawValue }
        return readers.isEmpty ? nil : readers.joined(separator: ", ")
    }

    private func print(_ revisions: [RevisionView], _ output: Output) {
        for revision in revisions {
            output.line()
            let time = revision.editedAt.map { "since \(LocalTime($0).dayAndClock)" } ?? "when it was sent"
            output.line(output.style.dim("it said, \(time):"))
            for line in EscapedText.lines(revision.plainText).flatMap({ TextLayout.wrapped($0, to: output.width - 2) }) {
                output.line("  \(line)")
            }
        }
    }

    private func print(_ journal: [JournalLine], _ output: Output) {
        guard !journal.isEmpty else {
            output.line()
            return output.line("Nothing was done to it here; it came from the service.")
        }
        var table = Table([
            Table.Column(title: "at"), Table.Column(title: "what"), Table.Column(title: "intent"),
            Table.Column(title: "attempt", isRight: true), Table.Column(title: "cause", shrinks: true),
        ])
        for line in journal {
            let cause = [line.cause, line.status.map { "HTTP \($0)" }, line.detail].compactMap { $0 }.joined(separator: ", ")
            table.add([
                Table.Cell("\(LocalTime(line.at).day) \(LocalTime(line.at).clockWithSeconds)"), Table.Cell(line.kind),
                Table.Cell(line.intent?.description ?? ""), Table.Cell(line.attempt.map(String.init) ?? ""),
                Table.Cell(EscapedText.line(cause)),
            ])
        }
        output.line()
        output.table(table)
    }

    private func json(_ view: MessageView, _ journal: [JournalLine]) -> [(String, JSONValue)] {
        var fields = TimelineText.json(view.entry)
        fields.append(
            (
                "copies",
                .array(
                    view.copies.map { copy in
                        .object([
                            ("id", .id(copy.id)), ("remoteID", .id(copy.remoteID)), ("version", .optional(copy.version)),
                            ("createdAt", .time(copy.createdAt)), ("deletedAt", .time(copy.deletedAt)),
                        ])
                    })
            ))
        fields.append(("intents", .array(view.intents.map { .id($0.intent) })))
        fields.append(("receipts", .array(view.receipts.map { .object(Self.json($0)) })))
        if history {
            fields.append(("revisions", .array(view.revisions.map { .object(Self.json($0)) })))
            fields.append(("history", .array(journal.map { .object(Self.json($0)) })))
        }
        return fields
    }

    private static func json(_ receipt: ReceiptView) -> [(String, JSONValue)] {
        [
            ("participant", .string(receipt.participant.rawValue)), ("displayName", .optional(receipt.displayName)),
            ("message", .id(receipt.message)), ("readAt", .time(receipt.readAt)),
        ]
    }

    private static func json(_ revision: RevisionView) -> [(String, JSONValue)] {
        [
            ("version", .optional(revision.version)), ("kind", .string(revision.kind.rawValue)), ("text", .string(revision.text)),
            ("editedAt", .time(revision.editedAt)),
        ]
    }

    private static func json(_ line: JournalLine) -> [(String, JSONValue)] {
        [
            ("at", .time(line.at)), ("kind", .string(line.kind)), ("intent", .id(line.intent)), ("cause", .optional(line.cause)),
            ("attempt", .optional(line.attempt.map(Int64.init))), ("status", .optional(line.status.map(Int64.init))),
            ("detail", .optional(line.detail)),
        ]
    }
}
