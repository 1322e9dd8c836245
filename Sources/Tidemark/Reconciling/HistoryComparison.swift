internal import TidemarkModel
internal import TidemarkStore

/// One conversation's stored copies against what the service shows: pure, in any order and with any repeats.
struct HistoryComparison {
    let conversation: ConversationID
    let stored: [RemoteMessageID: StoredCopy]
    let since: Timestamp?
    /// The newest version that was shown of each.
    private(set) var seen: [RemoteMessageID: Int64] = [:]
    private var found: [RemoteMessageID: Reconciliation.Finding] = [:]
    private var others: [Reconciliation.Finding] = []

    init(conversation: ConversationID, stored: [RemoteMessageID: StoredCopy], since: Timestamp?) {
        self.conversation = conversation
        self.stored = stored
        self.since = since
    }

    /// Of what the service has shown.
    func digest(into digest: inout Digest) {
        for (id, version) in seen.sorted(by: { $0.key < $1.key }) {
            digest.add(id.rawValue)
            digest.add(version)
        }
    }

    var findings: [Reconciliation.Finding] {
        found.sorted { $0.key < $1.key }.map(\.value) + others
    }

    /// Stored live copies that nothing has shown, oldest first.
    var unseen: [(RemoteMessageID, StoredCopy)] {
        stored.filter { id, copy in
            guard seen[id] == nil, !copy.isDeleted else { return false }
            guard let since else { return true }
            return copy.createdAt.map { $0 >= since } ?? false
        }.sorted { ($0.value.id, $0.key) < ($1.value.id, $1.key) }.map { ($0.key, $0.value) }
    }

    mutating func note(_ page: Page) {
        if case .messages(let messages) = page.items {
            for message in messages { note(message) }
        }
        for reject in page.rejects {
            let id = reject.id.map { RemoteMessageID($0) }
            if let id { seen[id] = seen[id] ?? 0 }
            others.append(
                .init(
                    kind: .unreadable, conversation: conversation, message: id.flatMap { stored[$0]?.id }, remoteID: id,
                    reason: "The service sent something in this place that can't be read."))
        }
    }

    private mutating func note(_ message: RemoteMessage) {
        let version = message.version ?? message.place ?? 0
        if let known = seen[message.id], known >= version { return }
        seen[message.id] = version
        guard let copy = stored[message.id] else {
            // A deleted message that was never here is no loss.
            guard message.deletedAt == nil else { return found[message.id] = nil }
            return add(message.id, .missing, nil, "The service has it and the store does not.")
        }
        if message.deletedAt != nil {
            if !copy.isDeleted { add(message.id, .stale, copy, "It is deleted at the service.") }
        } else if copy.isUnreadable {
            add(message.id, .stale, copy, "It can be read now.")
        } else if !copy.isDeleted, version > copy.version ?? -1 {
            add(message.id, .stale, copy, "The service has a newer version of it.")
        }
    }

    mutating func addExtra(_ id: RemoteMessageID, _ copy: StoredCopy, _ reason: String, isRepaired: Bool = false) {
        found[id] = .init(
            kind: .extra, conversation: conversation, message: copy.id, remoteID: id, reason: reason, isRepaired: isRepaired)
    }

    private mutating func add(_ id: RemoteMessageID, _ kind: Reconciliation.Kind, _ copy: StoredCopy?, _ reason: String) {
        found[id] = .init(kind: kind, conversation: conversation, message: copy?.id, remoteID: id, reason: reason)
    }
}
