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
}
