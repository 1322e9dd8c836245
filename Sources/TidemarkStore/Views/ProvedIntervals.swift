internal import GRDB

/// What the views read from a conversation's coverage: two places are adjacent only inside one interval (P6).
struct ProvedIntervals {
    let intervals: [ClosedRange<Int64>]
    /// The low end of the history was reached (R25).
    let hasBottom: Bool

    init(_ coverage: Coverage, hasBottom: Bool) {
        intervals = coverage.intervals
        self.hasBottom = hasBottom
    }

    init(conversation: Int64, hasBottom: Bool, _ db: Database) throws {
        self.init(try Coverage.of(conversation, db), hasBottom: hasBottom)
    }

    func covers(_ lower: Int64, _ upper: Int64) -> Bool {
        intervals.contains { $0.contains(lower) && $0.contains(upper) }
    }

    /// Nothing stands before this place, proved: the walk that found the bottom covered everything from zero on, and
    /// nothing was taken out of it since.
    func hasNothing(below place: Int64) -> Bool {
        hasBottom && covers(min(0, place), place)
    }

    /// Everything from this place up to the newest one is proved. Below zero stands for: nothing was read yet.
    func reachesTop(from place: Int64, top: Int64) -> Bool {
        place >= top || (place < 0 ? hasNothing(below: top) : covers(place, top))
    }

    /// What was created under it is an island that an edit brought up; it is not in the timeline (R18).
    var floor: Int64? {
        hasBottom ? nil : intervals.first?.lowerBound
    }

    func isInTopmost(_ place: Int64) -> Bool {
        intervals.last?.contains(place) ?? false
    }
}
