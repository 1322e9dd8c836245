import TidemarkModel
import Testing

@testable import TidemarkStore

/// A service whose history is listed by creation and whose changes come from a feed (R26).
@Suite struct FeedTests {
    private let settle: Int64 = 60_000

    private func harness(pageSize: Int = 10) throws -> ReadingHarness {
        let harness = try ReadingHarness(pageSize: pageSize, settle: .milliseconds(settle))
        harness.scope = Scope(
            account: 1,
            traits: ServiceTraits(
                service: "fake", lostAnswers: [.send: .recognisable, .delete: .repeatable(for: nil)],
                confirmations: [.delete: .observation], changes: .feed, listTellsActivity: false,
                listsReceipts: false, settleWindow: .milliseconds(settle)),
            configuration: harness.scope.configuration, identity: ReadingHarness.me)
        _ = try harness.addConversation()
        return harness
    }

    /// Reads what is due until nothing is; `between` may change the service before each page.
    private func drain(
        _ feed: inout FakeFeed, by harness: ReadingHarness, size: Int = 10, between: (inout FakeFeed) -> Void = { _ in }
    ) throws {
        for _ in 0..<200 {
            harness.now = max(harness.now, feed.clock)
            guard let read = try harness.planMessages() else { return }
            between(&feed)
            harness.now = max(harness.now, feed.clock)
            try harness.apply(feed.page(read.request, size: size), read)
        }
        Issue.record("It does not come to rest.")
    }

    private func texts(_ harness: ReadingHarness) throws -> [String?] {
        try harness.messages().filter { $0.deletedAt == nil }.map(\.text)
    }

    /// Until the next poll is due.
    private func wait(_ feed: inout FakeFeed) {
        feed.clock += settle + SyncConfiguration().listInterval.milliseconds
    }

    @Test func `the history opens the window, and from then on the feed is asked for what changed`() throws {
        var feed = FakeFeed()
        for number in 1...3 { feed.send("m\(number)") }
        let harness = try harness()
        try drain(&feed, by: harness)
        #expect(feed.asked.first?.startTime == nil)
        #expect(try texts(harness) == ["m1", "m2", "m3"])
        feed.edit(0, "m1, again")
        feed.delete(1)
        wait(&feed)
        try drain(&feed, by: harness)
        #expect(try texts(harness) == ["m1, again", "m3"])
        #expect(feed.asked.last?.startTime != nil)
        #expect(try harness.conversation().bottom == "visibleEnd")
        #expect(try harness.adjacentPlaces().count == 2)
    }

    @Test(arguments: [false, true], [false, true])
    func `a feed of several pages is read to its end, whatever its order`(isAscending: Bool, isByOffset: Bool) throws {
        var feed = FakeFeed()
        (feed.isAscending, feed.isByOffset) = (isAscending, isByOffset)
        feed.send("first")
        let harness = try harness(pageSize: 2)
        try drain(&feed, by: harness, size: 2)
        for number in 1...7 { feed.send("m\(number)") }
        wait(&feed)
        try drain(&feed, by: harness, size: 2)
        #expect(try texts(harness).count == 8)
        #expect(try harness.adjacentPlaces().count == 7)
    }

    @Test func `what slips through between two pages is found by the second walk, and nothing is proved before it`() throws {
        var feed = FakeFeed()
        (feed.isAscending, feed.isByOffset) = (true, true)
        feed.send("first")
        let harness = try harness(pageSize: 2)
        // Until the beginning is known: nothing but the feed is read from then on.
        for _ in 1...2 {
            try drain(&feed, by: harness, size: 2)
            wait(&feed)
        }
        #expect(try harness.conversation().bottom != nil)
        for number in 1...4 { feed.send("m\(number)") }
        wait(&feed)
        // The first one moves to the end: all others move up by one, and one stands where a page has been already.
        var pages = 0
        try drain(&feed, by: harness, size: 2) { feed in
            pages += 1
            if pages == 2 { feed.edit(1, "m1, moved") }
        }
        #expect(try texts(harness) == ["first", "m1, moved", "m2", "m3", "m4"])
        #expect(pages > 3)
        #expect(try harness.conversation().closingIsDue)
        // That the second walk found something says that it may have missed something too.
        wait(&feed)
        try drain(&feed, by: harness, size: 2)
        #expect(try harness.adjacentPlaces().count == 4)
    }

    @Test func `a busy feed proves what its first walk began with, and goes on`() throws {
        var feed = FakeFeed()
        feed.send("first")
        let harness = try harness(pageSize: 2)
        try drain(&feed, by: harness, size: 2)
        for number in 1...5 { feed.send("m\(number)") }
        wait(&feed)
        var pages = 0
        try drain(&feed, by: harness, size: 2) { feed in
            pages += 1
            if pages < 9 { feed.send("busy \(pages)", after: 10) }
        }
        let known = try texts(harness)
        #expect(known.contains("m1") && known.contains("m5"))
        let conversation = try harness.conversation()
        #expect(conversation.windowHigh ?? 0 > 1_001_000)
    }

    @Test func `a delete from before the window is found where only a push brought the message`() throws {
        var feed = FakeFeed()
        feed.send("stays")
        feed.send("goes")
        let early = feed.remote(1)
        feed.delete(1)
        feed.clock += 10 * settle
        // Before the history is read, and after it.
        for isLate in [false, true] {
            var feed = feed
            let harness = try harness()
            harness.now = feed.clock
            if isLate { try drain(&feed, by: harness) }
            _ = try harness.store.apply(.message(early, in: ReadingHarness.thread), harness.scope, harness.moment)
            wait(&feed)
            try drain(&feed, by: harness)
            wait(&feed)
            try drain(&feed, by: harness)
            #expect(try texts(harness) == ["stays"], "late: \(isLate)")
        }
    }

