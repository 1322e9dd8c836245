import GRDB
import TidemarkModel
import Testing

@testable import TidemarkStore

/// What a message said before it was changed.
@Suite struct RevisionTests {
    private var world: OutboxWorld
    private let trip: ConversationID

    init() throws {
        world = try OutboxWorld()
        trip = try world.conversation()
    }

    private func see(_ text: String, version: Int64, deleted: Bool = false) throws -> MessageID {
        try give(.own(100, text, version: version, deleted: deleted, sender: OutboxWorld.other), .page, in: trip, world)
        return try world.store.account().resolveMessage("100")
    }

    private func revisions(_ message: MessageID) throws -> [RevisionView] {
        try world.store.account().message(message).get().revisions
    }

    @Test func `each version that was seen and changed is told, oldest first, once`() throws {
        let message = try see("one\0 and more", version: 100)
        #expect(try revisions(message).isEmpty)
        for (text, version) in [("two", 110), ("two", 110), ("two", 115), ("three", 120)] as [(String, Int64)] {
            _ = try see(text, version: version)
        }
        // One that comes late changes nothing.
        _ = try see("one\0 and more", version: 100)
        let seen = try revisions(message)
        #expect(seen.map(\.text) == ["one\0 and more", "two"])
        #expect(seen.map(\.version) == [100, 115])
        #expect(seen.first?.editedAt == nil && seen.last?.editedAt != nil)
        #expect(try world.store.account().message(message).get().entry.text == "three")
        #expect(try world.store.account().search("two").get().isEmpty, "An old form is not found.")
    }

    @Test func `an older version that comes late stands in its place and is never shown`() throws {
        let message = try see("one", version: 100)
        _ = try see("three", version: 300)
        _ = try see("two, late", version: 200)
        #expect(try revisions(message).map(\.text) == ["one", "two, late"])
        #expect(try revisions(message).map(\.version) == [100, 200])
        let entry = try world.store.account().message(message).get().entry
        #expect(entry.text == "three" && entry.version == 300)
        #expect(try world.store.account().timeline(of: trip).get().entries.map(\.text) == ["three"])
        #expect(try world.store.account().search("late").get().isEmpty)
        #expect(try world.store.account().search("three").get().count == 1)
    }

    /// What was said, then something else, then the first again: a version that says the same as its neighbour counts where another
    /// stands between them.
    @Test func `whatever order the versions come in, the same is kept`() throws {
        let told: [(String, Int64, Merge.Source)] = [
            ("A", 100, .page), ("B", 110, .push), ("A", 120, .page), ("A", 130, .push), ("pushed", 140, .push),
            ("listed", 140, .page),
            ("C", 150, .page),
        ]
        var generator = SeededGenerator(seed: 5)
        var kept: Set<[RevisionView]> = []
        var hashes: Set<UInt64> = []
        for round in 0..<60 {
            var world = try OutboxWorld()
            let trip = try world.conversation()
            var order = round == 0 ? told : told.shuffled(using: &generator)
            order += order.prefix(round % 4)
            for (text, version, source) in order {
                try give(.own(100, text, version: version, sender: OutboxWorld.other), source, in: trip, world)
            }
            kept.insert(try world.store.account().message(MessageID(1)).get().revisions)
            hashes.insert(try world.store.contentHash(conversation: trip, withRevisions: true))
        }
        #expect(kept.map { $0.map(\.text) } == [["A", "B", "A", "listed"]])
        #expect(kept.first?.map(\.version) == [100, 110, 130, 140])
        #expect(hashes.count == 1)
    }

    private func give(
        _ remote: RemoteMessage, _ source: Merge.Source, in conversation: ConversationID, _ world: OutboxWorld
    ) throws {
        guard source == .page else {
            _ = try world.store.apply(.message(remote, in: "19:a"), world.scope, world.moment)
            return
        }
        let read = PlannedRead(
            key: .message(remote.id, conversation), purpose: .confirm,
            request: PageRequest(.message(remote.id, in: "19:a"), startNumber: try world.begin()), conversation: conversation,
            begunAt: world.moment.now)
        _ = try world.store.apply(Page(items: .messages([remote])), of: read, world.scope, world.moment)
    }

    @Test func `a tombstone leaves none, in whatever order it comes`() throws {
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<20 {
            var world = try OutboxWorld()
            let trip = try world.conversation()
            let told = [
                RemoteMessage.own(100, "one", sender: OutboxWorld.other),
                .own(100, "two", version: 110, sender: OutboxWorld.other),
                .own(100, version: 120, deleted: true, sender: OutboxWorld.other),
                .own(100, "late", version: 130, sender: OutboxWorld.other),
            ].shuffled(using: &generator)
            for remote in told { try give(remote, .page, in: trip, world) }
            #expect(try world.store.account().message(MessageID(1)).get().revisions.isEmpty)
            #expect(try world.number("SELECT count(*) FROM revision") == 0)
            for word in ["one", "two", "late"] { #expect(try world.store.account().search(word).get().isEmpty) }
        }
    }

    @Test func `a delete on its way hides them, and refused it shows them again`() throws {
        var world = world
        let message = try world.seeNow(.own(300, "first"), in: trip)
        _ = try world.seeNow(.own(300, "second", version: 310), in: trip)
        #expect(try revisions(message).map(\.text) == ["first"])
        try world.wish(.delete(message), token: "d")
        #expect(try revisions(message).isEmpty)
        try world.sql("UPDATE intent SET state = 'parked', reason = 'forbidden', isOverlaid = 0")
        #expect(try revisions(message).map(\.text) == ["first"])
    }

    @Test func `a deleted message leaves none, and neither does a pruned one`() throws {
        let message = try see("one", version: 100)
        _ = try see("two", version: 110)
        #expect(try revisions(message).count == 1)
        _ = try see("", version: 120, deleted: true)
        #expect(try revisions(message).isEmpty)
        let other = try world.seeNow(.own(200, "one", sender: OutboxWorld.other), in: trip)
        _ = try world.seeNow(.own(200, "two", version: 210, sender: OutboxWorld.other), in: trip)
        #expect(try revisions(other).count == 1)
        try world.sql("DELETE FROM message")
        #expect(try world.number("SELECT count(*) FROM revision") == 0)
    }

    @Test func `of very many the newest stay`() throws {
        let message = try see("0", version: 100)
        for number in 1...80 as ClosedRange<Int64> { _ = try see("\(number)", version: 100 + number) }
        #expect(try revisions(message).map(\.text) == (30..<80).map { "\($0)" })
        // One that comes late and is older than all of them has no place.
        _ = try see("late", version: 99)
        #expect(try revisions(message).map(\.text) == (30..<80).map { "\($0)" })
    }

    @Test func `an own edit counts once it was seen there`() throws {
        var world = world
        let message = try world.seeNow(.own(300, token: "s", "draft"), in: trip)
        try world.wish(.edit(message, text: "better", metadata: [:]), token: "e")
        #expect(try revisions(message).isEmpty)
        _ = try world.seeNow(.own(300, token: "s", "better", version: 310, marker: "e"), in: trip)
        #expect(try revisions(message).map(\.text) == ["draft"])
    }
}
