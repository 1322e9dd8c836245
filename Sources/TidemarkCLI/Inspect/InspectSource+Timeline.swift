import Tidemark

/// A conversation with its coverage.
extension InspectSource {
    func timeline(_ wish: InspectRequest, _ account: AccountView) throws -> [(String, JSONValue)] {
        let id = try account.resolveConversation(wish["conversation"] ?? "")
        let limit = min(max(wish["limit"].flatMap(Int.init) ?? 60, 1), Limit.entries)
        let view: LiveView<Timeline> =
            if let text = wish["around"] {
                account.timeline(of: id, limit: limit, around: try account.resolveMessage("\(id)/\(text)"))
            } else {
                account.timeline(of: id, limit: limit)
            }
        let timeline = try view.get()
        let conversation = try account.conversation(id).get()
        let people = try account.participants(of: id).get()
        let names = people.reduce(into: [:]) { $0[$1.id] = $1.displayName }
        let gaps = try account.gaps(in: id).get()
        let options = try options(account)
        return [
            ("now", .time(.current)), ("conversation", .object(fields(conversation, gaps: gaps.count))),
            ("entries", .array(timeline.entries.map { .object(fields($0, names)) })),
            ("hasOlder", .bool(timeline.hasOlder)), ("hasNewer", .bool(timeline.hasNewer)),
            ("beginningIsProved", .bool(timeline.beginningIsProved)), ("endIsProved", .bool(timeline.endIsProved)),
            ("asOf", .time(timeline.asOf)),
            ("people", .array(people.prefix(50).map { .string(Self.name($0)) })), ("peopleCount", .number(people.count)),
            ("band", .array(try InspectBand(conversation, gaps, account).stretches.map { .object($0.json) })),
            ("gapCount", .number(gaps.count)),
            ("backfill", gaps.isEmpty ? .null : .string(options.command("backfill \(id)"))),
        ]
    }

    private static func name(_ person: ParticipantView) -> String {
        let name = EscapedText.line(person.displayName ?? "", limit: 60)
        return name.isEmpty ? TimelineText.short(person.id) : name
    }

    /// As the command line's JSON has it, and as a person reads it.
    func fields(_ entry: TimelineEntry, _ names: [ParticipantID: String]) -> [(String, JSONValue)] {
        TimelineText.json(entry).filter { !["text", "metadata", "attachments", "topic"].contains($0.0) } + [
            ("who", .string(TimelineText.sender(of: entry, names: names))),
            ("isEvent", .bool(!entry.kind.isUserKind)),
            ("lines", .array(lines(of: entry, names).map(JSONValue.string))),
            ("answers", .optional(Self.answered(by: entry))),
            ("files", .array(entry.attachments.enumerated().map { .string(AttachmentText.line($1, number: $0 + 1)) })),
            ("intents", .array(entry.intents.map { .id($0) })),
        ]
    }

    private static func answered(by entry: TimelineEntry) -> String? {
        entry.replyTo?.description ?? (entry.remoteReplyTo == nil ? nil : "a message that is not here")
    }

    /// What it says; what it answers and its files stand beside it.
    func lines(of entry: TimelineEntry, _ names: [ParticipantID: String]) -> [String] {
        var bare = entry
        (bare.replyTo, bare.remoteReplyTo, bare.attachments) = (nil, nil, [])
        let lines = TimelineText.lines(of: bare, names: names)
        return lines == [""] ? [] : lines
    }
}

/// A conversation's history from its beginning to now, as stretches that are proved and gaps between them.
struct InspectBand {
    /// The most gaps that are drawn; the oldest ones are left away.
    static let maximumGaps = 100

    struct Stretch {
        /// `proved`, or a gap's kind; `local` for a conversation that only this store knows.
        var kind: String
        var from: Timestamp?
        var to: Timestamp?
        /// What stands on the two sides of a gap.
        var after: MessageID?
        var before: MessageID?

        var json: [(String, JSONValue)] {
            [
                ("kind", .string(kind)), ("from", .time(from)), ("to", .time(to)), ("after", .id(after)), ("before", .id(before)),
            ]
        }
    }

    private(set) var stretches: [Stretch] = []

    init(_ conversation: ConversationView, _ gaps: [GapView], _ account: AccountView) throws {
        guard conversation.remoteID != nil else {
            stretches = [Stretch(kind: "local")]
            return
        }
        guard !gaps.contains(where: { $0.kind == .unread }) else {
            stretches = [Stretch(kind: GapView.Kind.unread.rawValue)]
            return
        }
        var from: Timestamp?
        var isOpen = false
        for gap in gaps.suffix(Self.maximumGaps) {
            let (lower, upper) = (try Self.time(of: gap.after, account), try Self.time(of: gap.before, account))
            // Below a gap stands something proved, but for the one towards the beginning.
            if gap.kind != .beginning { stretches.append(Stretch(kind: "proved", from: from, to: lower)) }
            stretches.append(Stretch(kind: gap.kind.rawValue, from: lower, to: upper, after: gap.after, before: gap.before))
            from = upper
            isOpen = gap.kind == .end
        }
        if !isOpen { stretches.append(Stretch(kind: "proved", from: from, to: conversation.asOf)) }
        if gaps.count <= Self.maximumGaps, stretches.first?.kind == "proved" {
            stretches[0].from = try account.timeline(ofBeginningOf: conversation.id, limit: 1).get().entries.first?.createdAt
        }
    }

    private static func time(of message: MessageID?, _ account: AccountView) throws -> Timestamp? {
        guard let message else { return nil }
        do {
            return try account.message(message).get().entry.createdAt
        } catch let error as StoreError where error.code == .notFound {
            return nil
        }
    }
}
