import TidemarkModel
import Testing

@testable import TidemarkStore

@Suite struct WalkTests {
    @Test func `a whole thread is read, proved to its first message and then left alone`() throws {
        var thread = FakeThread()
        for number in 1...25 { thread.send("m\(number)") }
        let harness = try ReadingHarness()
        _ = try harness.addConversation()
        thread.clock += 100_000
        let requests = try harness.drain(&thread, size: 10)
        let row = try harness.conversation()
        #expect(try harness.messages().count == 25)
        #expect([row.windowLow, row.windowHigh] == [1, 25])
        #expect(row.bottom == "first")
        #expect(try harness.adjacentPlaces().count == 24)
        #expect(requests == 4)  // three pages and one re-read that proves them
    }

    // MARK: R18

    @Test func `an edit between two pages of one leaves a gap until a re-read closes it`() throws {
        var thread = FakeThread()
        for number in 1...3 { thread.send("m\(number)") }
        let harness = try ReadingHarness()
        _ = try harness.addConversation()
        let first = try #require(try harness.planMessages())
        try harness.apply(thread.page(first.request, size: 1), first)
        thread.edit(1, "edited")
        let second = try #require(try harness.planMessages())
        try harness.apply(thread.page(second.request, size: 1), second)
        #expect(try harness.messages().compactMap(\.text) == ["m1", "m3"])
        #expect(try harness.adjacentPlaces().isEmpty)
        _ = try harness.drain(&thread, size: 1)
        #expect(try harness.messages().compactMap(\.text) == ["m1", "edited", "m3"])
        #expect(try harness.adjacentPlaces().count == 2)
    }

    @Test func `the end is not proved while a message may have moved past a walk, and is when the top was read again`() throws {
        var thread = FakeThread()
        for number in 1...3 { thread.send("m\(number)") }
        let harness = try ReadingHarness()
        _ = try harness.addConversation()
        _ = try harness.drain(&thread, size: 10)
        let timeline = try harness.store.account("me").timeline(of: ConversationID(1))
        #expect(try timeline.get().endIsProved)
        thread.send("new")
        thread.edit(0, "m1, again")
        try harness.execute("UPDATE conversation SET walkDueAt = 0")
        let first = try #require(try harness.planMessages())
        try harness.apply(thread.page(first.request, size: 1), first)
        thread.edit(3, "new, again")
        let second = try #require(try harness.planMessages())
        try harness.apply(thread.page(second.request, size: 1), second)
        #expect(try timeline.get().entries.map(\.text) == ["m1, again", "m2", "m3"])
        #expect(try !timeline.get().endIsProved)
        _ = try harness.drain(&thread, size: 10)
        #expect(try timeline.get().entries.last?.text == "new, again")
        #expect(try timeline.get().endIsProved)
    }

    @Test func `an unbroken walk of several pages needs no re-read`() throws {
        var thread = FakeThread()
        thread.send("m1")
        let harness = try ReadingHarness()
        _ = try harness.addConversation()
        _ = try harness.drain(&thread, size: 2)
        for number in 2...7 { thread.send("m\(number)") }
        try harness.execute("UPDATE conversation SET walkDueAt = 0")
        #expect(try harness.drain(&thread, size: 2) == 4)
        #expect(try harness.adjacentPlaces().count == 6)
    }

    @Test func `an old message that shows up because it was edited is an island`() throws {
        var thread = FakeThread()
        for number in 1...9 { thread.send("m\(number)") }
        thread.edit(0, "edited")
        let harness = try ReadingHarness(historyPages: 0)
        _ = try harness.addConversation()
        _ = try harness.drain(&thread, size: 3)
        #expect(try harness.messages().compactMap(\.text) == ["edited", "m8", "m9"])
        #expect(try harness.adjacentPlaces().count == 1)
    }

    // MARK: R17

    @Test func `a push moves nothing, and the walk below it still finds what was missed`() throws {
        var thread = FakeThread()
        for number in 1...10 { thread.send("m\(number)") }
        let harness = try ReadingHarness()
        _ = try harness.addConversation()
        _ = try harness.drain(&thread, size: 5)
        for number in 11...13 { thread.send("m\(number)") }
        _ = try harness.store.apply(.message(thread.pushed(12), in: ReadingHarness.thread), harness.scope, harness.moment)
        #expect(try harness.conversation().windowHigh == 10)
        #expect(try harness.adjacentPlaces().count == 9)
        harness.now = thread.clock
        _ = try harness.drain(&thread, size: 1)
        #expect(try harness.messages().count == 13)
        #expect(try harness.adjacentPlaces().count == 12)
    }

    @Test func `the high-water waits below a young missing number, and passes an old one`() throws {
        var thread = FakeThread()
        for number in 1...3 { thread.send("m\(number)") }
        thread.hidden = [2]
        let harness = try ReadingHarness()
        _ = try harness.addConversation()
        let read = try #require(try harness.planMessages())
        harness.now = thread.clock
        try harness.apply(thread.page(read.request, size: 9), read)
        #expect(try harness.conversation().windowHigh == 1)
        #expect(try harness.adjacentPlaces().isEmpty)
        let due = try harness.conversation().walkDueAt
        #expect(due > harness.now && due <= harness.now + 60_000)
        thread.clock += 61_000
        harness.now = thread.clock
        let again = try #require(try harness.planMessages())
        try harness.apply(thread.page(again.request, size: 9), again)
        #expect(try harness.conversation().windowHigh == 3)
        #expect(try harness.adjacentPlaces().count == 1)
    }

