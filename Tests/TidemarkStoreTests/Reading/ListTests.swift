import TidemarkModel
import Testing

@testable import TidemarkStore

/// R22 and R25: which conversations are walked, and what the list says of them.
@Suite struct ListTests {
    private let harness: ReadingHarness

    init() throws { harness = try ReadingHarness() }

    private func item(_ name: String, at stamp: Int64?, deletedAt: Int64? = nil, topic: String = "t") -> RemoteConversation {
        RemoteConversation(
            id: RemoteConversationID(name), topic: topic, deletedAt: deletedAt.map { Timestamp(milliseconds: $0) },
            lastMessageAt: stamp.map { Timestamp(milliseconds: $0) })
    }

    private func plan(_ purpose: PlannedRead.Purpose) throws -> [PlannedRead] {
        try harness.store.planReads(harness.scope, harness.moment, busy: [], limit: 100).reads.filter { $0.purpose == purpose }
    }

    private func list(_ items: [RemoteConversation], next: Cursor? = nil) throws {
        let read = try #require(try plan(.list).first)
        let date = Timestamp(milliseconds: harness.now / 1000 * 1000)
        try harness.apply(Page(items: .conversations(items), next: next, serverDate: date), read)
    }

    private func walkAll(_ thread: FakeThread = FakeThread()) throws {
        for read in try plan(.catchUp) {
            var page = thread.page(read.request, size: 200)
            page.serverDate = Timestamp(milliseconds: harness.now / 1000 * 1000)
            try harness.apply(page, read)
        }
    }

    @Test func `a second message of the same second is walked for`() throws {
        var thread = FakeThread()
        thread.clock = 99_000
        thread.send("one")
        harness.now = 100_200
        try list([item("a", at: 100_000)])
        try walkAll(thread)
        #expect(try plan(.catchUp).isEmpty)
        // A walk that began within two seconds of the stamp proves nothing about that second.
        harness.now = 103_000
        #expect(try plan(.catchUp).count == 1)
        try walkAll(thread)
        harness.now += 31_000
        try list([item("a", at: 100_000)])
        #expect(try plan(.catchUp).isEmpty)
    }

    @Test func `a newer stamp is walked for at once, an old one is not`() throws {
        harness.now = 200_000
        try list([item("a", at: 100_000), item("b", at: 90_000)])
        try walkAll()
        harness.now += 31_000
        try list([item("a", at: 230_000), item("b", at: 90_000)])
        #expect(try plan(.catchUp).map { $0.conversation } == [ConversationID(1)])
    }

    @Test func `what a list that lags tells late is walked for, however old it is`() throws {
        var thread = FakeThread()
        thread.clock = 99_000
        thread.send("one")
        harness.now = 300_000
        try list([item("a", at: 100_000)])
        try walkAll(thread)
        // Written at 294, and in no answer before 304: the walk of 300 can't have shown it.
        for stamp: Int64 in [294_000, 295_000] {
            harness.now += 31_000
            try list([item("a", at: stamp)])
            #expect(try plan(.catchUp).count == 1)
            thread.clock = stamp - 1000
            thread.send("late")
            try walkAll(thread)
            #expect(try plan(.catchUp).isEmpty)
        }
    }

    @Test func `what no walk shows is walked for a few times and then no more`() throws {
        var thread = FakeThread()
        thread.clock = 99_000
        thread.send("one")
        harness.now = 300_000
        try list([item("a", at: 299_000)])
        var walks = 0
        for _ in 0..<300 {
            harness.now += 1000
            if try !plan(.list).isEmpty { try list([item("a", at: 299_000)]) }
            guard try !plan(.catchUp).isEmpty else { continue }
            walks += 1
            try walkAll(thread)
        }
        #expect(harness.now < (try harness.conversation().walkDueAt) - 3600 * 1000)
        #expect((3...8).contains(walks))
    }

    @Test func `every top is read again after the interval`() throws {
        try list([item("a", at: 100_000)])
        try walkAll()
        #expect(try plan(.catchUp).isEmpty)
        harness.now += 6 * 3600 * 1000 + 1
        #expect(try plan(.catchUp).count == 1)
    }

    @Test func `the list stops after one unchanged page, but a sweep goes on`() throws {
        harness.now = 500_000
        let top = ["a", "c", "d", "e", "f"].enumerated().map { item($1, at: Int64(100_000 - $0 * 1000)) }
        try list(top, next: "p2")
        try list([], next: "p3")  // an empty page proves nothing
        try list([item("b", at: 90_000)])
        harness.now += 31_000
        try list(top, next: "p2")
        #expect(try plan(.list).isEmpty)
        harness.now += 25 * 3600 * 1000
        try list(top, next: "p2")
        #expect(try plan(.list).first?.request.cursor == "p2")
    }

    @Test func `a small page that is unchanged says nothing of those below it`() throws {
        harness.now = 500_000
        // Somebody's coming has raised it, and nothing in the list tells of that.
        let raised = item("a", at: 100_000)
        try list([raised], next: "p2")
        try list([item("b", at: 90_000)])
        harness.now += 31_000
        try list([raised], next: "p2")
        #expect(try plan(.list).first?.request.cursor == "p2")
    }

    @Test func `an empty page that leads to itself is asked again, a little later`() throws {
        harness.now = 500_000
        try list([item("a", at: 100_000)], next: "p2")
        try list([], next: "p2")
        #expect(try plan(.list).isEmpty)
        harness.now += 1000
        #expect(try plan(.list).first?.request.cursor == "p2")
        try list([], next: "p2")
        harness.now += 1000
        try list([item("b", at: 90_000)])
        #expect(try harness.value("SELECT count(*) FROM conversation") == 2)
    }

