import Tidemark

/// The list of conversations and the outbox by lane.
extension InspectSource {
    func overview(_ account: AccountView) throws -> [(String, JSONValue)] {
        let conversations = try account.conversations(includingDeleted: true).get()
        let gaps = Dictionary(grouping: try account.gaps().get(), by: \.conversation).mapValues(\.count)
        let outbox = try account.outbox().get()
        let options = try options(account)
        let topics = Dictionary(conversations.map { ($0.id, Self.topic($0)) }) { first, _ in first }
        // Those that need somebody are never cut away.
        let shown = conversations.prefix(Limit.conversations)
        return [
            ("now", .time(.current)), ("more", .number(conversations.count - shown.count)),
            ("conversations", .array(shown.map { .object(fields($0, gaps: gaps[$0.id] ?? 0)) })),
            ("unsent", .number(outbox.count)), ("sync", .string(options.command("sync"))),
            ("lanes", .array(try lanes(outbox.prefix(Limit.intents), topics, account, options))),
        ]
    }

    static func topic(_ conversation: ConversationView) -> String {
        let topic = EscapedText.line(conversation.topic, limit: 200)
        return topic.isEmpty ? "(no topic)" : topic
    }

    func fields(_ conversation: ConversationView, gaps: Int) -> [(String, JSONValue)] {
        let last = conversation.lastMessage
        return [
            ("id", .id(conversation.id)),
            ("remoteID", .optional(conversation.remoteID.map { EscapedText.line($0.rawValue, limit: 300) })),
            ("topic", .string(Self.topic(conversation))), ("unread", .number(conversation.unread)),
            ("unreadAtLeast", .bool(conversation.unreadAtLeast)), ("pending", .number(conversation.pending)),
            ("state", .string(conversation.state.name)), ("problem", .optional(conversation.problem?.rawValue)),
            ("lastMessageAt", .time(conversation.lastMessageAt ?? last?.createdAt)), ("deletedAt", .time(conversation.deletedAt)),
            ("membership", .string(conversation.membership.rawValue)), ("asOf", .time(conversation.asOf)),
            ("gaps", .number(gaps)),
            ("last", .optional(last.map { TextLayout.cut(summary(of: $0), to: 120) })),
            ("lastSender", .optional(last.map { TimelineText.sender(of: $0, names: [:]) })),
        ]
    }

    private func summary(of entry: TimelineEntry) -> String {
        let files = entry.deletedAt == nil ? entry.attachments.map(AttachmentText.name) : []
        return (lines(of: entry, [:]) + files).joined(separator: " ⏎ ")
    }

    /// A conversation's unsent in the order in which they go, the conversations in the order of their oldest.
    private func lanes(
        _ outbox: ArraySlice<OutboxEntry>, _ topics: [ConversationID: String], _ account: AccountView, _ options: CommonOptions
    ) throws -> [JSONValue] {
        var order: [ConversationID] = []
        var byLane: [ConversationID: [OutboxEntry]] = [:]
        for entry in outbox {
            if byLane[entry.conversation] == nil { order.append(entry.conversation) }
            byLane[entry.conversation, default: []].append(entry)
        }
        return try order.map { id in
            .object([
                ("conversation", .id(id)), ("topic", .optional(topics[id])),
                ("intents", .array(try (byLane[id] ?? []).map { .object(try fields($0, account, options)) })),
            ])
        }
    }

    func fields(_ entry: OutboxEntry, _ account: AccountView, _ options: CommonOptions) throws -> [(String, JSONValue)] {
        let commands = OutboxCommands(common: options).all(for: entry)
        let isChoice = entry.reason == .conflict
        let quotes = try OutboxText.lines(of: entry, account).map { isChoice ? $0 : TextLayout.cut($0, to: 160) }
        return OutboxText.json(entry).filter { $0.0 != "text" && $0.0 != "observed" } + [
            ("verbLabel", .string(OutboxText.verb(entry.verb))),
            ("sentence", .optional(entry.reason.map(OutboxText.sentence))),
            ("words", .optional(entry.detail.map { EscapedText.line($0, limit: 300) })),
            ("quotes", .array(quotes.map(JSONValue.string))),
            (
                "commands",
                .array(
                    commands.map { one in
                        .object([("command", .string(one.command)), ("at", .time(one.candidateAt))])
                    })
            ),
        ]
    }
}
