import Tidemark

/// One message: where it is, what is still to be done about it, and what happened to it.
extension InspectSource {
    func message(_ wish: InspectRequest, _ account: AccountView) throws -> [(String, JSONValue)] {
        let id = try account.resolveMessage(wish["message"] ?? "")
        let view = try account.message(id).get()
        let names = try account.participants(of: view.entry.conversation).get().reduce(into: [:]) { $0[$1.id] = $1.displayName }
        let options = try options(account)
        let journal = try ExplainCommand.lines(of: id, account)
        let whereabouts = try Whereabouts(view, in: account)
        let isLeft =
            try !view.intents.isEmpty && whereabouts.tone == .moving
            && whereabouts.notes.isEmpty && holder(of: account.name) == .nobody
        return [
            ("now", .time(.current)), ("entry", .object(fields(view.entry, names))),
            ("where", .string(whereabouts.sentence)), ("tone", .string(whereabouts.tone.rawValue)),
            ("next", .time(whereabouts.nextAttemptAt)), ("notes", .array(whereabouts.notes.map(JSONValue.string))),
            ("intents", .array(try view.intents.map { .object(try fields($0, account, options)) })),
            ("copies", .array(view.copies.map { .object(fields($0)) })),
            ("readBy", .array(view.receipts.prefix(50).map { .object(fields($0, names)) })),
            ("journal", .array(journal.suffix(Limit.journal).map { .object(JournalPrinter.json($0)) })),
            ("sync", isLeft ? .string(options.command("sync")) : .null),
            ("explain", .string(options.command("explain \(id)"))),
            ("history", .string(options.command("message \(id) --history"))),
        ]
    }

    private func fields(_ copy: MessageView.Copy) -> [(String, JSONValue)] {
        [
            ("id", .id(copy.id)), ("remoteID", .optional(copy.remoteID.map { EscapedText.line($0.rawValue, limit: 300) })),
            ("version", .optional(copy.version)), ("sequence", .optional(copy.sequence)), ("createdAt", .time(copy.createdAt)),
            ("deletedAt", .time(copy.deletedAt)),
        ]
    }

    private func fields(_ receipt: ReceiptView, _ names: [ParticipantID: String]) -> [(String, JSONValue)] {
        let name = names[receipt.participant].map { EscapedText.line($0, limit: 60) }
        return [("who", .string(name ?? TimelineText.short(receipt.participant))), ("readAt", .time(receipt.readAt))]
    }
}
