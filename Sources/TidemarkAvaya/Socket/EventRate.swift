/// Counts what left in the last minute.
struct EventRate: Hashable, Sendable {
    private let limit: Int
    private var sent: [Int64] = []

    static let interval: Int64 = 60_000

    init(perMinute limit: Int) {
        self.limit = max(1, limit)
    }

    /// Counts one more, or says that it may not leave yet.
    mutating func take(at now: Int64) -> Bool {
        // A clock that went back must not close it for ever.
        sent.removeAll { $0 <= now - Self.interval || $0 > now }
        guard sent.count < limit else { return false }
        sent.append(now)
        return true
    }

    /// When the next one may leave, if not now.
    func opens(after now: Int64) -> Int64? {
        let recent = sent.filter { $0 > now - Self.interval && $0 <= now }
        guard recent.count >= limit, let first = recent.first else { return nil }
        return first + Self.interval
    }
}
