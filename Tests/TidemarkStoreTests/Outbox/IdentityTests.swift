import TidemarkModel
import Testing

@testable import TidemarkStore

/// Nothing leaves, and nothing is asked for, as somebody else than the account (R13).
@Suite struct IdentityTests {
    @Test func `a claim with another user's credential stops the account before any request`() throws {
        var world = try OutboxWorld()
        let send = try world.send("a", to: try world.conversation())
        world.scope.identity = OutboxWorld.other
        #expect(try world.claim().isEmpty)
        #expect(try world.state(send) == .queued)
        #expect(try world.intent(send.intent).attempts == 0)
        #expect(try world.text("SELECT stopReason FROM account") == ParkReason.wrongIdentity.rawValue)
        #expect(try world.number("SELECT count(*) FROM journal WHERE kind = 'stopped'") == 1)
        // Once said, it is not said again.
        #expect(try world.claim().isEmpty)
        #expect(try world.number("SELECT count(*) FROM journal WHERE kind = 'stopped'") == 1)
        world.scope.identity = OutboxWorld.me
        #expect(try world.claim().isEmpty)
        try world.store.resume(world.scope, world.moment)
        #expect(try world.claim().map(\.identity) == [OutboxWorld.me])
    }

    @Test func `reads are held the same way`() throws {
        var world = try OutboxWorld()
        _ = try world.conversation()
        world.scope.identity = OutboxWorld.other
        #expect(try world.store.planReads(world.scope, world.moment, busy: [], limit: 10).reads.isEmpty)
        #expect(try world.text("SELECT stopReason FROM account") == ParkReason.wrongIdentity.rawValue)
    }

    @Test func `any identity of the account's set will do, and one that nobody can tell is left to the adapter`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        try world.store.addIdentity("8:acs:guest", to: "me")
        for identity in [OutboxWorld.me, "8:acs:guest", nil] {
            world.scope.identity = identity
            try world.send("a", to: conversation)
            let delivery = try #require(try world.claim().first)
            #expect(delivery.identity == identity)
            try world.accept(delivery, message: String(world.now))
            world.pass(.seconds(10))
        }
    }
}
