import Tidemark

/// What a person reads of an entry.
enum TimelineText {
    static func sender(of entry: TimelineEntry, names: [ParticipantID: String]) -> String {
        if entry.isOwn || (entry.sender == nil && entry.version == nil && entry.kind.isUserKind) { return "You" }
        guard let sender = entry.sender ?? entry.initiator else {
            // In a LiveKit room the server's API and hidden participants speak without a name.
            return EscapedText.line(entry.senderName ?? (entry.kind.isUserKind ? "(no name)" : ""), limit: 60)
        }
        let name = entry.senderName ?? names[sender]
        if let name, !name.isEmpty { return EscapedText.line(name, limit: 60) }
        return short(sender)
    }

    /// The end of a long id is what tells two of them apart.
    static func short(_ id: ParticipantID) -> String {
        let text = EscapedText.line(id.rawValue, limit: 300)
        return text.count > 14 ? "…" + text.suffix(12) : text
    }

    /// One line.
    static func summary(of entry: TimelineEntry) -> String {
        lines(of: entry, names: [:]).joined(separator: " ⏎ ")
    }

    /// Its lines, not wrapped: what it answers, what it says, and its files.
    static func lines(of entry: TimelineEntry, names: [ParticipantID: String]) -> [String] {
        if entry.deletedAt != nil { return ["(deleted)"] }
        let files = AttachmentText.lines(of: entry)
        let said = said(entry, names)
        return answer(of: entry) + (said == [""] && !files.isEmpty ? [] : said) + files
    }

    private static func answer(of entry: TimelineEntry) -> [String] {
        if let id = entry.replyTo { return ["> answers \(id)"] }
        return entry.remoteReplyTo == nil ? [] : ["> answers a message that is not here"]
    }

    private static func said(_ entry: TimelineEntry, _ names: [ParticipantID: String]) -> [String] {
        switch entry.kind {
        case .text: return EscapedText.lines(entry.text ?? "")
        case .html: return EscapedText.lines(entry.plainText ?? "")
        case .topicUpdated: return ["changed the topic to \(EscapedText.line(entry.topic ?? entry.text ?? "", limit: 300))"]
        case .participantAdded: return ["added \(people(entry, names))"]
        case .participantRemoved: return ["removed \(people(entry, names))"]
        case .unreadable: return ["(a message that could not be read)"]
        case .unknown(let name):
            let kind = EscapedText.line(name, limit: 60)
            guard let text = entry.text, !text.isEmpty else { return ["(a message of kind \(kind))"] }
            let lines = EscapedText.lines(text)
            return ["(\(kind)) \(lines.first ?? "")"] + lines.dropFirst()
        }
    }

    private static func people(_ entry: TimelineEntry, _ names: [ParticipantID: String]) -> String {
        entry.participants.map { one in
            EscapedText.line(one.displayName ?? names[one.id] ?? short(one.id), limit: 60)
        }.joined(separator: ", ")
    }

    /// What stands behind the text: edited, not sent yet, in need of a person.
    static func mark(of entry: TimelineEntry, _ style: Style) -> String {
        var marks: [String] = []
        if entry.editedAt != nil, entry.deletedAt == nil { marks.append(style.dim("(edited)")) }
        switch entry.state {
        case .confirmed, .sent: break
        case .queued, .waiting: marks.append(style.yellow("(not sent yet)"))
        case .transmitting: marks.append(style.yellow("(sending)"))
        case .inDoubt: marks.append(style.yellow("(in doubt)"))
        case .parked(let reason): marks.append(style.red("(parked: \(reason.rawValue))"))
        case .cancelled: marks.append(style.dim("(cancelled)"))
        }
        if let problem = entry.problem, entry.state.reason == nil { marks.append(style.red("(needs you: \(problem.rawValue))")) }
        return marks.joined(separator: " ")
    }

    static func json(_ entry: TimelineEntry) -> [(String, JSONValue)] {
        [
            ("id", .id(entry.id)), ("remoteID", .id(entry.remoteID)), ("account", .string(entry.account.rawValue)),
            ("conversation", .id(entry.conversation)), ("sender", .id(entry.sender)), ("senderName", .optional(entry.senderName)),
            ("kind", .string(entry.kind.rawValue)), ("text", .optional(entry.text)), ("createdAt", .time(entry.createdAt)),
            ("editedAt", .time(entry.editedAt)), ("deletedAt", .time(entry.deletedAt)), ("version", .optional(entry.version)),
            ("token", .id(entry.token)), ("state", .string(entry.state.name)), ("gapBefore", .bool(entry.gapBefore)),
            ("reason", .optional((entry.state.reason ?? entry.problem)?.rawValue)), ("isOwn", .bool(entry.isOwn)),
            ("topic", .optional(entry.topic)),
            ("replyTo", .id(entry.replyTo)), ("remoteReplyTo", .id(entry.remoteReplyTo)),
            ("attachments", .array(entry.attachments.map(AttachmentText.json))),
            ("metadata", .object(entry.metadata.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
        ]
    }
}
