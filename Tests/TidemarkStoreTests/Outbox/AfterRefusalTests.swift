import TidemarkModel
import Testing

@testable import TidemarkStore

/// What the user does after something was refused or asks, and what that leaves of it.
@Suite struct AfterRefusalTests {
    private var world: OutboxWorld
    private let conversation: ConversationID

    init() throws {
        var world = try OutboxWorld()
        conversation = try world.conversation()
        self.world = world
    }

    private mutating func refuse(_ wish: Wish) throws -> Enqueued {
        let refused = try world.wish(wish)
        try world.fail(try #require(try world.claim().first { $0.intent == refused.intent }), .refused)
        #expect(try world.state(refused) == .parked)
        return refused
    }

    @Test mutating func `what is tried again in a conversation that is gone parks again`() throws {
        let send = try world.wish(.send(OutgoingMessage("hello"), to: conversation))
        let mark = try world.wish(.markRead(conversation, upTo: nil))
        try world.sql("UPDATE conversation SET deletedAt = 1")
        #expect(try world.claim().isEmpty)
        #expect(try world.state(send) == .parked)
        #expect(try world.intent(send.intent).reason == ParkReason.conversationGone.rawValue)
        #expect(try world.state(mark) != .queued)
        try world.act(.retry, on: send.intent)
        #expect(try world.claim().isEmpty)
        #expect(try world.state(send) == .parked)
    }

    @Test mutating func `deleting a message again after the service refused it is a new try`() throws {
        let message = try #require(try world.sent(in: conversation).message)
        let first = try refuse(.delete(message))
        let second = try world.wish(.delete(message))
        #expect(second.intent != first.intent)
        #expect(try world.state(first) == .cancelled)
        #expect(try world.claim().summary == ["delete 100"])
    }

    @Test mutating func `a message whose delete was refused can be edited`() throws {
        let message = try #require(try world.sent(in: conversation).message)
        let delete = try refuse(.delete(message))
        try world.wish(.edit(message, text: "still here", metadata: [:]))
        #expect(try world.claim().summary == ["edit 100 still here"])
        #expect(try world.state(delete) == .parked)
    }

    @Test mutating func `deleting a conversation again after the service refused it is a new try, behind what was written since`()
        throws
    {
        let first = try refuse(.deleteConversation(conversation))
        let send = try world.send("written since", to: conversation)
        let second = try world.wish(.deleteConversation(conversation))
        #expect(second.cancelled == 1)
        #expect(try world.state(send) == .cancelled)
        #expect(try world.state(first) == .cancelled)
        #expect(try world.claim().summary == ["deleteConversation"])
    }

    @Test mutating func `a read mark whose answer was lost asks nobody about a conversation that the user deleted`() throws {
        try world.seeNow(.foreign(200), in: conversation)
        let mark = try world.wish(.markRead(conversation, upTo: nil))
        try world.lose(try #require(try world.claim().first { $0.intent == mark.intent }))
        try world.wish(.deleteConversation(conversation))
        world.pass(.seconds(90))
        #expect(try world.claim().summary == ["deleteConversation"])
        #expect(try world.state(mark) == .cancelled)
    }

    @Test mutating func `a read mark is not parked when its conversation is gone`() throws {
        try world.seeNow(.foreign(200), in: conversation)
        let mark = try world.wish(.markRead(conversation, upTo: nil))
        let send = try world.send("unsent", to: conversation)
        try world.store.write(.normal) { [world, conversation] db in
            try Outbox.conversationGone(conversation.number, world.scope, world.moment, db)
        }
        #expect(try world.state(mark) == .cancelled)
        #expect(try world.state(send) == .parked)
    }

    // MARK: What a person is asked about and has answered by what came after it

    /// An edit or a rename of which nobody can tell whether it arrived: the user was not in the conversation for a while.
    private mutating func ask(_ wish: Wish) throws -> Enqueued {
        let asking = try world.wish(wish)
        try world.lose(try #require(try world.claim().first { $0.intent == asking.intent }))
        try world.store.write(.normal) { [world, conversation] db in
            try Outbox.left(conversation.number, world.scope, world.moment, db)
        }
        #expect(try world.intent(asking.intent).asks)
        return asking
    }

    @Test mutating func `a later edit that is there ends an earlier one that asks, and no view falls back to it`() throws {
        let send = try world.sent(in: conversation)
        let message = try #require(send.message)
        let asking = try ask(.edit(message, text: "earlier", metadata: [:]))
        let later = try world.wish(.edit(message, text: "later", metadata: [:]))
        try world.accept(try #require(try world.claim().first { $0.intent == later.intent }))
        #expect(try world.state(asking) == .cancelled)
        try world.seeNow(
            .own(100, token: send.token, "later", version: 500, marker: later.token), in: conversation)
        let account = try world.store.account()
        #expect(try account.timeline(of: conversation).get().entries.last?.text == "later")
        #expect(try account.outbox().get().isEmpty)
    }

    @Test mutating func `a later edit that is there ends an earlier one that was refused`() throws {
        let message = try #require(try world.sent(in: conversation).message)
        let other = try #require(try world.sent("other", at: 200, in: conversation).message)
        let refused = try refuse(.edit(message, text: "earlier", metadata: [:]))
        let kept = try refuse(.edit(other, text: "of another message", metadata: [:]))
        let later = try world.wish(.edit(message, text: "later", metadata: [:]))
        try world.accept(try #require(try world.claim().first { $0.intent == later.intent }))
        #expect(try world.state(refused) == .cancelled)
        #expect(try world.state(kept) == .parked)
    }

    @Test mutating func `a later rename that is there ends an earlier one that asks`() throws {
        let asking = try ask(.rename(conversation, topic: "Earlier"))
        let later = try world.wish(.rename(conversation, topic: "Later"))
        try world.accept(try #require(try world.claim().first { $0.intent == later.intent }))
        #expect(try world.state(asking) == .cancelled)
        #expect(try world.store.account().conversation(conversation).get().topic == "Later")
    }

    @Test mutating func `what asks in a conversation that the user deleted is over with it`() throws {
        let asking = try ask(.rename(conversation, topic: "Earlier"))
        try world.wish(.deleteConversation(conversation))
        try world.accept(try #require(try world.claim().first))
        try world.store.write(.normal) { [world, conversation] db in
            try Outbox.conversationGone(conversation.number, world.scope, world.moment, db)
        }
        #expect(try world.state(asking) == .cancelled)
    }
}