    @Test func `each conversation is asked at the pace of the list, and of many one a second`() throws {
        var feed = FakeFeed()
        feed.send("m1")
        feed.clock += 2 * settle
        let harness = try harness()
        try drain(&feed, by: harness)
        let interval = harness.scope.configuration.listInterval.milliseconds
        #expect(try harness.conversation().walkDueAt == harness.now + interval)
        for number in 2...100 {
            _ = try harness.store.apply(
                .conversation(RemoteConversation(id: RemoteConversationID("s\(number)"))), harness.scope, harness.moment)
        }
        feed.clock += interval
        harness.now = feed.clock
        let due = try harness.store.planReads(harness.scope, harness.moment, busy: [], limit: 200).reads
        let read = try #require(due.first { $0.conversation == ConversationID(1) && $0.purpose == .catchUp })
        try harness.apply(feed.page(read.request, size: 10), read)
        #expect(try harness.conversation().walkDueAt == harness.now + 100_000)
    }

    @Test func `receipts are never asked for, and a time tells how far was read elsewhere`() throws {
        var feed = FakeFeed()
        for number in 1...3 { feed.send("m\(number)") }
        let harness = try harness()
        try drain(&feed, by: harness)
        #expect(try harness.conversation().unread == 3)
        let reads = try harness.store.planReads(harness.scope, harness.moment, busy: [], limit: 100).reads
        #expect(!reads.contains { $0.purpose == .receipts })
        let list = try #require(reads.first { $0.purpose == .list })
        let item = RemoteConversation(
            id: ReadingHarness.thread, topic: "t", readUpTo: feed.remote(1).createdAt, serviceData: "{\"unread\":1}")
        try harness.apply(Page(items: .conversations([item]), serverDate: Timestamp(milliseconds: feed.clock)), list)
        #expect(try harness.conversation().unread == 1)
        // Something in the list is another: it is looked what.
        #expect(try harness.conversation().walkDueAt <= harness.now)
    }

    @Test func `an own message is not shown twice when a push overtakes the answer of its send`() throws {
        var feed = FakeFeed()
        feed.send("before")
        let harness = try harness()
        try drain(&feed, by: harness)
        var generator = SeededGenerator(seed: 1)
        _ = try harness.store.enqueue(
            .send(OutgoingMessage("mine"), to: ConversationID(1)), harness.scope, harness.moment, using: &generator)
        let delivery = try #require(try harness.store.claim(harness.scope, harness.moment, limit: 1).deliveries.first)
        feed.send("mine", isOwn: true)
        var pushed = feed.remote(1)
        pushed.sequence = nil
        _ = try harness.store.apply(.message(pushed, in: ReadingHarness.thread), harness.scope, harness.moment)
        #expect(try texts(harness) == ["before", "mine"])
        #expect(try harness.conversation().walkDueAt <= harness.now)
        _ = try harness.store.settle(
            delivery, .success(Acceptance(message: pushed.id)), harness.scope, harness.moment, using: &generator)
        _ = try harness.store.apply(.message(pushed, in: ReadingHarness.thread), harness.scope, harness.moment)
        #expect(try harness.messages().map(\.remoteID) == [feed.remote(0).id.rawValue, pushed.id.rawValue])
    }

    @Test func `what was deleted and is unknown by its id is asked for no more`() throws {
        var feed = FakeFeed()
        feed.send("mine", isOwn: true)
        feed.clock += 2 * settle
        let harness = try harness()
        try drain(&feed, by: harness)
        var generator = SeededGenerator(seed: 1)
        let message = MessageID(try #require(try harness.messages().first?.id))
        _ = try harness.store.enqueue(.delete(message), harness.scope, harness.moment, using: &generator)
        let claims = try harness.store.claim(harness.scope, harness.moment, limit: 1)
        let delivery = try #require(claims.deliveries.first)
        _ = try harness.store.settle(
            delivery, .success(Acceptance()), harness.scope, harness.moment, using: &generator)
        harness.now += 2 * settle
        let read = try #require(try harness.plan(.confirm))
        let unknown = ServiceError(
            .notFound, certainty: .notApplied, status: 404, serverDate: Timestamp(milliseconds: harness.now))
        _ = try harness.store.fail(unknown, of: read, harness.scope, harness.moment, using: &generator)
        #expect(try harness.messages().first?.deletedBy == "absence")
        #expect(try harness.store.account("me").intent(delivery.intent).get().state == .confirmed)
        harness.now += 3_600_000
        #expect(try harness.plan(.confirm) == nil)
    }

    @Test func `who may not read the history has a gap and no error, and what is pushed is shown`() throws {
        let harness = try harness()
        let read = try #require(try harness.planMessages())
        let denied = ServiceError(.historyDenied, certainty: .notApplied, status: 403)
        var generator = SeededGenerator(seed: 1)
        _ = try harness.store.fail(denied, of: read, harness.scope, harness.moment, using: &generator)
        #expect(try harness.planMessages() == nil)
        #expect(try harness.conversation().windowHigh != nil)
        #expect(try harness.conversation().membership == "member")
        // Whether it is that, or that the user is out, is asked once.
        #expect(try harness.plan(.details) != nil)
        #expect(try harness.conversation().bottom == nil)
        var feed = FakeFeed()
        feed.send("pushed", after: 5000)
        _ = try harness.store.apply(.message(feed.remote(0), in: ReadingHarness.thread), harness.scope, harness.moment)
        let entries = try harness.store.account("me").timeline(of: ConversationID(1)).get().entries
        #expect(entries.map(\.text) == ["pushed"])
        #expect(entries.first?.gapBefore == true)
    }
}
