import Tidemark

/// A line per change while `sync --watch` stays: what was sent, what came in, and whether the service can be reached.
struct WatchPrinter: Sendable {
    let output: Output

    func follow(_ engine: SyncEngine) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (activity, status) = (engine.activity, engine.status)
            group.addTask {
                for await one in activity { told(one) }
            }
            group.addTask {
                for await one in status { told(one) }
            }
            group.addTask { try await conversations(engine.account) }
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

    /// The list of conversations tells of every new message, also of those that were read in one page.
    private func conversations(_ account: AccountView) async throws {
        var known: [ConversationID: ConversationView]?
        for try await list in account.conversations(includingDeleted: true).updates() {
            if let known {
                for now in list where known[now.id] != now { try changed(now, from: known[now.id], account) }
            }
            known = Dictionary(uniqueKeysWithValues: list.map { ($0.id, $0) })
        }
    }

    private func changed(_ now: ConversationView, from old: ConversationView?, _ account: AccountView) throws {
        let topic = EscapedText.line(now.topic, limit: 60)
        let fields: [(String, JSONValue)] = [("conversation", .id(now.id)), ("topic", .string(now.topic))]
        if old == nil { line("+", "\(now.id) \(topic): new conversation", [("event", .string("conversation"))] + fields) }
        if let deleted = now.deletedAt, old?.deletedAt == nil {
            return line(
                "-", "\(now.id) \(topic): deleted", [("event", .string("conversationDeleted")), ("at", .time(deleted))] + fields)
        }
        if let old, old.topic != now.topic {
            line("~", "\(now.id) is now called \(topic)", [("event", .string("renamed"))] + fields)
        }
        guard now.lastMessage != old?.lastMessage, let entry = now.lastMessage else { return }
        let isNew = entry.id != old?.lastMessage?.id
        guard isNew || entry.state == old?.lastMessage?.state else { return }
        let speaker = TimelineText.sender(of: entry, names: [:])
        line(
            isNew ? "←" : "~", "\(now.id) \(topic): \(speaker): \(TimelineText.summary(of: entry))",
            [("event", .string(isNew ? "message" : "changed"))] + fields + [
                ("message", .id(entry.id)), ("text", .optional(entry.text)),
            ])
    }

    private func line(_ mark: String, _ text: String, _ fields: [(String, JSONValue)]) {
        if output.isJSON { return output.json([("at", .time(.current))] + fields) }
        let clock = output.style.dim(LocalTime(.current).clockWithSeconds)
        output.line("\(clock) \(output.style.cyan(mark)) \(TextLayout.cut(EscapedText.line(text), to: output.width - 12))")
    }
}
