import GRDB
import TidemarkModel
import Testing

@testable import TidemarkStore

/// When the engine has to look again: a moment that has passed would make it spin.
@Suite struct DueTests {
    @Test(arguments: ["readsNotBefore", "readsServiceUntil", "walkNotBefore"])
    func `a look-up behind a closed gate falls due when the gate opens`(gate: String) throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        try world.send("a", to: conversation)
        try world.lose(try #require(try world.claim().first))
        try world.sql("UPDATE conversation SET \(gate) = ?, walkDueAt = ?", [world.now + 5000, world.now + 3_600_000])
        try world.sql("UPDATE account SET listDueAt = ?", [world.now + 30_000])
        let opens = Timestamp(milliseconds: world.now + 5000)
        let planned = try world.store.planReads(world.scope, world.moment, busy: [], limit: 10)
        #expect(!planned.reads.contains { $0.purpose == .catchUp })
        #expect(planned.nextDue == opens)
        #expect(try world.store.doubtDue(world.scope, world.moment) == opens)
        world.pass(.seconds(5))
        let after = try world.store.planReads(world.scope, world.moment, busy: [], limit: 10)
        #expect(after.reads.contains { $0.purpose == .catchUp })
    }

    @Test(arguments: ["backoffUntil", "serviceUntil"])
    func `a look-up behind the account's closed gate falls due when that opens`(gate: String) throws {
        var world = try OutboxWorld()
        try world.send("a", to: try world.conversation())
        try world.lose(try #require(try world.claim().first))
        try world.sql("UPDATE account SET \(gate) = ?", [world.now + 7000])
        let planned = try world.store.planReads(world.scope, world.moment, busy: [], limit: 10)
        #expect(planned.reads.isEmpty)
        #expect(planned.nextDue == Timestamp(milliseconds: world.now + 7000))
        #expect(try world.store.doubtDue(world.scope, world.moment) == Timestamp(milliseconds: world.now + 7000))
    }

    @Test func `a confirmation behind a closed gate falls due when the gate opens`() throws {
        var world = try OutboxWorld()
        try world.send("a", to: try world.conversation())
        try world.accept(try #require(try world.claim().first), message: "100")
        world.pass(.seconds(11))
        try world.sql("UPDATE conversation SET readsNotBefore = ?, walkDueAt = ?", [world.now + 5000, world.now + 3_600_000])
        try world.sql("UPDATE conversation SET walkWanted = -1, detailsAreStale = 0, backfillIsDone = 1")
        try world.sql("UPDATE account SET listDueAt = ?", [world.now + 30_000])
        let opens = Timestamp(milliseconds: world.now + 5000)
        #expect(try world.store.planReads(world.scope, world.moment, busy: [], limit: 10).nextDue == opens)
        #expect(try world.store.doubtDue(world.scope, world.moment) == opens)
    }

    @Test func `nothing in doubt means nothing due, and what asks is waited for by nobody`() throws {
        var world = try OutboxWorld()
        #expect(try world.store.doubtDue(world.scope, world.moment) == nil)
        let send = try world.send("a", to: try world.conversation())
        try world.lose(try #require(try world.claim().first))
        #expect(try world.store.doubtDue(world.scope, world.moment) != nil)
        try world.sql("UPDATE intent SET asks = 1 WHERE id = \(send.intent.number)")
        #expect(try world.store.doubtDue(world.scope, world.moment) == nil)
    }

    @Test func `what was accepted where the user is out now is asked for by nobody`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        try world.send("a", to: conversation)
        try world.accept(try #require(try world.claim().first), message: "100")
        try world.sql("UPDATE conversation SET membership = 'left'")
        world.pass(.seconds(11))
        #expect(try world.store.doubtDue(world.scope, world.moment) == nil)
        let reads = try world.store.planReads(world.scope, world.moment, busy: [], limit: 10).reads
        #expect(!reads.contains { $0.purpose == .confirm })
        // Who is let in again looks.
        try world.sql("UPDATE conversation SET membership = 'member'")
        #expect(try world.store.doubtDue(world.scope, world.moment) != nil)
    }

    @Test func `a send into a conversation that was never read and is left is refused by the service, not held for ever`() throws
    {
        var world = try OutboxWorld()
        let conversation = try world.conversation(high: nil)
        let send = try world.send("a", to: conversation)
        #expect(try world.claim().isEmpty)
        try world.sql("UPDATE conversation SET membership = 'left'")
        try world.fail(try #require(try world.claim().first), .forbiddenHere)
        #expect(try world.state(send) == .parked)
    }

    @Test func `a send whose answer is lost while its conversation goes is parked, as nobody can look`() throws {
        var world = try OutboxWorld()
        let send = try world.send("a", to: try world.conversation())
        let delivery = try #require(try world.claim().first)
        try world.sql("UPDATE conversation SET deletedAt = ?", [world.now])
        try world.lose(delivery)
        #expect(try world.state(send) == .parked)
        #expect(try world.intent(send.intent).reason == ParkReason.conversationGone.rawValue)
        #expect(try world.store.doubtDue(world.scope, world.moment) == nil)
    }

    @Test func `what is in doubt in a conversation that nobody can find waits for a person, not for a time`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        try world.send("a", to: conversation)
        try world.lose(try #require(try world.claim().first))
        try world.sql("UPDATE conversation SET remoteID = NULL")
        #expect(try world.store.doubtDue(world.scope, world.moment) == nil)
    }

    @Test func `what is accepted after its conversation went is over, as nothing will show it`() throws {
        var world = try OutboxWorld()
        let send = try world.send("a", to: try world.conversation())
        let delivery = try #require(try world.claim().first)
        try world.sql("UPDATE conversation SET deletedAt = ?", [world.now])
        try world.accept(delivery, message: "100")
        #expect(try world.state(send) == .confirmed)
        #expect(try world.store.doubtDue(world.scope, world.moment) == nil)
    }
}
