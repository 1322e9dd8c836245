import Tidemark

/// What a person reads of an intent.
enum OutboxText {
    static func json(_ entry: OutboxEntry) -> [(String, JSONValue)] {
        [
            ("intent", .id(entry.intent)), ("verb", .string(entry.verb.rawValue)), ("conversation", .id(entry.conversation)),
            ("message", .id(entry.message)), ("token", .string(entry.token.rawValue)), ("state", .string(entry.state.name)),
            ("attempts", .number(entry.attempts)), ("nextAttemptAt", .time(entry.nextAttemptAt)),
            ("reason", .optional(entry.reason?.rawValue)),
            ("actions", .array(entry.actions.map { .string($0.rawValue) })),
            ("candidates", .array(entry.candidates.map { .object(json($0)) })), ("asks", .bool(entry.asks)),
            ("isSkipped", .bool(entry.isSkipped)), ("createdAt", .time(entry.createdAt)), ("parent", .id(entry.parent)),
            ("detail", .optional(entry.detail)), ("text", .optional(entry.text)),
            ("observed", entry.observed.map { .object(json($0)) } ?? .null),
        ]
    }

    private static func json(_ observed: OutboxEntry.Observed) -> [(String, JSONValue)] {
        [
            ("text", .optional(observed.text)), ("kind", .string(observed.kind.rawValue)),
            ("version", .optional(observed.version)), ("editedAt", .time(observed.editedAt)),
        ]
    }

    private static func json(_ candidate: OutboxEntry.Candidate) -> [(String, JSONValue)] {
        [
            ("conversation", .id(candidate.conversation)), ("message", .id(candidate.message)),
            ("remoteID", .string(candidate.remoteID)), ("createdAt", .time(candidate.createdAt)),
        ]
    }

    static func verb(_ verb: Verb) -> String {
        switch verb {
        case .createConversation: "create"
        case .send: "send"
        case .edit: "edit"
        case .delete: "delete"
        case .markRead: "read"
        case .rename: "rename"
        case .addParticipants: "add"
        case .removeParticipant: "remove"
        case .deleteConversation: "delete-conversation"
        case .upload: "upload"
        }
    }

    /// What it says, the message that it is about, or the files; none where there is no text. Of a conflict both texts, by the
    /// names that the answers have.
    static func lines(of entry: OutboxEntry, _ account: AccountView) throws -> [String] {
        if entry.reason == .conflict, let observed = entry.observed {
            let edited = observed.editedAt.map { " (changed \(LocalTime($0).dayAndClock))" } ?? ""
            return [
                "mine:   " + EscapedText.line(entry.text ?? ""),
                "theirs: " + (observed.text.map { EscapedText.line($0) } ?? "nothing that can be shown") + edited,
            ]
        }
        if entry.verb == .edit, let text = entry.text { return [EscapedText.line(text)] }
        return try about(entry, account).map { [$0] } ?? []
    }

    private static func about(_ entry: OutboxEntry, _ account: AccountView) throws -> String? {
        guard let message = entry.message, [.send, .edit, .delete, .upload].contains(entry.verb) else { return nil }
        // The echo of something cancelled is gone.
        guard let view = try? account.message(message).get() else { return nil }
        guard entry.verb == .upload else { return TimelineText.summary(of: view.entry) }
        let files = view.entry.attachments.enumerated().filter { $0.element.upload == entry.intent }
        return files.map { AttachmentText.line($0.element, number: $0.offset + 1) }.joined(separator: " ⏎ ")
    }

