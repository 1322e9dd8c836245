import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// The steps that a live list tells, replayed on what was shown before, give what is shown now.
@Suite(.timeLimit(.minutes(1))) struct ListReplayTests {
    private let fixture: ViewFixture
    private let trip: ConversationID

    init() throws {
        fixture = try ViewFixture()
        trip = try fixture.conversation(coverage: [0...10_000])
    }

    /// One of everything that happens to a timeline.
    private func change(_ places: inout [Int64], _ generator: inout SeededGenerator) throws {
        let place = places.randomElement(using: &generator) ?? 1
        switch Int.random(in: 0..<6, using: &generator) {
        case 0, 1:
            let new = Int64.random(in: 1...9000, using: &generator)
            guard !places.contains(new) else { return }
            places.append(new)
            try fixture.message(trip, at: new, "at \(new)")
        case 2: try fixture.run("UPDATE message SET text = text || '!' WHERE remoteID = '\(place)'")
        case 3: try fixture.run("UPDATE message SET text = '', deletedAt = 1, deletedBy = 'observed' WHERE remoteID = '\(place)'")
        case 4:
            // Forgotten, or found below its place.
            places.removeAll { $0 == place }
            try fixture.run("DELETE FROM message WHERE remoteID = '\(place)'")
        default:
            let moved = Int64.random(in: 1...9000, using: &generator)
            try fixture.run("UPDATE message SET sort = \(moved), place = \(moved) WHERE remoteID = '\(place)'")
        }
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>) func `a busy timeline, step by step`(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        var places: [Int64] = []
        var updates = fixture.account.timeline(of: trip, limit: 30).entryUpdates().makeAsyncIterator()
        var shown = try #require(try await updates.next()).list
        var kinds: Set<String> = []
        for round in 0..<100 {
            for _ in 0..<Int.random(in: 1...4, using: &generator) { try change(&places, &generator) }
            // Something that is surely to be seen, at the end.
            try fixture.message(trip, at: 9500 + Int64(round), "round \(round)")
            let update = try #require(try await updates.next())
            #expect(shown.applying(update.changes) == update.list)
            #expect(try update.list == fixture.account.timeline(of: trip, limit: 30).get().entries)
            shown = update.list
            kinds.formUnion(update.changes.map { String(String(describing: $0).prefix { $0 != "(" }) })
        }
        #expect(kinds.isSuperset(of: ["insert", "remove", "update"]))
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>) func `a list of conversations that overtake each other, step by step`(
        seed: UInt64
    ) async throws {
        var generator = SeededGenerator(seed: seed)
        let conversations = try (0..<12).map { try fixture.conversation("19:\($0)", topic: "\($0)") }
        var updates = fixture.account.conversations().listUpdates().makeAsyncIterator()
        var shown = try #require(try await updates.next()).list
        var kinds: Set<String> = []
        for round in 1...100 as ClosedRange<Int64> {
            for conversation in conversations.shuffled(using: &generator).prefix(Int.random(in: 1...3, using: &generator)) {
                let isGone = Int.random(in: 0..<4, using: &generator) == 0
                try fixture.run(
                    """
                    UPDATE conversation SET lastMessageAt = \(round * 100 + Int64.random(in: 0...99, using: &generator)),
                        topic = 'round \(round)', deletedAt = \(isGone ? "1" : "NULL") WHERE id = \(conversation.number)
                    """)
            }
            try fixture.run("UPDATE conversation SET topic = 'round \(round)' WHERE id = \(trip.number)")
            let update = try #require(try await updates.next())
            #expect(shown.applying(update.changes) == update.list)
            #expect(try update.list == fixture.account.conversations().get())
            shown = update.list
            kinds.formUnion(update.changes.map { String(String(describing: $0).prefix { $0 != "(" }) })
        }
        #expect(kinds == ["insert", "remove", "move", "update"])
    }
}
