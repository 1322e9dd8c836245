internal import GRDB
internal import TidemarkModel

/// The coverage of a conversation: two places are adjacent only inside one interval (P6).
struct ProvedIntervals {
    /// In rising order.
    private(set) var intervals: [ClosedRange<Int64>]
    let hasBottom: Bool

    init(_ intervals: [ClosedRange<Int64>], hasBottom: Bool) {
        self.intervals = intervals.sorted { $0.lowerBound < $1.lowerBound }
        self.hasBottom = hasBottom
        // A proved beginning has nothing under it: what was created earlier and edited since is inside.
        if hasBottom, let lowest = self.intervals.first {
            self.intervals[0] = Int64.min...lowest.upperBound
        }
    }

    init(conversation: Int64, hasBottom: Bool, _ db: Database) throws {
        let rows = try Row.fetchAll(
            db, sql: "SELECT low, high FROM coverage WHERE conversation = ? ORDER BY low", arguments: [conversation])
        self.init(
            rows.compactMap { row in
                let low: Int64 = row[0]
                let high: Int64 = row[1]
                return low <= high ? low...high : nil
            }, hasBottom: hasBottom)
    }

    func covers(_ lower: Int64, _ upper: Int64) -> Bool {
        intervals.contains { $0.contains(lower) && $0.contains(upper) }
    }

    /// Nothing stands before this place, proved.
    func beginsAtOrBelow(_ place: Int64) -> Bool {
        guard hasBottom, let lowest = intervals.first else { return false }
        return place <= lowest.upperBound
    }

    /// Everything from this place up to the newest is proved.
    func reachesTop(from place: Int64, top: Int64) -> Bool {
        place >= top || covers(place, top)
    }

    /// What was created under it is an island that an edit brought up; it is not in the timeline (R18).
    var floor: Int64? {
        hasBottom ? nil : intervals.first?.lowerBound
    }

    func isInTopmost(_ place: Int64) -> Bool {
        intervals.last?.contains(place) ?? false
    }
}
