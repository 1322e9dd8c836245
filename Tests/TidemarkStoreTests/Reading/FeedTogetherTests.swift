import TidemarkModel
import Testing

@testable import TidemarkStore

/// Several conversations of a feed asked for in one request (wire page §4).
@Suite struct FeedTogetherTests {
    /// Spaces of one service and the store of one of its users.
    private final class Station {
        let harness: ReadingHarness
        var feeds: [RemoteConversationID: FakeFeed] = [:]
        /// Each request of messages that was made, by its spaces.
        private(set) var asked: [[RemoteConversationID]] = []
        /// Refused alone and in company.
        var refused: Set<RemoteConversationID> = []
        /// Set aside whenever it would be told.
        var unreadable: Set<RemoteConversationID> = []
        var pageSize = 10

        init(spaces: Int, perFeed: Int, settle: Duration = .seconds(60)) throws {
            harness = try ReadingHarness(pageSize: pageSize, settle: settle)
            harness.scope = Scope(
                account: 1,
                traits: ServiceTraits(
                    service: "fake", lostAnswers: [.send: .recognisable], changes: .feed, conversationsPerFeed: perFeed,
                    listTellsActivity: false, listsReceipts: false, settleWindow: settle),
                configuration: harness.scope.configuration, identity: ReadingHarness.me)
            for number in 1...spaces {
                let id = Station.space(number)
                feeds[id] = FakeFeed()
                feeds[id]?.send("m\(number)")
                _ = try harness.store.apply(.conversation(RemoteConversation(id: id)), harness.scope, harness.moment)
            }
            harness.now = 2_000_000
        }

        static func space(_ number: Int) -> RemoteConversationID { RemoteConversationID("s\(number)") }

        /// What of the messages is due, as one round plans it.
        func plan(busy: Set<ReadKey> = []) throws -> [PlannedRead] {
            try harness.store.planReads(harness.scope, harness.moment, busy: busy, limit: 400).reads.filter {
                $0.isTogether || $0.purpose == .catchUp || $0.purpose == .backfill
            }
        }

        func answer(_ read: PlannedRead) throws {
            guard case .messages(let first) = read.request.subject else { return }
            let spaces = [first] + read.request.furtherConversations
            asked.append(spaces)
            if !refused.isDisjoint(with: spaces) { return try fail(read) }
            var page = Page(items: .messages([]), serverDate: Timestamp(milliseconds: harness.now), bytes: 10)
            for space in spaces {
                feeds[space]?.clock = harness.now
                guard let told = feeds[space]?.page(read.request, size: pageSize), case .messages(let items) = told.items else {
                    continue
                }
                if told.next != nil { page.next = told.next }
                if unreadable.contains(space), !items.isEmpty {
                    page.rejects.append(Reject(reason: "It says not what it is.", raw: Array("{}".utf8)))
                } else if space == first {
                    page.items = .messages(items)
                } else if !items.isEmpty {
                    page.furtherMessages[space] = items
                }
            }
            try harness.apply(page, read)
        }

        private func fail(_ read: PlannedRead) throws {
            var generator = SeededGenerator(seed: 1)
            _ = try harness.store.fail(
                ServiceError(.forbidden, certainty: .notApplied, scope: .lane, status: 403), of: read, harness.scope,
                harness.moment, using: &generator)
        }

        /// Makes rounds until none finds anything to read; tells the requests that it took.
        @discardableResult func drain(limit: Int = 100) throws -> [[RemoteConversationID]] {
            let before = asked.count
            for _ in 0..<limit {
                let reads = try plan()
                guard !reads.isEmpty else { return Array(asked.dropFirst(before)) }
                for read in reads { try answer(read) }
            }
            Issue.record("It does not come to rest.")
            return []
        }

