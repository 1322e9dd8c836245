import Tidemark

/// Why what is queued or waiting has not left: what it waits for or behind, as a sentence.
struct Obstacles: Sendable {
    private var sentences: [IntentID: String] = [:]

    /// - Parameter outbox: what is unsent, in its order. Looked through once, however long it is.
    init(_ outbox: [OutboxEntry]) {
        var before: [ConversationID: [OutboxEntry]] = [:]
        for entry in outbox {
            sentences[entry.intent] = Self.sentence(entry, before[entry.conversation] ?? [])
            // Nothing waits behind what only waits itself.
            if entry.verb == .createConversation || entry.state != .queued && entry.state != .waiting {
                before[entry.conversation, default: []].append(entry)
            }
        }
    }

    subscript(_ intent: IntentID) -> String? { sentences[intent] }

    private static func sentence(_ entry: OutboxEntry, _ before: [OutboxEntry]) -> String? {
        if let parent = entry.parent { return "It waits for \(parent)." }
        if entry.state == .queued, let held = Whereabouts.holder(of: entry, before) {
            return Whereabouts.sentence(ofHolder: held)
        }
        guard entry.state == .waiting, let create = before.first(where: { $0.verb == .createConversation }) else { return nil }
        return "It waits for \(create.intent), which makes its conversation."
    }
}
