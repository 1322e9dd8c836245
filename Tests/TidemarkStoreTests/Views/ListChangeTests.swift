import GRDB
import Synchronization
import Testing
import TidemarkModel

@testable import TidemarkStore

/// Steps from list to list, and who is woken by what.
@Suite(.timeLimit(.minutes(1)))
struct ListChangeTests {
    struct Item: Identifiable, Hashable, Sendable {
        var id: Int
        var word: Int
    }

    @Test(arguments: 0..<20) func `steps replayed on the old list give the new one`(seed: Int) {
        var generator = CountingGenerator()
        for _ in 0..<seed * 31 { _ = generator.next() }
        for _ in 0..<200 {
            let old = list(&generator)
            let new = list(&generator)
            let changes = old.changes(to: new)
            #expect(old.applying(changes) == new, "\(old) \(new)")
            #expect(old.changes(to: old).isEmpty)
        }
    }

    private func list(_ generator: inout CountingGenerator) -> [Item] {
        let ids = (0..<12).shuffled(using: &generator).prefix(Int.random(in: 0...12, using: &generator))
        return ids.map { Item(id: $0, word: Int.random(in: 0...1, using: &generator)) }
    }

    @Test func `as little as possible moves`() {
        let old = (0..<6).map { Item(id: $0, word: 0) }
        #expect(old.changes(to: Array(old.dropFirst() + old.prefix(1))) == [.move(from: 0, to: 5)])
        #expect(old.changes(to: Array(old.suffix(1) + old.dropLast())) == [.move(from: 5, to: 0)])
        var said = old
        said[2].word = 1
        #expect(old.changes(to: said) == [.update(said[2], at: 2)])
    }

    @Test func `a list's updates say how it changed, and a slow reader gets one step to the newest`() async throws {
        let fixture = try ViewFixture()
        let trip = try fixture.conversation()
        let first = try fixture.message(trip, at: 10, "one")
        var updates = fixture.account.timeline(of: trip).entryUpdates().makeAsyncIterator()
        let begun = try #require(try await updates.next())
        let inserted = begun.list.enumerated().map { ListChange.insert($1, at: $0) }
        #expect(begun.changes == inserted)
        for place in 20..<30 as Range<Int64> { try fixture.message(trip, at: place) }
        try fixture.run("UPDATE message SET text = 'ONE' WHERE id = ?", [first.number])
        let next = try #require(try await updates.next())
        #expect(next.list.count == 11)
        #expect(begun.list.applying(next.changes) == next.list)
        #expect(next.changes.count == 11)
    }

    @Test func `a write in one conversation doesn't read another's timeline again`() async throws {
        var world = try OutboxWorld()
        let here = try world.conversation("19:here")
        let there = try world.conversation("19:there")
        let log = QueryLog()
        try world.store.connection.using { writer in
            writer.writeWithoutTransaction { db in db.trace(options: .statement) { log.note($0) } }
        }
        func reads() -> Int {
            log.all.count { $0.contains("FROM message m INDEXED BY messageBySort") && $0.contains("LIMIT 51") }
        }
        let view = try world.store.account().timeline(of: here)
        let (counts, count) = AsyncStream.makeStream(of: Int.self)
        let task = Task {
            for try await timeline in view.updates() { count.yield(timeline.entries.count) }
        }
        var seen = counts.makeAsyncIterator()
        #expect(await seen.next() == 0)
        while world.store.changes.waiting == 0 { await Task.yield() }
        let before = reads()
        for number in 0..<20 { _ = try world.send("\(number)", to: there) }
        #expect(world.store.changes.waiting == 1)
        #expect(reads() == before)
        _ = try world.send("here", to: here)
        #expect(await seen.next() == 1)
        #expect(reads() == before + 1)
        task.cancel()
        try await task.value
    }

    @Test func `who looks at everything is told of every change, and of none that no view shows`() async {
        let signal = ChangeSignal()
        let mark = signal.mark
        signal.announce(.nothing)
        signal.announce(.conversation(ConversationID(1)))
        await signal.wait(after: mark, of: .everything)
        await signal.wait(after: mark, of: .conversation(ConversationID(1)))
        let second = signal.mark
        signal.announce()
        await signal.wait(after: second, of: .conversation(ConversationID(2)))
        #expect(signal.waiting == 0)
    }
}
