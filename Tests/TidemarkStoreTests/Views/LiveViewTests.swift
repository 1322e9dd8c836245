import Foundation
import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

@Suite(.timeLimit(.minutes(1)))
struct LiveViewTests {
    let fixture: ViewFixture
    let trip: ConversationID

    init() throws {
        fixture = try ViewFixture()
        trip = try fixture.conversation()
    }

    @Test func `the first element comes at once and the next with a change of its own content`() async throws {
        let other = try fixture.conversation("19:other")
        var updates = fixture.account.timeline(of: trip).updates().makeAsyncIterator()
        #expect(try await updates.next()?.entries.isEmpty == true)
        // Not its own: were it yielded, the next element would still be empty.
        try fixture.message(other, at: 10)
        try fixture.run("UPDATE account SET contactAt = 7")
        try fixture.message(trip, at: 20, "mine")
        #expect(try await updates.next()?.entries.map(\.text) == ["mine"])
    }

    @Test func `a change that is undone is not yielded`() async throws {
        let message = try fixture.message(trip, at: 10, "one")
        var updates = fixture.account.timeline(of: trip).updates().makeAsyncIterator()
        _ = try await updates.next()
        try fixture.run("UPDATE message SET text = 'two' WHERE id = ?", [message.number])
        try fixture.run("UPDATE message SET text = 'one' WHERE id = ?", [message.number])
        try fixture.message(trip, at: 20, "three")
        #expect(try await updates.next()?.entries.map(\.text) == ["one", "three"])
    }

    @Test func `a slow consumer gets the newest state`() async throws {
        var updates = fixture.account.timeline(of: trip).updates().makeAsyncIterator()
        _ = try await updates.next()
        for place in 1...50 as ClosedRange<Int64> { try fixture.message(trip, at: place) }
        #expect(try await updates.next()?.entries.count == 50)
    }

    @Test func `a change of a table without row ids is seen`() async throws {
        var updates = fixture.account.receipts(of: trip).updates().makeAsyncIterator()
        #expect(try await updates.next() == [])
        try fixture.run("INSERT INTO receipt VALUES (?, '8:ann', '10', 100)", [trip.number])
        #expect(try await updates.next()?.count == 1)
    }

    @Test func `a waiting view wakes up and its consumer sees each change`() async throws {
        let updates = fixture.account.timeline(of: trip).updates()
        let (firsts, first) = AsyncStream.makeStream(of: Int.self)
        async let last = {
            for try await timeline in updates {
                first.yield(timeline.entries.count)
                if timeline.entries.count == 3 { return timeline.entries.map(\.text) }
            }
            return []
        }()
        var counts = firsts.makeAsyncIterator()
        for place in 0..<3 as Range<Int64> {
            #expect(await counts.next() == Int(place))
            try fixture.message(trip, at: place, "\(place)")
        }
        #expect(try await last == ["0", "1", "2"])
    }

    @Test func `cancelling ends the sequence and leaves nobody waiting`() async throws {
        let updates = fixture.account.timeline(of: trip).updates()
        let (signals, signal) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            for try await _ in updates { signal.yield() }
            return "ended"
        }
        var started = signals.makeAsyncIterator()
        await started.next()
        task.cancel()
        #expect(try await task.value == "ended")
        #expect(fixture.store.changes.waiting == 0)
    }

    @Test func `closing the store ends a waiting view with the code closed`() async throws {
        let updates = fixture.account.timeline(of: trip).updates()
        let (signals, signal) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            for try await _ in updates { signal.yield() }
        }
        var started = signals.makeAsyncIterator()
        await started.next()
        try fixture.store.close()
        await #expect { try await task.value } throws: { ($0 as? StoreError)?.code == .closed }
    }

    @Test func `a view that cannot be read throws`() async throws {
        var updates = fixture.account.timeline(of: ConversationID(99)).updates().makeAsyncIterator()
        await #expect { try await updates.next() } throws: { ($0 as? StoreError)?.code == .notFound }
    }

    @Test(arguments: [OpeningMode.readOnly, .readWrite])
    func `what another process writes is seen`(mode: OpeningMode) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("store.sqlite")
        let writer = try ViewFixture(store: await MessageStore.open(path))
        let trip = try writer.conversation()
        // As after the writer's program ended: for the reader nobody has the file open.
        try writer.store.close()
        let reader = try await MessageStore.open(path, mode: mode)
        var updates = try reader.timeline(of: trip).updates().makeAsyncIterator()
        #expect(try await updates.next()?.entries.isEmpty == true)
        let again = try await MessageStore.open(path, mode: .readWrite)
        try again.write(.normal) { db in
            try db.execute(
                sql: "INSERT INTO message (conversation, remoteID, sort, place, text) VALUES (?, '1', 1, 1, 'one')",
                arguments: [trip.number])
        }
        #expect(try await updates.next()?.entries.map(\.text) == ["one"])
        try again.write(.normal) { db in try db.execute(sql: "UPDATE message SET text = 'two'") }
        #expect(try await updates.next()?.entries.map(\.text) == ["two"])
        try again.close()
        try reader.close()
    }
}
