import TidemarkModel
import Testing

@testable import TidemarkStore

/// Lists may lag and run out of order: where everything is young, an answer may leave out what is older than what it shows.
@Suite struct YoungBottomTests {
    private let settle: Int64 = 60_000

    private func read(_ thread: inout FakeThread, by harness: ReadingHarness, size: Int) throws {
        _ = try harness.drain(&thread, size: size)
    }

    /// Read once, while the list shows the third message alone.
    private func lowerOnesHidden() throws -> (FakeThread, ReadingHarness) {
        var thread = FakeThread()
        for number in 1...3 { thread.send("m\(number)") }
        thread.hidden = [1, 2]
        let harness = try ReadingHarness(settle: .milliseconds(settle))
        _ = try harness.addConversation()
        try read(&thread, by: harness, size: 10)
        return (thread, harness)
    }

    @Test func `the lowest that is shown is not the beginning while something lower may still turn up`() throws {
        let (shown, harness) = try lowerOnesHidden()
        var thread = shown
        #expect(try harness.messages().map(\.text) == ["m3"])
        #expect(try harness.conversation().bottom == nil)
        // Nothing is asked for in vain meanwhile.
        #expect(try harness.plan(.backfill) == nil)
        thread.hidden = []
        thread.clock += settle + Freshness.slack
        try read(&thread, by: harness, size: 10)
        #expect(try harness.messages().map(\.text) == ["m1", "m2", "m3"])
        #expect(try harness.adjacentPlaces().count == 2)
        #expect(try harness.conversation().bottom == "first")
    }

    @Test func `nor is the lowest of the last page on the way down`() throws {
        var thread = FakeThread()
        for number in 1...4 { thread.send("m\(number)") }
        thread.hidden = [1]
        let harness = try ReadingHarness(pageSize: 2, settle: .milliseconds(settle))
        _ = try harness.addConversation()
        try read(&thread, by: harness, size: 2)
        #expect(try harness.messages().map(\.text) == ["m2", "m3", "m4"])
        #expect(try harness.conversation().bottom == nil)
        thread.hidden = []
        thread.clock += settle + Freshness.slack
        try read(&thread, by: harness, size: 2)
        #expect(try harness.messages().map(\.text) == ["m1", "m2", "m3", "m4"])
        #expect(try harness.conversation().bottom == "first")
    }

    @Test func `who may see no further learns that it is the end when it is old enough`() throws {
        let (shown, harness) = try lowerOnesHidden()
        var thread = shown
        thread.clock += settle + Freshness.slack
        try read(&thread, by: harness, size: 10)
        #expect(try harness.conversation().bottom == "visibleEnd")
    }

    @Test func `a number that is missing below the first page is looked for again before anything is whole`() throws {
        var thread = FakeThread()
        for number in 1...5 { thread.send("m\(number)") }
        thread.hidden = [2]
        let harness = try ReadingHarness(pageSize: 2, settle: .milliseconds(settle))
        _ = try harness.addConversation()
        try read(&thread, by: harness, size: 2)
        let places = thread.items.map(\.place)
        #expect(try !harness.adjacentPlaces().contains { $0 == (places[0], places[2]) })
        #expect(try harness.adjacentPlaces().map(\.0) == [places[2], places[3]])
        thread.hidden = []
        thread.clock += settle + Freshness.slack
        try read(&thread, by: harness, size: 2)
        #expect(try harness.messages().map(\.text) == (1...5).map { "m\($0)" })
        #expect(try harness.adjacentPlaces().count == 4)
    }
}
