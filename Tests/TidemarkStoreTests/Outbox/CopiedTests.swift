import GRDB
import TidemarkModel
import Testing

@testable import TidemarkStore

/// Stores that were copied or restored (R16).
@Suite struct CopiedTests {
    @Test func `nothing leaves a copied store until it is adopted, and then everything is looked up first`() throws {
        var world = try OutboxWorld()
        try world.store.addAccount("second", service: "azure", identity: "8:x", at: Timestamp(milliseconds: 0))
        let conversation = try world.conversation(high: 10)
        let message = try #require(try world.sent(in: conversation).message)
        let edit = try world.wish(.edit(message, text: "x", metadata: [:]))
        let send = try world.send("sent since the backup", to: conversation)
        try world.sql("UPDATE account SET sweptAt = 1, listDoneAt = 1")
        let create = try world.wish(.createConversation(topic: "New", participants: []))
        let inside = try world.send("inside", to: create.conversation)
        var second = world.scope
        second.account = 2
        let elsewhere = try world.conversation("19:z", account: 2)
        let foreign = try world.store.enqueue(
            .send(OutgoingMessage("b"), to: elsewhere), second, world.moment, using: &world.generator)
        try world.store.becameCopy(at: world.moment.now)
        world = try world.reopened()
        world.pass(.seconds(100))
        #expect(try world.claim().isEmpty)
        try world.store.adopt(world.scope, world.moment)
        #expect(try world.claim().isEmpty)
        for enqueued in [edit, send, create, inside, foreign] {
            #expect(try world.state(enqueued) == .inDoubt)
        }
        #expect(try world.intent(send.intent).floor == 10)
        try world.seeNow(.own(200, token: send.token, sequence: 15), in: conversation)
        #expect(try world.state(send) == .confirmed)
        // Another device has edited since: the stale edit must not go over it.
        try world.seeNow(.own(100, token: nil, "theirs", version: 300, sequence: 16, marker: "device 2"), in: conversation)
        world.pass(.seconds(1))
        try world.close(conversation)
        #expect(try world.intent(edit.intent).reason == ParkReason.conflict.rawValue)
        try world.judgeAbsentCreates()
        let delivery = try #require(try world.claim().first)
        #expect(delivery.action.summary == "create New")
        try world.accept(delivery, thread: "19:new")
        try world.sql("UPDATE conversation SET windowHigh = 2, bottom = 'first' WHERE id = \(create.conversation.number)")
        #expect(try world.claim().isEmpty)
        try world.close(create.conversation)
        #expect(try world.claim().summary == ["send inside"])
    }

    /// An adopted copy that holds a create, and a message for what it makes.
    private func unmade() throws -> (OutboxWorld, create: Enqueued, inside: Enqueued) {
        var world = try OutboxWorld()
        try world.sql("UPDATE account SET sweptAt = 1, listDoneAt = 1")
        let create = try world.wish(.createConversation(topic: "New", participants: []))
        let inside = try world.send("inside", to: create.conversation)
        try world.store.becameCopy(at: world.moment.now)
        try world.store.adopt(world.scope, world.moment)
        return (world, create, inside)
    }

    @Test func `a copy of a copy that nobody adopted knows no better what was there before it`() throws {
        var world = try OutboxWorld()
        let create = try world.wish(.createConversation(topic: "New", participants: []))
        try world.store.becameCopy(at: world.moment.now)
        // The copy reads on, and lists what the create has made since.
        let made = try world.conversation("19:made")
        try world.sql("UPDATE conversation SET topic = 'New', createdBy = '8:acs:me' WHERE id = \(made.number)")
        try world.sql("UPDATE account SET sweptAt = 1, listDoneAt = 1")
        try world.store.becameCopy(at: world.moment.now)
        try world.store.adopt(world.scope, world.moment)
        world.pass(.seconds(100))
        try world.judgeAbsentCreates()
        // Whether it is the one is for a person to say; that nothing was made is not proved.
        #expect(try world.intent(create.intent).asks)
        #expect(try world.claim().isEmpty)
    }

    @Test func `what a copied store has in doubt in a conversation whose create is discarded is parked with it`() throws {
        var (world, create, inside) = try unmade()
        #expect(try world.state(inside) == .inDoubt)
        try world.act(.discard, on: create.intent)
        #expect(try world.state(inside) == .parked)
        #expect(try world.intent(inside.intent).reason == ParkReason.parentCancelled.rawValue)
        try world.act(.discard, on: inside.intent)
        #expect(try world.state(inside) == .cancelled)
    }