        /// As if each history had been read, which takes a request for each.
        func openAll() throws {
            try harness.execute(
                """
                UPDATE conversation SET windowHigh = 1001000, windowHighTime = 1001000, windowLow = 1001000, windowLowTime = 1001000,
                    closedStart = 1, closedAt = 2000000, closedServer = 2000000, walkWanted = 0, bottom = 'visibleEnd',
                    backfillIsDone = 1, detailsAreStale = 0, walkDueAt = 2000000 + id
                """)
            try harness.execute("UPDATE setRead SET isStale = 0")
            try harness.execute("UPDATE store SET startNumber = 2")
        }

        /// Until everything is due, and what was said last is settled.
        func wait() throws {
            harness.now += 400_000
            for space in feeds.keys { feeds[space]?.clock = harness.now - 300_000 }
        }

        func row(_ number: Int) throws -> ConversationRow {
            let id = try harness.value("SELECT id FROM conversation WHERE remoteID = 's\(number)'")
            return try harness.conversation(id ?? 0)
        }

        func texts() throws -> Set<String> {
            Set(try harness.messages().filter { $0.deletedAt == nil }.compactMap(\.text))
        }
    }

    @Test func `what is due is asked for together, as many as a request takes, since the earliest of their ends`() throws {
        let station = try Station(spaces: 7, perFeed: 3)
        #expect(try station.drain().allSatisfy { $0.count == 1 })
        try station.wait()
        station.feeds[Station.space(2)]?.send("news")
        let reads = try station.plan()
        #expect(reads.map(\.isTogether) == [true, true, true])
        #expect(reads.map { $0.keys.count }.sorted() == [2, 2, 3])
        #expect(Set(reads.flatMap(\.keys)).count == 7)
        for read in reads {
            let ends = try read.alone.map { try station.harness.conversation($0.conversation?.number ?? 0).windowHigh }
            #expect(read.request.startTime?.milliseconds == ends.compactMap(\.self).min())
        }
        // What is under way is asked for by nobody else.
        #expect(try station.plan(busy: Set(reads.flatMap(\.keys))).isEmpty)
        for read in reads { try station.answer(read) }
        #expect(try station.texts().contains("news"))
        #expect(try station.plan().isEmpty)
    }

