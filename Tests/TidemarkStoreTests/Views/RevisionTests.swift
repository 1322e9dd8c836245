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
        try world.seeNow(.own(100, text, version: version, deleted: deleted, sender: OutboxWorld.other), in: trip)
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
