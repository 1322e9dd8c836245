/// Remembers which states of which messages were delivered, the latest of them.
struct RecentMessages: Hashable, Sendable {
    private struct Key: Hashable {
        var category: String
        var id: String
        var modified: String
    }

    private let limit: Int
    private var known: Set<Key> = []
    private var ring: [Key] = []
    private var oldest = 0

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    var count: Int { known.count }

    /// Whether this is the first time. What says no id or no time is always new: whether it is another cannot be told.
    mutating func isNew(_ message: SocketJSON) -> Bool {
        guard let id = message["_id"]?.text, let modified = message["modified"]?.text, id.utf8.count <= 128,
            modified.utf8.count <= 64
        else { return true }
        let category = String(decoding: (message["category"]?.text ?? "").utf8.prefix(128), as: UTF8.self)
        let key = Key(category: category, id: id, modified: modified)
        guard known.insert(key).inserted else { return false }
        if ring.count < limit {
            ring.append(key)
        } else {
            known.remove(ring[oldest])
            ring[oldest] = key
            oldest = (oldest + 1) % limit
        }
        return true
    }
}
