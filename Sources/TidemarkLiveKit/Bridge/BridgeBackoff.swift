/// How long to wait before a bridge is started again: 1, 2, 4 … seconds up to a minute, and from the beginning after one that
/// was in its room.
package struct BridgeBackoff: Hashable, Sendable {
    private let first: Duration
    private let longest: Duration
    private var next: Duration

    package init(first: Duration = .seconds(1), longest: Duration = .seconds(60)) {
        self.first = first
        self.longest = longest
        next = first
    }

    package mutating func delay(afterOneThatWorked hasWorked: Bool) -> Duration {
        if hasWorked { next = first }
        defer { next = min(next * 2, longest) }
        return next
    }
}
