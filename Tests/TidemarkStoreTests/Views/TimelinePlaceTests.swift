import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// Pages around a message and from a date on.
struct TimelinePlaceTests {
    let fixture: ViewFixture
    let trip: ConversationID
    let ids: [MessageID]

    init() throws {
        let fixture = try ViewFixture()
        let trip = try fixture.conversation()
        ids = try (1...20).map { try fixture.message(trip, at: Int64($0) * 10, "\($0)") }
        (self.fixture, self.trip) = (fixture, trip)
    }

    @Test(
        arguments: [
            (10, 5, "8 9 10 11 12"), (1, 5, "1 2 3 4 5"), (2, 5, "1 2 3 4 5"), (20, 5, "16 17 18 19 20"), (19, 4, "17 18 19 20"),
            (10, 1, "10"),
            (10, 2, "9 10"), (7, 100, (1...20).map(String.init).joined(separator: " ")),
        ])
    func `a message stands in the middle of its page`(message: Int, limit: Int, expected: String) throws {
        let timeline = try fixture.account.timeline(of: trip, limit: limit, around: ids[message - 1]).get()
        #expect(timeline.entries.compactMap(\.text).joined(separator: " ") == expected)
        #expect(timeline.hasOlder == !expected.hasPrefix("1 "))
        #expect(timeline.hasNewer == !expected.hasSuffix("20"))
    }

    @Test(
        arguments: [
            (0, "1 2 3"), (10, "1 2 3"), (11, "2 3 4"), (100, "10 11 12"), (101, "11 12 13"), (199, "20"), (200, "20"),
            (201, "18 19 20"),
            (Int64.max, "18 19 20"), (Int64.min, "1 2 3"),
        ] as [(Int64, String)])
    func `a page begins at a moment`(time: Int64, expected: String) throws {
        let timeline = try fixture.account.timeline(of: trip, limit: 3, from: Timestamp(milliseconds: time)).get()
        #expect(timeline.entries.compactMap(\.text).joined(separator: " ") == expected)
    }

    @Test func `places as far apart as numbers go break nothing`() throws {
        let odd = try fixture.conversation("19:odd", coverage: [])
        for place in [Int64.min, -1, 0, 1 << 61] { try fixture.message(odd, at: place, "\(place)") { $0.createdAt = place / 4 } }
        for time in [Int64.min, -5, 0, 7, .max] {
            _ = try fixture.account.timeline(of: odd, limit: 3, from: Timestamp(milliseconds: time)).get()
        }
        let all = try fixture.account.timeline(ofBeginningOf: odd).get()
        #expect(all.entries.count == 4)
    }
}
