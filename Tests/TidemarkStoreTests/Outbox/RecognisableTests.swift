import TidemarkModel
import Testing

@testable import TidemarkStore

/// A service that gives no token back: author, text and time tell what became of a request (R12).
@Suite struct RecognisableTests {
    private func world(_ absentSends: SyncConfiguration.AbsentSends = .ask) throws -> (OutboxWorld, ConversationID) {
        var traits = ServiceTraits.likeAzure
        (traits.lostAnswers[.send], traits.lostAnswers[.edit]) = (.recognisable, .recognisable)
        traits.changes = .feed
        var configuration = SyncConfiguration()
        configuration.absentSends = absentSends
        var world = try OutboxWorld(traits, configuration: configuration)
        let conversation = try world.conversation(high: 10)
        try world.sql("UPDATE conversation SET windowHighTime = 60")
        return (world, conversation)
    }

    @Test func `a send that is not there asks a person, who may say that it did not arrive`() throws {
        var (world, conversation) = try world()
        let send = try world.send("a", to: conversation)
        try world.lose(try #require(try world.claim().first))
        world.pass(.seconds(60))
        try world.close(conversation)
        #expect(try world.state(send) == .inDoubt)
        #expect(try world.intent(send.intent).asks)
        #expect(try world.claim().isEmpty)
        try world.act(.resolve(.notSent), on: send.intent)
        world.pass(.seconds(60))
        #expect(try world.claim().first?.token == send.token)
    }

    @Test func `where the program chose so it is sent again`() throws {
        var (world, conversation) = try world(.resend)
        let send = try world.send("a", to: conversation)
        try world.lose(try #require(try world.claim().first))
        world.pass(.seconds(60))
        try world.close(conversation)
        #expect(try world.claim().first?.token == send.token)
    }

    @Test func `what was taken back meanwhile is not asked about`() throws {
        var (world, conversation) = try world()
        let send = try world.send("a", to: conversation)
        try world.lose(try #require(try world.claim().first))
        if let message = send.message { try world.wish(.delete(message)) }
        world.pass(.seconds(60))
        try world.close(conversation)
        #expect(try world.state(send) == .cancelled)
    }

    @Test func `an escaped and wrapped copy is the one that was sent`() throws {
        var (world, conversation) = try world()
        let send = try world.send("it's 1 < 2", to: conversation)
        try world.lose(try #require(try world.claim().first))
        try world.seeNow(.own(100, "<p>it&#x27;s 1 &lt; 2</p>", sequence: 100), in: conversation)
        try world.close(conversation)
        #expect(try world.state(send) == .confirmed)
        #expect(try world.message(send.message)?.remoteID == "100")
    }

    @Test func `of equal texts the oldest is the first one's`() throws {
        var (world, conversation) = try world()
        let first = try world.send("ok", to: conversation)
        try world.lose(try #require(try world.claim().first))
        try world.seeNow(.own(100, "ok", sequence: 100), in: conversation)
        try world.seeNow(.own(200, "ok", sequence: 200), in: conversation)
        try world.close(conversation)
        #expect(try world.message(first.message)?.remoteID == "100")
        let second = try world.send("ok", to: conversation)
        try world.lose(try #require(try world.claim().first))
        try world.close(conversation)
        #expect(try world.message(second.message)?.remoteID == "200")
    }

    @Test func `an old message that was changed to the same text is another`() throws {
        var (world, conversation) = try world()
        try world.seeNow(.own(50, "b", sequence: 50), in: conversation)
        let send = try world.send("a", to: conversation)
        try world.lose(try #require(try world.claim().first))
        try world.seeNow(.own(50, "a", version: 100, sequence: 100), in: conversation)
        world.pass(.seconds(60))
        try world.close(conversation)
        #expect(try world.state(send) == .inDoubt)
        #expect(try world.message(send.message)?.remoteID == nil)
    }

    @Test func `what is said of a message stays when that turns out to be what an earlier send made`() throws {
        var (world, conversation) = try world()
        let send = try world.send("a", to: conversation)
        let copy = try world.seeNow(.own(100, "a", sequence: 100), in: conversation)
        let edit = try world.wish(.edit(copy, text: "b", metadata: [:]))
        // A restored store doubts both, and one look judges both.
        try world.store.becameCopy(at: world.moment.now)
        try world.store.adopt(world.scope, world.moment)
        try world.close(conversation)
        #expect(try world.state(send) == .confirmed)
        #expect(try world.intent(edit.intent).message == send.message?.number)
        world.pass(.seconds(60))
        try world.close(conversation)
        #expect(try world.claim().map(\.token) == [edit.token])
    }

    // MARK: Edits

    private func edited() throws -> (OutboxWorld, ConversationID, Enqueued, Delivery) {
        var (world, conversation) = try world()
        let send = try world.sent("a", at: 100, in: conversation)
        let edit = try world.wish(.edit(try #require(send.message), text: "b", metadata: [:]))
        return (world, conversation, edit, try #require(try world.claim().first))
    }

    private static let refused = ServiceError(.invalid, certainty: .notApplied, status: 400)

    @Test func `an edit refused because somebody changed the message is a conflict`() throws {
        var (world, conversation, edit, delivery) = try edited()
        try world.fail(delivery, Self.refused)
        try world.seeNow(.own(100, "theirs", version: 150, sequence: 150), in: conversation)
        // What was refused can't land any more: it is judged at once.
        try world.close(conversation)
        #expect(try world.state(edit) == .parked)
        #expect(try world.intent(edit.intent).reason == ParkReason.conflict.rawValue)
    }

    @Test func `a conflict is over when the message comes to say what the edit says`() throws {
        var (world, conversation, edit, delivery) = try edited()
        try world.fail(delivery, Self.refused)
        try world.seeNow(.own(100, "theirs", version: 150, sequence: 150), in: conversation)
        try world.close(conversation)
        try world.seeNow(.own(100, "theirs, too", version: 160, sequence: 160), in: conversation)
        #expect(try world.state(edit) == .parked)
        // The request had landed late.
        try world.seeNow(.own(100, "b", version: 170, sequence: 170), in: conversation)
        #expect(try world.state(edit) == .confirmed)
        #expect(try world.message(edit.message)?.text == "b")
    }

    @Test func `an edit refused for itself is parked when it is refused again`() throws {
        var (world, conversation, edit, delivery) = try edited()
        try world.fail(delivery, Self.refused)
        try world.close(conversation)
        let again = try #require(try world.claim().first)
        #expect(again.attempt == 2)
        try world.fail(again, Self.refused)
        #expect(try world.state(edit) == .parked)
        #expect(try world.intent(edit.intent).reason == ParkReason.invalid.rawValue)
    }

    @Test func `an earlier edit of one's own is no conflict`() throws {
        var (world, conversation, first, delivery) = try edited()
        try world.accept(delivery)
        let second = try world.wish(.edit(try #require(first.message), text: "c", metadata: [:]))
        try world.lose(try #require(try world.claim().first))
        // The first one's version is seen only now, and it is newer than what the second was made on.
        try world.seeNow(.own(100, "<p>b</p>", version: 150, sequence: 150), in: conversation)
        world.pass(.seconds(60))
        try world.close(conversation)
        #expect(try world.claim().summary == ["edit 100 c"])
        #expect(try world.state(second) == .transmitting)
    }
}
