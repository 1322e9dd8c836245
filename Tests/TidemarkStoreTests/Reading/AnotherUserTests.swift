import TidemarkModel
import Testing

@testable import TidemarkStore

/// An account whose user has become another one (R13), who may be shown less of what was said (P6).
@Suite struct AnotherUserTests {
    private static let settle: Int64 = 60_000
    private static let guest = ParticipantID("guest 2")

    private func harness(
        _ history: ServiceTraits.History = .sinceJoin, pageSize: Int = 10, absentSends: SyncConfiguration.AbsentSends = .ask
    ) throws -> ReadingHarness {
        let harness = try ReadingHarness(pageSize: pageSize, settle: .milliseconds(Self.settle))
        var configuration = harness.scope.configuration
        configuration.absentSends = absentSends
        harness.scope = Scope(
            account: 1,
            traits: ServiceTraits(
                service: "fake", lostAnswers: [.send: .recognisable], confirmations: [.send: .observation], history: history,
                changes: .feed, listTellsActivity: false, listsReceipts: false, settleWindow: .milliseconds(Self.settle),
                identityChanges: true),
            configuration: configuration, identity: ReadingHarness.me)
        _ = try harness.addConversation()
        return harness
    }

    private func drain(_ feed: inout FakeFeed, by harness: ReadingHarness, size: Int = 10) throws {
        for _ in 0..<200 {
            harness.now = max(harness.now, feed.clock)
            guard let read = try harness.planMessages() else { return }
            try harness.apply(feed.page(read.request, size: size), read)
        }
        Issue.record("It does not come to rest.")
    }

    /// Until all that was read is settled and the next poll is due.
    private func settle(_ feed: inout FakeFeed, by harness: ReadingHarness, size: Int = 10) throws {
        for _ in 1...3 {
            try drain(&feed, by: harness, size: size)
            feed.clock += Self.settle + SyncConfiguration().listInterval.milliseconds
        }
        try drain(&feed, by: harness, size: size)
    }

    private func become(_ user: ParticipantID, _ harness: ReadingHarness) throws {
        try harness.store.addIdentity(user, to: "me", at: harness.moment.now)
        harness.scope.identity = user
    }

    private func entries(_ harness: ReadingHarness) throws -> [TimelineEntry] {
        try harness.store.account("me").timeline(of: ConversationID(1)).get().entries
    }

    @Test(arguments: [1, 2, 10])
    func `what was said between the two lives of a guest is a gap`(size: Int) throws {
        var feed = FakeFeed()
        for number in 1...3 { feed.send("m\(number)") }
        let harness = try harness(pageSize: size)
        try settle(&feed, by: harness, size: size)
        // Before anybody asks as the new user; and what comes at once after it was hidden.
        feed.send("hidden")
        feed.shownFrom = feed.clock + 1
        try become(Self.guest, harness)
        for number in 4...6 { feed.send("m\(number)", after: 10) }
        try settle(&feed, by: harness, size: size)
        let entries = try entries(harness)
        #expect(entries.map(\.text) == ["m1", "m2", "m3", "m4", "m5", "m6"])
        #expect(entries.map(\.gapBefore) == [true, false, false, true, false, false])
        let gaps = try harness.store.account("me").gaps().get()
        #expect(gaps.map(\.kind) == [.beginning, .between])
        #expect(try harness.store.verify().findings.isEmpty)
    }

    @Test(arguments: [ServiceTraits.History.full, .sinceJoin])
    func `who is shown all of it again has no gap between the lives`(history: ServiceTraits.History) throws {
        var feed = FakeFeed()
        for number in 1...3 { feed.send("m\(number)") }
        let harness = try harness(history, pageSize: 2)
        try settle(&feed, by: harness, size: 2)
        feed.send("said between")
        feed.delete(1)
        feed.clock += 10 * Self.settle
        harness.now = feed.clock
        try become(Self.guest, harness)
        feed.send("said after")
        try settle(&feed, by: harness, size: 2)
        let entries = try entries(harness).filter { $0.deletedAt == nil }
        #expect(entries.map(\.text) == ["m1", "m3", "said between", "said after"])
        #expect(entries.dropFirst().allSatisfy { !$0.gapBefore })
        #expect(entries.first?.gapBefore == (history == .sinceJoin))
    }