    @Test func `each window and its coverage move as if it had been asked for alone`() throws {
        let (together, alone) = (try Station(spaces: 6, perFeed: 15), try Station(spaces: 6, perFeed: 1))
        for station in [together, alone] {
            try station.drain()
            try station.wait()
            station.feeds[Station.space(1)]?.send("news")
            station.feeds[Station.space(3)]?.edit(0, "edited")
            station.feeds[Station.space(5)]?.delete(0)
        }
        #expect(try together.drain().count == 1)
        #expect(try alone.drain().count == 6)
        #expect(try together.texts() == alone.texts())
        for number in 1...6 {
            let (one, other) = (try together.row(number), try alone.row(number))
            #expect(one.windowHigh == other.windowHigh && one.windowLow == other.windowLow, "\(number)")
            #expect(one.windowHighTime == other.windowHighTime && one.closedServer == other.closedServer, "\(number)")
            #expect(!one.closingIsDue && one.walkBegunStart == nil)
            let ids = try (#require(one.id), #require(other.id))
            #expect(try together.harness.coverage(ids.0) == alone.harness.coverage(ids.1), "\(number)")
        }
    }

    @Test func `one that is refused fails one request, and the others are answered alone and then together again`() throws {
        let station = try Station(spaces: 5, perFeed: 15)
        try station.drain()
        try station.wait()
        station.refused = [Station.space(4)]
        station.feeds[Station.space(2)]?.send("news")
        let asked = try station.drain()
        #expect(asked.map(\.count).sorted() == [1, 1, 1, 1, 1, 5])
        #expect(try station.texts().contains("news"))
        #expect(try station.row(4).windowHigh == station.row(4).windowHigh)
        #expect(try station.row(4).closedAt < station.harness.now && station.row(5).closedAt == station.harness.now)
        // Whoever is refused waits by itself, and is asked for in no company until then.
        station.harness.now += 60_000
        try station.harness.execute("UPDATE conversation SET readsNotBefore = \(station.harness.now + 1) WHERE remoteID = 's4'")
        #expect(try station.drain().map(\.count) == [4])
    }

    @Test func `an answer that is not all there is proves nothing of any, and shows what it tells`() throws {
        let station = try Station(spaces: 3, perFeed: 15)
        try station.drain()
        try station.wait()
        let before = try (1...3).map { try station.row($0).windowHigh }
        for number in 1...15 { station.feeds[Station.space(1)]?.send("n\(number)") }
        station.feeds[Station.space(2)]?.send("other")
        let reads = try station.plan()
        try station.answer(try #require(reads.first { $0.isTogether }))
        #expect(try station.texts().isSuperset(of: ["n15", "other"]))
        #expect(try (1...3).map { try station.row($0).windowHigh } == before)
        #expect(try station.plan().map(\.keys.count) == [1, 1, 1])
        try station.drain()
        #expect(try station.texts().count == 3 + 15 + 1)
        for number in 1...3 { #expect(try station.row(number).windowHigh ?? 0 > before[number - 1] ?? .max) }
    }

    @Test func `an item that could be anybody's proves nothing of any of them`() throws {
        let station = try Station(spaces: 3, perFeed: 15)
        try station.drain()
        try station.wait()
        station.feeds[Station.space(3)]?.send("unreadable")
        station.unreadable = [Station.space(3)]
        let before = try (1...3).map { try station.row($0).windowHigh }
        let read = try #require(try station.plan().first { $0.isTogether })
        try station.answer(read)
        #expect(try (1...3).map { try station.row($0).windowHigh } == before)
        #expect(try station.plan().map(\.isTogether) == [false, false, false])
    }

    @Test func `what needs a proof or a look-up is asked for alone`() throws {
        let station = try Station(spaces: 5, perFeed: 15)
        try station.drain()
        try station.wait()
        try station.harness.execute("UPDATE conversation SET closingIsDue = 1 WHERE remoteID = 's1'")
        try station.harness.execute("UPDATE conversation SET walkWanted = closedStart + 1 WHERE remoteID = 's2'")
        try station.harness.execute("UPDATE conversation SET windowLow = NULL WHERE remoteID = 's3'")
        let reads = try station.plan()
        #expect(reads.map { $0.keys.count }.sorted() == [1, 1, 1, 2])
        let together = try #require(reads.first { $0.isTogether })
        #expect(together.alone.map(\.request.subject) == [4, 5].map { .messages(in: Station.space($0)) })
    }

    @Test func `an answer that another user asked for proves nothing, and what it told is shown`() throws {
        let station = try Station(spaces: 3, perFeed: 15)
        try station.drain()
        try station.wait()
        station.feeds[Station.space(2)]?.send("news")
        let read = try #require(try station.plan().first { $0.isTogether })
        let before = try (1...3).map { try station.row($0).windowHigh }
        station.harness.scope.identity = "8:acs:another"
        try station.answer(read)
        #expect(try (1...3).map { try station.row($0).windowHigh } == before)
        #expect(try station.texts().contains("news"))
    }

    /// With one request a second, which is the pace that the service's limits leave, a round lasts as many seconds.
    @Test(arguments: [(1, 5_000), (15, 334)])
    func `a round over 5,000 spaces of which 20 changed takes so many requests`(perFeed: Int, requests: Int) throws {
        let station = try Station(spaces: 5_000, perFeed: perFeed)
        try station.openAll()
        station.harness.now += 6_000_000
        for space in station.feeds.keys { station.feeds[space]?.clock = station.harness.now - 300_000 }
        for number in 1...20 { station.feeds[Station.space(number * 200)]?.send("news \(number)") }
        #expect(try station.drain().count == requests)
        #expect(try station.texts().count { $0.hasPrefix("news") } == 20)
        let interval = try station.row(1).walkDueAt - station.harness.now
        #expect(interval == 1000 * Int64(requests))
    }
}
