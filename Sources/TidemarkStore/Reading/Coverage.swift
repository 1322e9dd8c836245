/// Places of which every message is stored, as closed intervals that don't touch (P6).
///
/// Two intervals that only stand side by side stay apart: between them something may be that nobody saw.
struct Coverage: Equatable {
    /// In ascending order.
    private(set) var intervals: [ClosedRange<Int64>] = []

    init(_ intervals: some Sequence<ClosedRange<Int64>> = []) {
        for interval in intervals { insert(interval) }
    }

    /// Adds an interval and joins it with all that share a place with it.
    mutating func insert(_ interval: ClosedRange<Int64>) {
        var joined = interval
        var kept: [ClosedRange<Int64>] = []
        for other in intervals {
            if other.overlaps(joined) {
                joined = min(joined.lowerBound, other.lowerBound)...max(joined.upperBound, other.upperBound)
            } else {
                kept.append(other)
            }
        }
        let index = kept.firstIndex { $0.lowerBound > joined.upperBound } ?? kept.endIndex
        kept.insert(joined, at: index)
        intervals = kept
    }

    /// Takes places out.
    mutating func remove(_ hole: ClosedRange<Int64>) {
        intervals = intervals.flatMap { interval -> [ClosedRange<Int64>] in
            guard interval.overlaps(hole) else { return [interval] }
            var rest: [ClosedRange<Int64>] = []
            if interval.lowerBound < hole.lowerBound { rest.append(interval.lowerBound...(hole.lowerBound - 1)) }
            if interval.upperBound > hole.upperBound { rest.append((hole.upperBound + 1)...interval.upperBound) }
            return rest
        }
    }

    /// Says that between a place and the next one something may be.
    mutating func cut(after place: Int64) {
        intervals = intervals.flatMap { interval -> [ClosedRange<Int64>] in
            guard interval.lowerBound <= place, place < interval.upperBound else { return [interval] }
            return [interval.lowerBound...place, (place + 1)...interval.upperBound]
        }
    }

    func contains(_ place: Int64) -> Bool {
        intervals.contains { $0.contains(place) }
    }

    /// Whether nothing can be between two places but what is stored.
    func adjacent(_ one: Int64, _ other: Int64) -> Bool {
        intervals.contains { $0.contains(one) && $0.contains(other) }
    }
}
