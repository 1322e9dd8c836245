import GRDB
import GRDBSQLite
import Synchronization
import Testing
import TidemarkModel

@testable import TidemarkStore

/// A page costs as much at the bottom of a long history as at its top: what SQLite does for it is counted, not timed.
struct FlatCostTests {
    /// The steps of SQLite's virtual machine.
    private final class Steps: Sendable {
        private let number = Mutex(0)
        var value: Int { number.withLock { $0 } }
        func add() { number.withLock { $0 += 1 } }
        func reset() { number.withLock { $0 = 0 } }
    }

    private struct World {
        let fixture: ViewFixture
        let trip: ConversationID
        private let steps = Steps()

        init(messages: Int) throws {
            fixture = try ViewFixture()
            trip = try fixture.conversation(coverage: [0...Int64(messages) * 10])
            try fixture.run(
                """
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(messages))
                INSERT INTO message (conversation, remoteID, sort, place, version, sequence, source, kind, text, sender, createdAt, token)
                SELECT \(trip.number), i * 10, i * 10, i * 10, i * 10, i, 2, 'text', 'wreck ' || i, '8:ann', i * 10, 't' || i FROM n
                """)
            let context = Unmanaged.passUnretained(steps)
            try fixture.store.connection.using { writer in
                writer.writeWithoutTransaction { db in
                    sqlite3_progress_handler(
                        db.sqliteConnection, 1,
                        { context in
                            if let context { Unmanaged<Steps>.fromOpaque(context).takeUnretainedValue().add() }
                            return 0
                        }, context.toOpaque())
                }
            }
        }

        func id(_ number: Int) throws -> MessageID { try fixture.account.resolveMessage("\(number * 10)") }

        /// What reading the view once costs, once its statements are prepared.
        func cost(_ view: LiveView<Timeline>, holds count: Int) throws -> Int {
            _ = try view.get()
            steps.reset()
            #expect(try view.get().entries.count == count)
            return steps.value
        }

        /// Of a page in each direction, by a message and by a time, at a depth.
        func costs(at number: Int) throws -> [String: Int] {
            let (account, message) = (fixture.account, try id(number))
            let time = Timestamp(milliseconds: Int64(number) * 10)
            return try [
                "before": cost(account.timeline(of: trip, limit: 20, before: message), holds: 20),
                "after": cost(account.timeline(of: trip, limit: 20, after: message), holds: 20),
                "around": cost(account.timeline(of: trip, limit: 20, around: message), holds: 20),
                "from a time": cost(account.timeline(of: trip, limit: 20, from: time), holds: 20),
            ]
        }
    }

    @Test func `pages in both directions cost the same however deep and however much there is`() throws {
        let (small, large) = (try World(messages: 200), try World(messages: 20_000))
        let shallow = try small.costs(at: 150)
        for number in [30, 1000, 10_000, 19_000, 19_950] {
            for (name, cost) in try large.costs(at: number) {
                let known = try #require(shallow[name])
                #expect(known > 100, "Steps are counted.")
                // Some more for finding a time: a step for each halving.
                #expect(cost * 2 < known * 3, "\(name) of \(number): \(cost) steps, in a short history \(known)")
            }
        }
        let (newest, oldest) = (
            large.fixture.account.timeline(of: large.trip, limit: 20),
            large.fixture.account.timeline(
                ofBeginningOf: large.trip, limit: 20)
        )
        let all = try large.cost(large.fixture.account.timeline(of: large.trip, limit: 1000), holds: 1000)
        #expect(try large.cost(newest, holds: 20) * 10 < all)
        #expect(try large.cost(oldest, holds: 20) * 10 < all)
    }
}
