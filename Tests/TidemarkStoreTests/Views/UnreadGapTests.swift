import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// "At least n" exactly where proved history does not reach from the newest message down to the read mark (R27), against a recount of a
/// conversation of which the store has only parts.
struct UnreadGapTests {
    /// One conversation as it really is, and what a store has of it.
    private struct Drawn {
        var truth: [(place: Int64, isOwn: Bool, isDeleted: Bool)]
        var intervals: [ClosedRange<Int64>]
        var hasBottom: Bool
        var local: Int64
        var remote: Int64

        var horizon: Int64 { max(local, remote) }
        func isStored(_ place: Int64) -> Bool { intervals.contains { $0.contains(place) } }
        var stored: [Int64] { truth.map(\.place).filter(isStored) }

        func count(_ isCounted: (Int64) -> Bool) -> Int {
            truth.count { $0.place > horizon && !$0.isOwn && !$0.isDeleted && isCounted($0.place) }
        }

        /// Step by step from the read mark up: each has to be proved to stand next to the one below it.
        var isProved: Bool {
            guard let top = stored.max() else { return hasBottom }
            guard horizon < top else { return true }
            if horizon < 0, !hasBottom { return false }
            return (max(horizon, 0)..<top).allSatisfy { place in
                intervals.contains { $0.contains(place) && $0.contains(place + 1) }
            }
        }

        init(_ generator: inout SeededGenerator) {
            let last = Int64.random(in: 1...40, using: &generator)
            truth = (1...last).filter { _ in Bool.random(using: &generator) }.map { place in
                (place, Int.random(in: 0..<4, using: &generator) == 0, Int.random(in: 0..<6, using: &generator) == 0)
            }
            var low: Int64 = Bool.random(using: &generator) ? 0 : Int64.random(in: 0...10, using: &generator)
            intervals = []
            while low <= last, intervals.count < 5 {
                let high = Int64.random(in: low...(last + 2), using: &generator)
                intervals.append(low...high)
                low = high + Int64.random(in: 2...6, using: &generator)
                if Int.random(in: 0..<3, using: &generator) == 0 { break }
            }
            if Int.random(in: 0..<3, using: &generator) == 0 { intervals = [0...last] }
            hasBottom = intervals.first?.lowerBound == 0 && Bool.random(using: &generator)
            local = Bool.random(using: &generator) ? -1 : Int64.random(in: 0...(last / 2), using: &generator)
            remote = Int64.random(in: -1...(last / 3), using: &generator)
        }
    }

    @Test func `unread is a recount, and a lower bound exactly where a gap is above the read mark`() throws {
        var generator = SeededGenerator(seed: 27)
        let fixture = try ViewFixture()
        var bounds = 0
        var exact = 0
        for number in 1...600 {
            let drawn = Drawn(&generator)
            let trip = try fixture.conversation(
                "19:\(number)", coverage: drawn.intervals, bottom: drawn.hasBottom ? "first" : nil)
            for message in drawn.truth where drawn.isStored(message.place) {
                try fixture.message(trip, at: message.place, isOwn: message.isOwn) {
                    if message.isDeleted { ($0.text, $0.deletedAt, $0.deletedBy) = ("", 1, "observed") }
                }
            }
            try fixture.run(
                "UPDATE conversation SET localHorizon = ?, remoteHorizon = ? WHERE id = ?",
                [drawn.local, drawn.remote, trip.number])
            try fixture.store.write(.normal) { try Unread.recount(trip.number, $0) }
            let view = try fixture.account.conversation(trip).get()
            #expect(view.unread == drawn.count(drawn.isStored), "\(drawn)")
            guard !drawn.stored.isEmpty else { continue }
            #expect(view.unreadAtLeast == !drawn.isProved, "\(drawn)")
            if view.unreadAtLeast {
                bounds += 1
                #expect(view.unread <= drawn.count { _ in true })
            } else {
                exact += 1
                // What is above the newest that was read is news that nobody has told of yet.
                let top = drawn.stored.max() ?? 0
                #expect(view.unread == drawn.count { $0 <= top }, "\(drawn)")
            }
            // The list says the same.
            let listed = try fixture.account.conversations().get().first { $0.id == trip }
            #expect(listed?.unread == view.unread && listed?.unreadAtLeast == view.unreadAtLeast)
        }
        try #require(bounds > 50 && exact > 50)
    }
}
