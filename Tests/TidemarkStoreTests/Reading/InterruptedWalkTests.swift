import TidemarkModel
import Testing

@testable import TidemarkStore

/// A program that ends between two pages of a walk, and the next one that opens the same file.
@Suite struct InterruptedWalkTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path("chat.sqlite") }

    init() throws {
        folder = try TemporaryFolder()
    }

    /// What a killed program leaves is what was committed: nothing is closed, the next connection finds the file and its log.
    private func harness(at now: Int64 = 0) async throws -> ReadingHarness {
        let harness = try ReadingHarness(pageSize: 2, store: try await MessageStore.open(path))
        harness.now = max(harness.now, now)
        return harness
    }

    @Test func `a walk down to the window goes on at its stored link`() async throws {
        var thread = FakeThread()
        for number in 1...4 { thread.send("m\(number)") }
        var killed = try await harness()
        _ = try killed.addConversation()
        _ = try killed.drain(&thread, size: 2)
        for number in 5...12 { thread.send("m\(number)") }
        killed.now = thread.clock
        try killed.execute("UPDATE conversation SET walkDueAt = 0")
        for _ in 0..<2 {
            let read = try #require(try killed.planMessages())
            try killed.apply(thread.page(read.request, size: 2), read)
        }
        // A third page is under way when the program dies.
        let lost = try #require(try killed.planMessages())
        #expect(lost.request.cursor == "9")

        killed = try await harness(at: killed.now)
        let resumed = try #require(try killed.planMessages())
        #expect(resumed.purpose == .catchUp && resumed.request.cursor == "9")
        #expect(resumed.request.startNumber > lost.request.startNumber)
        try killed.apply(thread.page(resumed.request, size: 2), resumed)
        _ = try killed.drain(&thread, size: 2)
        #expect(try killed.messages().map(\.text) == (1...12).map { "m\($0)" })
        #expect(try killed.adjacentPlaces().count == 11)
        #expect(try killed.value("SELECT unread FROM conversation") == 12)
    }

    @Test func `a walk towards the beginning goes on at its stored link, though the thread changed meanwhile`() async throws {
        var thread = FakeThread()
        for number in 1...9 { thread.send("m\(number)") }
        var killed = try await harness()
        _ = try killed.addConversation()
        killed.now = thread.clock
        for _ in 0..<2 {
            let read = try #require(try killed.planMessages())
            try killed.apply(thread.page(read.request, size: 2), read)
        }
        thread.edit(0, "edited")
        thread.send("m10")

        killed = try await harness(at: killed.now)
        let resumed = try #require(try killed.planMessages())
        #expect(resumed.purpose == .backfill && resumed.request.cursor == "6")
        try killed.apply(thread.page(resumed.request, size: 2), resumed)
        thread.clock += 100_000
        killed.now = thread.clock
        try killed.execute("UPDATE conversation SET walkDueAt = 0")
        _ = try killed.drain(&thread, size: 2)
        #expect(try killed.messages().map(\.text) == ["edited"] + (2...10).map { "m\($0)" })
        #expect(try killed.adjacentPlaces().count == 9)
        #expect(try killed.value("SELECT count(*) FROM message") == 10)
    }

    @Test func `each page is in the file or not, wherever the program dies`() async throws {
        var thread = FakeThread()
        for number in 1...11 { thread.send("m\(number)") }
        thread.clock += 100_000
        _ = try await harness().addConversation()
        var pages = 0
        // Every page is applied by a program of its own.
        while pages < 20 {
            let program = try await harness(at: thread.clock)
            guard let read = try program.planMessages() else { break }
            try program.apply(thread.page(read.request, size: 2), read)
            pages += 1
        }
        let last = try await harness(at: thread.clock)
        #expect(try last.messages().map(\.text) == (1...11).map { "m\($0)" })
        #expect(try last.adjacentPlaces().count == 10)
        // As many as one program needs: six pages and the re-reads that prove them.
        let alone = try ReadingHarness(pageSize: 2)
        _ = try alone.addConversation()
        #expect(try alone.drain(&thread, size: 2) == pages)
    }
}
