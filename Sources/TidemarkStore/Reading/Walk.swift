/// A message's place in the order of changes, and the time of that change.
struct Edge: Hashable {
    var sequence: Int64
    var time: Int64
}

/// The pure half of walking: what one answer proves about the numbers in it (R17, R18).
enum Walk {
    /// The edges of an answer's items, newest change first, each number once. Numbers below zero are nobody's.
    static func edges(_ pairs: some Sequence<(sequence: Int64?, version: Int64)>) -> [Edge] {
        var seen: Set<Int64> = []
        return pairs.compactMap { pair in
            guard let sequence = pair.sequence, sequence >= 0, pair.version >= 0, seen.insert(sequence).inserted
            else { return nil }
            return Edge(sequence: sequence, time: pair.version)
        }.sorted { $0.sequence > $1.sequence }
    }

    /// Whether no number is missing from the first to the last.
    static func isUnbroken(_ chain: [Edge]) -> Bool {
        zip(chain, chain.dropFirst()).allSatisfy { $0.sequence - $1.sequence == 1 }
    }

    /// Whether a number between two changes is missing that may still turn up: younger than the settle window, and not explained
    /// by messages that moved up from there.
    static func isOpen(
        _ above: Edge, _ below: Edge, now: Int64, settle: Int64, isExplained: (_ above: Edge, _ below: Edge) throws -> Bool
    ) rethrows -> Bool {
        guard above.sequence - below.sequence > 1 else { return false }
        let (age, overflow) = now.subtractingReportingOverflow(above.time)
        return try !overflow && age < settle && !isExplained(above, below)
    }

    struct Hold: Equatable {
        /// The last change below the break: the high-water stays here.
        var edge: Edge
        /// Milliseconds until the break is old enough to be passed.
        var wait: Int64
    }

    /// The lowest missing number that may still turn up. `chain` runs from the newest change down.
    static func hold(
        _ chain: [Edge], now: Int64, settle: Int64, isExplained: (_ above: Edge, _ below: Edge) throws -> Bool
    ) rethrows -> Hold? {
        for (above, below) in zip(chain, chain.dropFirst()).reversed()
        where try isOpen(above, below, now: now, settle: settle, isExplained: isExplained) {
            return Hold(edge: below, wait: min(settle - (now - above.time), settle))
        }
        return nil
    }
}
