import Tidemark

/// A line per change while `sync --watch` stays: what was sent, what came in, and whether the service can be reached.
struct WatchPrinter: Sendable {
    let output: Output

    func follow(_ engine: SyncEngine, _ bridge: RoomBridge? = nil) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (activity, status) = (engine.activity, engine.status)
            group.addTask {
                // Of a bridge that is not in its room its own lines tell.
                for await one in activity where bridge == nil || !one.isUnreachable { told(one) }
            }
            group.addTask {
                for await one in status { told(one) }
            }
            group.addTask { try await conversations(engine.account) }
            if let bridge {
                let printer = RoomPrinter(lines: self, log: bridge.log)
                group.addTask { await printer.follow(bridge.notices) }
            }
            try await group.waitForAll()
        }
    }

    private func told(_ activity: SyncActivity) {
        switch activity {
        case .delivered(let verb, let intent, let attempt, let outcome, _):
            line(
                "→", "\(verb.rawValue) \(intent) \(outcome)" + (attempt > 1 ? " at attempt \(attempt)" : ""),
                [
                    ("event", .string("delivered")), ("verb", .string(verb.rawValue)), ("intent", .id(intent)),
                    ("attempt", .number(attempt)), ("outcome", .string(outcome)),
                ])
        case .failed(let what, let error, _):
            line(
                "!", "\(what): \(error.description)",
                [("event", .string("failed")), ("what", .string(what)), ("code", .string(error.code.rawValue))])
        case .stopped(let reason):
            line(
                "!", "the account stands still: \(reason.rawValue)",
                [("event", .string("stopped")), ("reason", .string(reason.rawValue))])
        default: break
        }
    }

    private func told(_ status: SyncStatus) {
        let (name, text): (String, String)
        switch status {
        case .offline(let until): (name, text) = ("offline", "offline; next try at \(LocalTime(until).clockWithSeconds)")
        case .throttled(let until):
            (name, text) = ("throttled", "the service asks to wait until \(LocalTime(until).clockWithSeconds)")
        case .needsCredential:
            (name, text) = ("needsCredential", "the service refused the credential; give the account a new one")
        case .needsAdoption: (name, text) = ("needsAdoption", "the store was copied or restored: `outbox adopt` lets it send")
        default: return
        }
        line("·", text, [("event", .string("status")), ("status", .string(name))])
    }

    /// The list of conversations tells in which one something is new.
    private func conversations(_ account: AccountView) async throws {
        var seen = SeenEntries(account)
        for try await list in account.conversations(includingDeleted: true).updates() {
            for change in try seen.note(list) { told(change) }
        }
    }

    private func told(_ change: SeenEntries.Change) {
        let (mark, name, text): (String, String, String)
        switch change.kind {
        case .conversation: (mark, name, text) = ("+", "conversation", "new conversation")
        case .renamed: (mark, name, text) = ("~", "renamed", "this is its new topic")
        case .deleted: (mark, name, text) = ("-", "conversationDeleted", "deleted")
        case .message(let entry):
            (mark, name, text) = (entry.isOwn ? "+" : "←", "message", "\(entry.id) \(Self.summary(entry))")
        case .changed(let entry): (mark, name, text) = ("~", "changed", "\(entry.id) \(Self.summary(entry))")
        }
        var fields: [(String, JSONValue)] = [
            ("event", .string(name)), ("conversation", .id(change.conversation.id)),
            ("topic", .string(change.conversation.topic)),
        ]
        if let entry = change.entry {
            fields += [
                ("message", .id(entry.id)), ("sender", .id(entry.sender)), ("text", .optional(entry.text)),
                ("deletedAt", .time(entry.deletedAt)),
            ]
        }
        let topic = TextLayout.cut(EscapedText.line(change.conversation.topic, limit: 60), to: 24)
        line(mark, "\(topic) (\(change.conversation.id)): \(text)", fields)
    }

    private static func summary(_ entry: TimelineEntry) -> String {
        "\(TimelineText.sender(of: entry, names: [:])): \(TimelineText.summary(of: entry))"
            + (entry.editedAt != nil && entry.deletedAt == nil ? " (edited)" : "")
    }

    func line(_ mark: String, _ text: String, _ fields: [(String, JSONValue)]) {
        if output.isJSON { return output.json([("at", .time(.current))] + fields) }
        let clock = output.style.dim(LocalTime(.current).clockWithSeconds)
        output.line("\(clock) \(output.style.cyan(mark)) \(TextLayout.cut(EscapedText.line(text), to: output.width - 12))")
    }
}

extension SyncActivity {
    fileprivate var isUnreachable: Bool {
        if case .failed(_, let error, _) = self { error.code == .unreachable } else { false }
    }
}