    /// Why it stands still, as a sentence.
    static func sentence(_ reason: ParkReason) -> String {
        switch reason {
        case .forbidden: "The service does not allow it to this user."
        case .notFound: "The service does not know what it is about."
        case .invalid: "The service refuses it as it is."
        case .tooLarge: "It is too large for the service."
        case .conflict: "Somebody else changed the message since this edit was written."
        case .unprovable: "Whether it arrived can't be proved; look, and say which."
        case .severalCandidates: "Several conversations could be the one that was made; say which."
        case .unreadable: "Something that can't be read stands where it could have arrived; look elsewhere, and say which."
        case .stillThere: "The service said yes to the delete each time, and still shows the message."
        case .partlyRefused: "The service did it for some and refused others."
        case .conversationGone: "Its conversation was deleted at the service."
        case .superseded: "Its message was deleted meanwhile."
        case .parentCancelled: "What it waited for was cancelled."
        case .unsupported: "The service can't do this."
        case .fileUnusable: "The copy of its file on this machine is gone or changed; discard it and attach the file again."
        case .needsCredential: "The service refused the account's credential; give it a new one and sync."
        case .wrongIdentity: "The credential belongs to another user than this account."
        case ParkReason(rawValue: "unreachable"): "The service could not be reached; it is tried again."
        case ParkReason(rawValue: "answerLost"): "The answer to its last attempt was lost; it can be repeated, and is."
        case ParkReason(rawValue: "throttled"): "The service asks to wait."
        case ParkReason(rawValue: "serverFailure"): "The service failed; it is tried again."
        case ParkReason(rawValue: "tooLate"): "Its last attempt took too long; it is tried again."
        case .roomClosed: "The room is not open; it leaves when somebody has joined."
        case .roomChanged: "Another room has this name now than the one it was written for; say whether it is meant for that one."
        case .otherSender: "It was sent under another name, which alone can change it."
        case .restored: "It came from an export or stood in no outbox; trying again looks first whether it was sent."
        default: "It stands still: \(reason.rawValue)."
        }
    }
}

/// An intent in a few lines, with the commands that answer it.
struct OutboxPrinter {
    let output: Output
    let common: CommonOptions
    let account: AccountView
    let now: Timestamp
    let obstacles: Obstacles

    func print(_ entry: OutboxEntry) throws {
        let style = output.style
        let place = entry.message.map { "\($0) in \(entry.conversation)" } ?? entry.conversation.description
        let topic = try account.conversation(entry.conversation).get().topic
        let what = "\(entry.intent)  \(OutboxText.verb(entry.verb)) \(place)"
        // The topic gives way on a narrow terminal.
        let room = output.width - TextLayout.width(what) - TextLayout.width(state(entry, Style.none)) - 5
        let shown = TextLayout.cut(EscapedText.line(topic, limit: 40), to: max(room, 0))
        let head =
            style.bold(entry.intent.description) + what.dropFirst(entry.intent.description.count)
            + (room >= 4 ? style.dim(" (\(shown))") : "") + "  \(state(entry, style))"
        output.line(head)
        // Who has to choose between two texts reads them whole.
        for text in try OutboxText.lines(of: entry, account) {
            guard entry.reason == .conflict else {
                output.line("    " + style.dim(TextLayout.cut(text, to: output.width - 4)))
                continue
            }
            for (index, line) in TextLayout.wrapped(text, to: output.width - 12).enumerated() {
                output.line((index == 0 ? "    " : "            ") + line)
            }
        }
        for line in facts(entry).flatMap({ TextLayout.wrapped($0, to: output.width - 4) }) { output.line("    \(line)") }
        for one in OutboxCommands(common: common).all(for: entry) {
            output.line("    \(style.cyan("→")) \(one.command)")
            if let time = one.candidateAt { output.line(style.dim("      that was written \(LocalTime(time).dayAndClock)")) }
        }
    }

    private func state(_ entry: OutboxEntry, _ style: Style) -> String {
        let name = entry.state.reason.map { "parked: \($0.rawValue)" } ?? (entry.asks ? "asks you" : spoken(entry.state))
        let needsPerson = entry.asks || entry.state.reason != nil || entry.reason == .needsCredential
        return (needsPerson ? style.red : style.yellow)(name) + (entry.isSkipped ? style.dim(" (skipped)") : "")
    }

    private func spoken(_ state: DeliveryState) -> String {
        switch state {
        case .inDoubt: "in doubt: being looked up"
        case .waiting: "waiting"
        default: state.name
        }
    }

    private func facts(_ entry: OutboxEntry) -> [String] {
        var facts: [String] = []
        if let reason = entry.reason { facts.append(OutboxText.sentence(reason)) }
        if let detail = entry.detail, !detail.isEmpty { facts.append("The service: \(EscapedText.line(detail, limit: 300))") }
        if let obstacle = obstacles[entry.intent] { facts.append(obstacle) }
        var times = "written \((now - entry.createdAt).spoken) ago"
        if entry.attempts > 0 { times += ", \(entry.attempts) \(entry.attempts == 1 ? "attempt" : "attempts")" }
        if let next = entry.nextAttemptAt, next > now { times += ", next try at \(LocalTime(next).clockWithSeconds)" }
        return facts + [output.style.dim(times)]
    }
}