    @Test func `a list that never leads on is asked ever more seldom, and read from its top after ten minutes`() throws {
        harness.now = 500_000
        try list([item("a", at: 100_000)], next: "p2")
        var asked = 0
        while try plan(.list).first?.request.cursor != nil || plan(.list).isEmpty {
            if try !plan(.list).isEmpty {
                asked += 1
                try list([], next: "p2")
            }
            harness.now += 1000
            try #require(harness.now < 2_000_000)
        }
        #expect((20...40).contains(asked))
        #expect((1_100_000...1_200_000).contains(harness.now))
    }

    @Test func `a pushed change does not make a page look unchanged`() throws {
        harness.now = 500_000
        try list([item("b", at: 90_000), item("a", at: 80_000)])
        harness.now += 31_000
        _ = try harness.store.apply(.conversation(item("b", at: 510_000)), harness.scope, harness.moment)
        try list([item("b", at: 510_000)], next: "p2")
        #expect(try plan(.list).first?.request.cursor == "p2")
    }

    @Test func `a dead link of the list begins a sweep and deletes nothing`() throws {
        harness.now = 500_000
        try list([item("a", at: 100_000), item("b", at: 90_000)])
        harness.now += 31_000
        try list([item("a", at: 510_000)], next: "p2")
        let read = try #require(try plan(.list).first)
        var generator = SeededGenerator(seed: 1)
        let gone = ServiceError(.notFound, certainty: .notApplied, status: 404)
        #expect(try harness.store.fail(gone, of: read, harness.scope, harness.moment, using: &generator) == .nothing)
        harness.now += 61_000
        // The first page looks unchanged now, and what stood below it was never read.
        try list([item("a", at: 510_000)], next: "p2")
        #expect(try plan(.list).first?.request.cursor == "p2")
        #expect(try harness.conversation().deletedAt == nil)
    }

    @Test func `a deleted conversation stays and is not walked`() throws {
        try list([item("a", at: 100_000, deletedAt: 120_000)])
        #expect(try plan(.catchUp).isEmpty)
        #expect(try harness.conversation().membership == "member")
        harness.now += 31_000
        try list([item("a", at: 130_000)])
        #expect(try harness.conversation().deletedAt == 120_000)
    }

    @Test func `refused details mean left, and being listed again means back`() throws {
        try list([item("a", at: 100_000)])
        let walk = try #require(try plan(.catchUp).first)
        var generator = SeededGenerator(seed: 1)
        let error = ServiceError(.forbidden, certainty: .notApplied, status: 403)
        _ = try harness.store.fail(error, of: walk, harness.scope, harness.moment, using: &generator)
        #expect(try harness.conversation().membership == "member")
        harness.now += 61_000
        let details = try #require(try plan(.details).first)
        _ = try harness.store.fail(error, of: details, harness.scope, harness.moment, using: &generator)
        #expect(try harness.conversation().membership == "left")
        #expect(try plan(.catchUp).isEmpty)
        try list([item("a", at: 100_000)])
        #expect(try harness.conversation().membership == "member")
        #expect(try plan(.catchUp).count == 1)
    }

    @Test func `gates hold every read, and a wake-up opens only ours`() throws {
        let read = try #require(try plan(.list).first)
        var generator = SeededGenerator(seed: 1)
        let unreachable = ServiceError(.unreachable, certainty: .notApplied, scope: .host)
        _ = try harness.store.fail(unreachable, of: read, harness.scope, harness.moment, using: &generator)
        #expect(try plan(.list).isEmpty)
        try harness.store.wakeReads(harness.scope, harness.moment)
        #expect(try plan(.list).count == 1)
        let throttled = ServiceError(
            .throttled, certainty: .notApplied, scope: .account, status: 429, retryAfter: .seconds(7))
        _ = try harness.store.fail(throttled, of: read, harness.scope, harness.moment, using: &generator)
        try harness.store.wakeReads(harness.scope, harness.moment)
        let planned = try harness.store.planReads(harness.scope, harness.moment, busy: [], limit: 9)
        #expect(planned.reads.isEmpty)
        #expect(try #require(planned.nextDue).milliseconds >= harness.now + 7000)
        let refused = ServiceError(.unauthenticated, certainty: .notApplied, status: 401)
        let failure = try harness.store.fail(refused, of: read, harness.scope, harness.moment, using: &generator)
        #expect(failure == .stopAccount(.needsCredential))
    }

    @Test func `what only a push told of counts as refused once its newest message is older than the settle window`() throws {
        var thread = FakeThread()
        thread.send("pushed")
        harness.now = thread.clock
        _ = try harness.store.apply(.message(thread.pushed(0), in: ReadingHarness.thread), harness.scope, harness.moment)
        for (passed, membership) in [(Int64(10_000), "member"), (70_000, "left")] {
            harness.now = thread.clock + passed
            let read = try #require(try plan(.details).first)
            var generator = CountingGenerator()
            _ = try harness.store.fail(
                ServiceError(
                    .notFound, certainty: .notApplied, status: 404, serverDate: Timestamp(milliseconds: harness.now)),
                of: read, harness.scope, harness.moment, using: &generator)
            #expect(try harness.conversation().membership == membership)
        }
    }
}
