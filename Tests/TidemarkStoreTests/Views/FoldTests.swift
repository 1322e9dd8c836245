import Testing
import TidemarkModel

@testable import TidemarkStore

/// Copies of one send fold when they are read (R5).
struct FoldTests {
    let fixture: ViewFixture
    let trip: ConversationID

    init() throws {
        fixture = try ViewFixture()
        trip = try fixture.conversation()
    }

    private func copy(_ place: Int64, _ text: String, token: String = "t1", sender: String = "8:ann", deletedAt: Int64? = nil)
        throws
        -> MessageID
    {
        try fixture.message(trip, at: place, text) {
            $0.token = token
            $0.sender = sender
            $0.deletedAt = deletedAt
        }
    }

    @Test func `the live copy with the lowest place is shown`() throws {
        _ = try copy(20, "second")
        let first = try copy(10, "first")
        let entries = try fixture.account.timeline(of: trip).get().entries
        #expect(entries.map(\.id) == [first])
        #expect(try fixture.account.message(first).get().copies.count == 2)
    }

    @Test func `a deleted copy gives way to one that lives`() throws {
        let first = try copy(10, "first", deletedAt: 15)
        let second = try copy(20, "second")
        let entries = try fixture.account.timeline(of: trip).get().entries
        #expect(entries.map(\.id) == [second])
        #expect(entries.map(\.deletedAt) == [nil])
        // Whoever still holds the hidden one's id gets what is shown.
        #expect(try fixture.account.message(first).get().entry.id == second)
        #expect(try fixture.account.resolveMessage(first.description) == second)
    }

    @Test func `it is deleted when all copies are`() throws {
        let first = try copy(10, "first", deletedAt: 15)
        _ = try copy(20, "second", deletedAt: 25)
        let entries = try fixture.account.timeline(of: trip).get().entries
        #expect(entries.map(\.id) == [first])
        #expect(entries.map(\.deletedAt) == [Timestamp(milliseconds: 15)])
    }

    @Test func `a token of another sender folds nothing`() throws {
        _ = try copy(10, "ann")
        _ = try copy(20, "bob", sender: "8:bob")
        #expect(try fixture.texts(trip) == ["ann", "bob"])
    }

    @Test func `all identities of the account count as one sender`() throws {
        try fixture.message(trip, at: 10, "one", isOwn: true) { $0.token = "t" }
        try fixture.message(trip, at: 20, "two", isOwn: true) {
            $0.token = "t"
            $0.sender = "8:me-too"
        }
        #expect(try fixture.texts(trip) == ["one"])
    }

    @Test func `a pending delete of a hidden copy covers the shown one`() throws {
        let first = try copy(10, "first")
        let second = try copy(20, "second")
        try fixture.intent(.delete, trip, message: second, token: "d")
        let entry = try #require(try fixture.account.timeline(of: trip).get().entries.first)
        #expect(entry.id == first)
        #expect(entry.deletedAt != nil)
        #expect(entry.text == nil)
    }
}