    @Test func `an answer that was asked for as the old user proves nothing for the new one`() throws {
        var feed = FakeFeed()
        feed.send("m1")
        let harness = try harness()
        try settle(&feed, by: harness)
        feed.clock += Self.settle
        harness.now = feed.clock
        let old = try #require(try harness.planMessages())
        feed.send("m2")
        let late = feed.page(old.request, size: 10)
        try become(Self.guest, harness)
        try harness.apply(late, old)
        #expect(try harness.conversation().windowLow == nil)
        // A refusal meant for the old user is not the new one's.
        var generator = SeededGenerator(seed: 1)
        let denied = ServiceError(.historyDenied, certainty: .notApplied, status: 403)
        let before = try harness.conversation()
        #expect(try harness.store.fail(denied, of: old, harness.scope, harness.moment, using: &generator) == .nothing)
        #expect(try harness.conversation() == before)
        feed.send("hidden")
        feed.shownFrom = feed.clock + 1
        feed.send("m3")
        try settle(&feed, by: harness)
        #expect(try entries(harness).map(\.text) == ["m1", "m2", "m3"])
        #expect(try entries(harness).map(\.gapBefore) == [true, true, true])
    }

    @Test func `open walks, sets and the list begin anew for the new user`() throws {
        var feed = FakeFeed()
        for number in 1...5 { feed.send("m\(number)") }
        let harness = try harness(pageSize: 2)
        let first = try #require(try harness.planMessages())
        try harness.apply(feed.page(first.request, size: 2), first)
        #expect(try harness.conversation().backfillCursor != nil)
        try harness.execute("UPDATE setRead SET cursor = 'c', skip = 2, members = '[]', lastMembers = '[]', isStale = 0")
        try harness.execute("UPDATE account SET listCursor = 'c', listBegunStart = 1, listDueAt = 9000000")
        try become(Self.guest, harness)
        let row = try harness.conversation()
        #expect(row.backfillCursor == nil && row.walkBegunStart == nil && row.bottom == nil && !row.closingIsDue)
        #expect(row.windowHigh != nil)
        #expect(try harness.value("SELECT count(*) FROM setRead WHERE cursor IS NULL AND skip IS NULL AND isStale = 1") == 1)
        #expect(try harness.value("SELECT count(*) FROM account WHERE listCursor IS NULL AND listIsSweep = 1") == 1)
        #expect(try harness.plan(.list) != nil)
        // The same user once more cuts nothing.
        try settle(&feed, by: harness, size: 2)
        let proved = try harness.conversation()
        try become(Self.guest, harness)
        #expect(try harness.conversation() == proved)
    }

    @Test func `an empty history of who may be shown nothing is no beginning, and no end`() throws {
        var feed = FakeFeed()
        feed.send("hidden")
        feed.shownFrom = .max
        let harness = try harness()
        try settle(&feed, by: harness)
        let account = try harness.store.account("me")
        #expect(try harness.conversation().bottom == nil)
        #expect(try account.gaps().get().map(\.kind) == [.unread])
        let empty = try account.timeline(of: ConversationID(1)).get()
        #expect(!empty.beginningIsProved && !empty.endIsProved)
        for number in 1...2 {
            feed.send("pushed \(number)")
            _ = try harness.store.apply(
                .message(feed.remote(number), in: ReadingHarness.thread), harness.scope, harness.moment)
            try settle(&feed, by: harness)
        }
        #expect(try entries(harness).map(\.gapBefore) == [true, true])
    }

