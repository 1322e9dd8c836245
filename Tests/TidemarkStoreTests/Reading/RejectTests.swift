import TidemarkModel
import Testing

@testable import TidemarkStore

/// R24 and R25: what could not be read, and what could not be seen.
@Suite struct RejectTests {
    private let harness: ReadingHarness

    init() throws {
        harness = try ReadingHarness()
        _ = try harness.addConversation()
    }

    private func thread(_ count: Int) -> FakeThread {
        var thread = FakeThread()
        for number in 1...count { thread.send("m\(number)") }
        thread.clock += 100_000
        return thread
    }

    private func page(_ thread: FakeThread, without index: Int, id: String?) throws -> (Page, PlannedRead) {
        let read = try #require(try harness.planMessages())
        var page = thread.page(read.request, size: 200)
        guard case .messages(var items) = page.items else { return (page, read) }
        items.removeAll { $0.place == thread.items[index].place }
        page.items = .messages(items)
        page.rejects = [Reject(id: id, reason: "no type", raw: Array("{}".utf8))]
        return (page, read)
    }

    @Test func `a reject with an id holds its place until it can be read`() throws {
        let thread = thread(5)
        let id = String(thread.items[2].place)
        let (page, read) = try page(thread, without: 2, id: id)
        #expect(try harness.apply(page, read).rejects == 1)
        #expect(try harness.messages().map(\.isUnreadable) == [false, false, true, false, false])
        #expect(try harness.adjacentPlaces().count == 4)
        _ = try harness.store.apply(.message(thread.pushed(2), in: ReadingHarness.thread), harness.scope, harness.moment)
        #expect(try harness.messages()[2].text == "m3")
        #expect(try harness.messages()[2].isUnreadable == false)
    }

    @Test func `a reject without an id is a gap, also after the next walk`() throws {
        var thread = thread(5)
        let (page, read) = try page(thread, without: 2, id: nil)
        try harness.apply(page, read)
        try harness.apply(page, read)  // seen again: still one row
        #expect(try harness.value("SELECT count(*) FROM reject") == 1)
        #expect(try harness.adjacentPlaces().isEmpty)
        for number in 6...8 { thread.send("m\(number)", after: 10_000) }
        harness.now = thread.clock
        try harness.execute("UPDATE conversation SET walkDueAt = 0")
        _ = try harness.drain(&thread, size: 3)
        let gap = try harness.coverage().adjacent(thread.items[1].place, thread.items[3].place)
        #expect(!gap)
        #expect(try harness.coverage().adjacent(thread.items[6].place, thread.items[7].place))
    }

    @Test func `own membership breaks adjacency, and being added again reopens the beginning`() throws {
        var thread = thread(6)
        _ = try harness.drain(&thread, size: 200)
        #expect(try harness.adjacentPlaces().count == 5)
        try harness.execute("UPDATE conversation SET bottom = 'visibleEnd'")
        func told(_ kind: MessageKind, _ place: Int64) throws {
            let message = RemoteMessage(
                id: RemoteMessageID(String(place)), version: place, place: place, kind: kind,
                participants: [Participant(id: ReadingHarness.me)])
            _ = try harness.store.apply(.message(message, in: ReadingHarness.thread), harness.scope, harness.moment)
        }
        let middle = thread.items[2].place + 1
        try told(.participantRemoved, middle)
        #expect(try harness.conversation().membership == "left")
        #expect(try harness.planMessages() == nil)
        try told(.participantAdded, middle + 1)
        #expect(try harness.conversation().membership == "member")
        #expect(try harness.conversation().bottom == nil)
        let coverage = try harness.coverage()
        #expect(!coverage.adjacent(middle, middle + 1))
        #expect(coverage.adjacent(thread.items[0].place, thread.items[1].place))
        #expect(!coverage.adjacent(thread.items[2].place, thread.items[3].place))
    }

    @Test func `an unknown message is a tombstone only when a reconcile asked and it is old enough`() throws {
        var thread = thread(2)
        _ = try harness.drain(&thread, size: 200)
        let gone = ServiceError(
            .notFound, certainty: .notApplied, status: 404, serverDate: Timestamp(milliseconds: thread.items[0].place + 59_000))
        var generator = SeededGenerator(seed: 1)
        let read = try #require(
            try harness.store.planReconcile(MessageID(1), harness.scope, harness.moment))
        let message = try #require(try harness.messages().first { $0.id == 1 })
        var late = gone
        let version = try #require(message.version)
        late.serverDate = Timestamp(milliseconds: version + 59_000)
        _ = try harness.store.fail(late, of: read, harness.scope, harness.moment, using: &generator)
        #expect(try harness.messages().allSatisfy { $0.deletedAt == nil })
        late.serverDate = Timestamp(milliseconds: version + 60_000)
        _ = try harness.store.fail(late, of: read, harness.scope, harness.moment, using: &generator)
        #expect(try harness.messages().filter { $0.deletedBy == "absence" }.map(\.id) == [1])
    }
}
