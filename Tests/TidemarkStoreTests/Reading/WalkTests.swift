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
        #expect(requests == 4) // three pages and one re-read that proves them
    }
}