    @Test func `to who is shown all, an empty history is the beginning and the end`() throws {
        var feed = FakeFeed()
        let harness = try harness(.full)
        try settle(&feed, by: harness)
        let empty = try harness.store.account("me").timeline(of: ConversationID(1)).get()
        #expect(empty.beginningIsProved && empty.endIsProved)
    }

    @Test func `an empty first page that goes on proves nothing`() throws {
        let harness = try harness(.full)
        let read = try #require(try harness.planMessages())
        try harness.apply(Page(items: .messages([]), next: "more", serverDate: harness.moment.now), read)
        #expect(try harness.conversation().windowLow == nil)
        #expect(try harness.coverage().intervals.isEmpty)
        #expect(try harness.plan(.backfill)?.request.cursor == "more")
    }

    @Test(arguments: [false, true])
    func `a send that is not shown to who is shown nothing is not taken for absent`(isShown: Bool) throws {
        var feed = FakeFeed()
        feed.send("before")
        if !isShown { feed.shownFrom = .max }
        let harness = try harness(absentSends: .resend)
        try settle(&feed, by: harness)
        var generator = SeededGenerator(seed: 1)
        let enqueued = try harness.store.enqueue(
            .send(OutgoingMessage("mine"), to: ConversationID(1)), harness.scope, harness.moment, using: &generator)
        let delivery = try #require(try harness.store.claim(harness.scope, harness.moment, limit: 1).deliveries.first)
        let lost = ServiceError(.answerLost, certainty: .unknown)
        _ = try harness.store.settle(delivery, .failure(lost), harness.scope, harness.moment, using: &generator)
        for _ in 1...30 { try settle(&feed, by: harness) }
        let state = try harness.store.account("me").intent(enqueued.intent).get()
        #expect(isShown ? state.state == .queued : state.state == .inDoubt && state.asks, "\(state.state)")
    }

    @Test func `what is read since a time is proved from what is shown on`() throws {
        var feed = FakeFeed()
        feed.send("m1")
        let harness = try harness()
        try settle(&feed, by: harness)
        feed.send("hidden")
        feed.shownFrom = feed.clock + 1
        let since = Timestamp(milliseconds: feed.items[0].place)
        feed.send("m2")
        feed.send("m3")
        harness.now = feed.clock
        let old = try #require(try harness.store.planRead(since: since, in: ConversationID(1), harness.scope, harness.moment))
        try become(Self.guest, harness)
        // Asked as the old user: it begins anew.
        let again = try #require(try harness.apply(feed.page(old.request, size: 10), old).next)
        #expect(again.request.identity == Self.guest && again.request.cursor == nil)
        try harness.apply(feed.page(again.request, size: 10), again)
        let places = feed.items.map(\.place)
        let coverage = try harness.coverage()
        #expect(coverage.adjacent(places[2], places[3]))
        #expect(!coverage.adjacent(places[0], places[2]))
    }

    @Test func `a listing that meets what was known joins it, and proves its beginning again`() throws {
        var thread = FakeThread()
        for number in 1...5 { thread.send("m\(number)") }
        let harness = try ReadingHarness(pageSize: 2)
        _ = try harness.addConversation()
        _ = try harness.drain(&thread, size: 2)
        #expect(try harness.conversation().bottom == "first")
        try become(Self.guest, harness)
        #expect(try harness.conversation().bottom == nil)
        thread.send("m6")
        _ = try harness.drain(&thread, size: 2)
        #expect(try harness.adjacentPlaces().count == 5)
        // What is below a young one is read when that is settled.
        thread.clock += 2 * Self.settle
        _ = try harness.drain(&thread, size: 2)
        #expect(try harness.conversation().bottom == "first")
    }

    @Test func `where there is no history a stretch of receiving ends with its user`() throws {
        let harness = try harness(.none)
        try harness.execute("INSERT INTO receivingSession (conversation, firstArrival) VALUES (1, 1)")
        try become(Self.guest, harness)
        #expect(try harness.value("SELECT count(*) FROM receivingSession WHERE lastArrival IS NULL") == 0)
    }
}