    @Test func `what a copy that had read nothing may have sent is looked for down to the beginning`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation(high: nil)
        let send = try world.send("sent since the backup", to: conversation)
        try world.store.becameCopy(at: world.moment.now)
        try world.store.adopt(world.scope, world.moment)
        #expect(try world.state(send) == .inDoubt)
        // The newest page was read, and what was sent stands below it.
        try world.sql("UPDATE conversation SET windowHigh = 40, windowHighTime = 40")
        world.pass(.seconds(60))
        try world.close(conversation)
        #expect(try world.claim().isEmpty)
        #expect(try world.state(send) == .inDoubt)
        try world.sql("UPDATE conversation SET bottom = 'first'")
        world.pass(.seconds(60))
        try world.close(conversation)
        #expect(try world.claim().summary == ["send sent since the backup"])
    }

    @Test func `what was taken back in a copy and has landed is deleted where it stands`() throws {
        var (world, create, inside) = try unmade()
        try world.act(.discard, on: create.intent)
        try world.act(.discard, on: inside.intent)
        // The store that this one is a copy of had sent both, and a list tells of what it made.
        let listed = try world.conversation("19:new")
        try world.seeNow(.own(100, token: inside.token, "inside"), in: listed)
        #expect(try world.claim().summary == ["delete 100"])
    }

    @Test func `a message that stands in a conversation proves that its create made it, whatever else has the topic`() throws {
        var (world, create, inside) = try unmade()
        let listed = try world.conversation("19:new", high: nil)
        let other = try world.conversation("19:other", high: nil)
        for conversation in [listed, other] {
            try world.sql(
                "UPDATE conversation SET topic = 'New', createdBy = ? WHERE id = ?",
                [OutboxWorld.me.rawValue, conversation.number])
        }
        try world.seeNow(.own(100, token: inside.token, "inside"), in: listed)
        try world.judgeAbsentCreates()
        #expect(try world.state(create) != .inDoubt)
        #expect(try world.text("SELECT remoteID FROM conversation WHERE id = \(create.conversation.number)") == "19:new")
        #expect(try world.claim().isEmpty)
    }

    @Test func `a changed text in a copied store keeps the token that may have been sent since`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation(high: 10)
        let send = try world.send("one", to: conversation)
        try world.store.becameCopy(at: world.moment.now)
        try world.store.adopt(world.scope, world.moment)
        try world.store.write(.normal) { db in
            try Outbox.conversationGone(conversation.number, world.scope, world.moment, db)
        }
        #expect(try world.state(send) == .parked)
        try world.act(.edit("two"), on: send.intent)
        try world.seeNow(.own(100, token: send.token, "one"), in: conversation)
        #expect(try world.number("SELECT count(*) FROM intent WHERE verb = 'delete'") == 1)
    }

    @Test func `a copy looks down to what was proved when it was copied, whatever it has read before it is adopted`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation(high: 10)
        let send = try world.send("sent since the backup", to: conversation)
        try world.store.becameCopy(at: world.moment.now)
        // The original sent it, another device deleted it, and the tombstone lost its token.
        try world.seeNow(.own(200, token: nil, version: 300, sequence: 16, deleted: true), in: conversation)
        try world.sql("UPDATE conversation SET windowHigh = 20")
        world.pass(.seconds(100))
        try world.store.adopt(world.scope, world.moment)
        world.pass(.seconds(1))
        try world.close(conversation)
        #expect(try world.intent(send.intent).asks)
        #expect(try world.claim().isEmpty)
    }

    @Test func `what a copy holds unsent may have left, so another text is a wish of its own`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation(high: 10)
        let send = try world.send("one", to: conversation)
        let refused = try world.send("two", to: try world.conversation("19:b", high: 10))
        try world.fail(try #require(try world.claim().first { $0.intent == refused.intent }), .refused)
        try world.store.becameCopy(at: world.moment.now)
        let edit = try world.wish(.edit(try #require(send.message), text: "changed", metadata: [:]))
        #expect(edit.intent != send.intent)
        #expect(try world.intent(send.intent).decodedBody.message?.text == "one")
        try world.store.adopt(world.scope, world.moment)
        // What was parked may have been tried again since.
        try world.act(.retry, on: refused.intent)
        #expect(try world.state(refused) == .inDoubt)
    }
}