    @Test func `a number that an edit left behind is explained and holds nothing`() throws {
        var thread = FakeThread()
        for number in 1...3 { thread.send("m\(number)") }
        thread.edit(1, "edited")
        let harness = try ReadingHarness()
        _ = try harness.addConversation()
        harness.now = thread.clock
        let read = try #require(try harness.planMessages())
        try harness.apply(thread.page(read.request, size: 9), read)
        #expect(try harness.conversation().windowHigh == 4)
        #expect(try harness.adjacentPlaces().count == 2)
    }

    @Test func `a number that a pushed edit left behind is explained before any list shows the edit`() throws {
        var thread = FakeThread()
        for number in 1...3 { thread.send("m\(number)") }
        thread.edit(1, "edited")
        thread.hidden = [4]
        let harness = try ReadingHarness()
        _ = try harness.addConversation()
        harness.now = thread.clock
        _ = try harness.store.apply(.message(thread.pushed(1), in: ReadingHarness.thread), harness.scope, harness.moment)
        let read = try #require(try harness.planMessages())
        try harness.apply(thread.page(read.request, size: 9), read)
        #expect(try harness.conversation().windowHigh == 3)
    }

    // MARK: Pages

    @Test func `an empty page that goes on proves nothing`() throws {
        var thread = FakeThread()
        for number in 1...4 { thread.send("m\(number)") }
        let harness = try ReadingHarness()
        _ = try harness.addConversation()
        let read = try #require(try harness.planMessages())
        try harness.apply(Page(items: .messages([]), next: "5", serverDate: Timestamp(milliseconds: thread.clock)), read)
        #expect(try harness.conversation().windowHigh == nil)
        #expect(try harness.planMessages()?.request.cursor == "5")
        _ = try harness.drain(&thread, size: 4)
        #expect(try harness.adjacentPlaces().count == 3)
    }

    @Test func `an empty page inside a walk is asked for again where it stands, later and later, and not for ever`() throws {
        var thread = FakeThread()
        for number in 1...3 { thread.send("m\(number)") }
        let harness = try ReadingHarness()
        _ = try harness.addConversation()
        _ = try harness.drain(&thread, size: 9)
        for number in 4...9 { thread.send("m\(number)") }
        harness.now = max(harness.now, thread.clock)
        try harness.store.askForWalks(harness.scope, harness.moment)
        let top = try #require(try harness.planMessages())
        try harness.apply(thread.page(top.request, size: 2), top)
        let empty = Page(items: .messages([]), next: "8", serverDate: Timestamp(milliseconds: thread.clock))
        var waits: [Int64] = []
        while waits.count < 20, let read = try harness.planMessages(), read.request.cursor == "8" {
            try harness.apply(empty, read)
            #expect(try harness.planMessages() == nil)
            waits.append(try harness.conversation().readsNotBefore - harness.now)
            harness.now += try #require(waits.last)
        }
        #expect(waits.count == 10)
        #expect(waits == waits.sorted() && waits.first == 1000 && waits.last ?? 0 >= 60_000)
        // From the top, as if nothing had been read.
        harness.now += 60_000
        #expect(try #require(try harness.planMessages()).request.cursor == nil)
    }

    @Test func `a page of a walk that began anew meanwhile is merged and proves nothing`() throws {
        var thread = FakeThread()
        for number in 1...9 { thread.send("m\(number)") }
        let harness = try ReadingHarness()
        _ = try harness.addConversation()
        let first = try #require(try harness.planMessages())
        try harness.apply(thread.page(first.request, size: 2), first)
        let stale = try #require(try harness.planMessages())
        let page = thread.page(stale.request, size: 2)
        try harness.apply(page, stale)
        let row = try harness.conversation()
        let report = try harness.apply(page, stale)
        #expect(report.unchanged == 2)
        #expect(try harness.conversation().windowLow == row.windowLow)
        #expect(try harness.conversation().backfillCursor == row.backfillCursor)
    }

    @Test func `a walk since a time proves what was created since, and nothing else`() throws {
        var thread = FakeThread()
        for number in 1...9 { thread.send("m\(number)") }
        thread.clock += 100_000
        let harness = try ReadingHarness()
        let id = try harness.addConversation()
        let since = Timestamp(milliseconds: thread.items[4].place)
        var read = try harness.store.planRead(since: since, in: id, harness.scope, harness.moment)
        var count = 0
        while let next = read {
            count += 1
            read = try harness.apply(thread.page(next.request, size: 2), next).next
        }
        // Three pages down, two more whose answers don't reach the first head at once, and so on until one does.
        #expect(count == 4)
        #expect(try harness.messages().count == 5)
        #expect(try harness.adjacentPlaces().count == 4)
        #expect(try harness.conversation().windowHigh == nil)
        #expect(try harness.conversation().bottom == nil)
    }
}
