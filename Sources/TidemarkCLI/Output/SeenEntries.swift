import Tidemark

/// What a watcher has told already, so that it tells each change once.
struct SeenEntries {
    enum Kind {
        case conversation
        case renamed
        case deleted
        case message(TimelineEntry)
        case changed(TimelineEntry)
    }

    struct Change {
        var conversation: ConversationView
        var kind: Kind

        var entry: TimelineEntry? {
            switch kind {
            case .message(let entry), .changed(let entry): entry
            default: nil
            }
        }
    }

    /// What of an entry is worth a line when it changes; how far its delivery has come is told elsewhere.
    private struct Look: Hashable {
        var text: String?
        var isDeleted: Bool
    }

    /// The newest entries of each conversation that are compared.
    private static let depth = 100
    /// The most recently active conversations that are looked through at the start; of others only what is new is told.
    private static let breadth = 500

    private let account: AccountView
    private var conversations: [ConversationID: ConversationView] = [:]
    private var looks: [ConversationID: [MessageID: Look]] = [:]
    private var isFirst = true

    init(_ account: AccountView) {
        self.account = account
    }

    mutating func note(_ list: [ConversationView]) throws -> [Change] {
        var changes: [Change] = []
        for (index, now) in list.enumerated() where conversations[now.id] != now {
            let old = conversations.updateValue(now, forKey: now.id)
            if isFirst {
                if index < Self.breadth { _ = try newEntries(now) }
                continue
            }
            if old == nil { changes.append(Change(conversation: now, kind: .conversation)) }
            if let old, old.topic != now.topic { changes.append(Change(conversation: now, kind: .renamed)) }
            if now.deletedAt != nil {
                if old?.deletedAt == nil { changes.append(Change(conversation: now, kind: .deleted)) }
                continue
            }
            changes += try newEntries(now, isNew: old == nil)
        }
        isFirst = false
        return changes
    }

    private mutating func newEntries(_ conversation: ConversationView, isNew: Bool = false) throws -> [Change] {
        let entries = try account.timeline(of: conversation.id, limit: Self.depth).get().entries
        let known = looks[conversation.id] ?? (isNew ? [:] : nil)
        // Older than anything that was compared: it slid into sight.
        let oldest = known?.keys.min()
        var changes: [Change] = []
        for entry in entries {
            let look = Look(text: entry.text, isDeleted: entry.deletedAt != nil)
            if let before = known?[entry.id] {
                if before != look { changes.append(Change(conversation: conversation, kind: .changed(entry))) }
            } else if known != nil ? oldest.map({ entry.id > $0 }) ?? true : entry.id == entries.last?.id {
                changes.append(Change(conversation: conversation, kind: .message(entry)))
            }
        }
        looks[conversation.id] = Dictionary(
            entries.map { ($0.id, Look(text: $0.text, isDeleted: $0.deletedAt != nil)) },
            uniquingKeysWith: { first, _ in first })
        return changes
    }
}
