import TidemarkModel
import Testing

@testable import TidemarkStore

/// What a refused delete leaves possible, and what a deleted conversation leaves to do.
@Suite struct DeletedAgainTests {
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
}
