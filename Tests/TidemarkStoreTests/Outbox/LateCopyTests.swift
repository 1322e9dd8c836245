import TidemarkModel
import Testing

@testable import TidemarkStore

/// What landed after it was taken back, more than once (R4, R5).
@Suite struct LateCopyTests {
    /// Taken back in doubt, and two copies of it are seen.
    private func landedTwice() throws -> (OutboxWorld, ConversationID, Enqueued) {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        try world.lose(try #require(try world.claim().first))
        try world.act(.discard, on: send.intent)
        try world.seeNow(.own(110, token: send.token, "a"), in: conversation)
        try world.seeNow(.own(100, token: send.token, "a"), in: conversation)
        return (world, conversation, send)
    }

    @Test func `two late copies of a cancelled send get one delete each`() throws {
        var (world, _, _) = try landedTwice()
        var deleted: [String] = []
        while let delivery = try world.claim().first {
            deleted.append(delivery.action.summary)
            try world.accept(delivery)
        }
        #expect(deleted == ["delete 100", "delete 110"])
    }

    @Test func `a delete that the service believed to be needless asks for the copy that still lives`() throws {
        var (world, conversation, send) = try landedTwice()
        // The clock is hours ahead, so an early 404 looks like the truth (R8).
        world.pass(.seconds(4 * 3600))
        let first = try #require(try world.claim().first)
        #expect(first.action.summary == "delete 100")
        try world.fail(first, ServiceError(.notFound, certainty: .notApplied, status: 404))
        let second = try #require(try world.claim().first)
        #expect(second.action.summary == "delete 110")
        try world.accept(second)
        try world.seeNow(.own(110, token: send.token, version: 200, deleted: true), in: conversation)
        world.pass(.seconds(120))
        let reads = try world.store.planReads(world.scope, world.moment, busy: [], limit: 10).reads
        #expect(reads.filter { $0.purpose == .confirm }.map(\.request.subject) == [.message("100", in: "19:a")])
        try world.seeNow(.own(100, token: send.token, "a"), in: conversation)
        world.pass(.seconds(3600))
        #expect(try world.claim().summary == ["delete 100"])
    }

    @Test func `an edit joins the newest one that has not left, whichever copy that was said of`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        try world.accept(try #require(try world.claim().first), message: "110")
        try world.seeNow(.own(110, token: send.token, "a"), in: conversation)
        let first = try world.wish(.edit(try #require(send.message), text: "b", metadata: [:]))
        // The copy that stands before it is the one that is shown from now on.
        try world.seeNow(.own(100, token: send.token, "a"), in: conversation)
        let shown = try #require(
            try world.store.account().timeline(of: conversation).get().entries.first { $0.remoteID == "100" })
        #expect(shown.id != send.message)
        let second = try world.wish(.edit(shown.id, text: "c", metadata: [:]))
        #expect(second.intent == first.intent)
        #expect(try world.store.account().timeline(of: conversation).get().entries.map(\.text) == ["c"])
        _ = try world.wish(.delete(shown.id))
        #expect(try world.state(first) == .cancelled)
    }

    @Test func `an edit whose last answer was lost is done when that copy shows it, and not sent again`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        try world.accept(try #require(try world.claim().first), message: "100")
        try world.seeNow(.own(100, token: send.token, "a"), in: conversation)
        try world.seeNow(.own(110, token: send.token, "a"), in: conversation)
        let edit = try world.wish(.edit(try #require(send.message), text: "b", metadata: [:]))
        try world.accept(try #require(try world.claim().first))
        let last = try #require(try world.claim().first)
        #expect(last.action.summary == "edit 110 b")
        try world.lose(last)
        #expect(try world.state(edit) == .inDoubt)
        // The other copy is shown as it was.
        try world.seeNow(.own(110, token: send.token, "b", version: 200, marker: edit.token), in: conversation)
        #expect(try world.state(edit) == .sent)
        #expect(try world.store.account().timeline(of: conversation).get().entries.map(\.text) == ["b"])
    }

    @Test func `an edit of two copies is what is read until both show it, whichever is seen first`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        try world.accept(try #require(try world.claim().first), message: "100")
        try world.seeNow(.own(100, token: send.token, "a"), in: conversation)
        try world.seeNow(.own(110, token: send.token, "a"), in: conversation)
        let edit = try world.wish(.edit(try #require(send.message), text: "b", metadata: [:]))
        for _ in 0..<2 { try world.accept(try #require(try world.claim().first)) }
        #expect(try world.state(edit) == .sent)
        // A list that lags shows the second copy as it is now, and the first as it was.
        try world.seeNow(.own(110, token: send.token, "b", version: 200, marker: edit.token), in: conversation)
        try world.seeNow(.own(100, token: send.token, "a"), in: conversation)
        #expect(try world.state(edit) == .sent)
        world.pass(.seconds(120))
        let reads = try world.store.planReads(world.scope, world.moment, busy: [], limit: 10).reads
        #expect(reads.filter { $0.purpose == .confirm }.map(\.request.subject) == [.message("100", in: "19:a")])
        try world.seeNow(.own(100, token: send.token, "b", version: 201, marker: edit.token), in: conversation)
        #expect(try world.state(edit) == .confirmed)
    }
}
