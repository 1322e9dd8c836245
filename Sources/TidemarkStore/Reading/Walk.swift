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

    struct Hold: Equatable {
        /// The last change below the break: the high-water stays here.
        var edge: Edge
        /// Milliseconds until the break is old enough to be passed.
        var wait: Int64
    }

    /// The lowest missing number that may still turn up: younger than the settle window, and not explained by messages
    /// that moved up from there. `chain` runs from the newest change down.
    static func hold(
        _ chain: [Edge], now: Int64, settle: Int64, isExplained: (_ above: Edge, _ below: Edge) throws -> Bool
    ) rethrows -> Hold? {
        for (above, below) in zip(chain, chain.dropFirst()).reversed() where above.sequence - below.sequence > 1 {
            let (age, overflow) = now.subtractingReportingOverflow(above.time)
            guard !overflow, age < settle, try !isExplained(above, below) else { continue }
            return Hold(edge: below, wait: min(settle - age, settle))
        }
        return nil
    }
}
