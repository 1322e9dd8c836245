internal import GRDB

/// What the views read from a conversation's coverage: two places are adjacent only inside one interval (P6).
struct ProvedIntervals {
    let intervals: [ClosedRange<Int64>]
    /// The low end of the history was reached (R25).
    let hasBottom: Bool
    /// Whether everything is received now; `nil`: nothing is ever received without a break, history is read.
    let isReceiving: Bool?

    init(_ coverage: Coverage, hasBottom: Bool, isReceiving: Bool? = nil) {
        intervals = coverage.intervals
        self.hasBottom = hasBottom
        self.isReceiving = isReceiving
    }

    init(conversation: Int64, hasBottom: Bool, _ db: Database) throws {
        let isReceiving = try Bool.fetchOne(
            db, cached: "SELECT lastArrival IS NULL FROM receivingSession WHERE conversation = ? ORDER BY id DESC LIMIT 1",
            arguments: [conversation])
        self.init(try Coverage.of(conversation, db), hasBottom: hasBottom, isReceiving: isReceiving)
    }

    /// Whether everything is received now, by conversation, of those where that is what proves something.
    static func receiving(account: Int64, _ db: Database) throws -> [Int64: Bool] {
        let states: [(conversation: Int64, isOpen: Bool)] = try db.all(
            """
            SELECT s.conversation, max(s.lastArrival IS NULL) FROM receivingSession AS s
            JOIN conversation AS c ON c.id = s.conversation WHERE c.account = ? GROUP BY s.conversation
            """, [account]
        ) { try ($0[0], $0[1]) }
        return Dictionary(states.map { ($0.conversation, $0.isOpen) }) { first, _ in first }
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
        // What is received comes in its order, and what was sent meanwhile is nowhere else.
        hasBottom || isReceiving != nil ? nil : intervals.first?.lowerBound
    }

    /// Where nothing is stored, whether nothing is there: a room that is received, or history that was read and is empty.
    var hasNoOther: Bool { isReceiving != nil || hasBottom || !intervals.isEmpty }

    func isInTopmost(_ place: Int64) -> Bool {
        intervals.last?.contains(place) ?? false
    }
}
