import TidemarkModel
import Testing

@testable import TidemarkStore

/// A store's rows as values.
@Suite struct DumpTests {
    @Test func `what comes after a restored dump never bears the id of what was deleted before it`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let gone = try world.send("gone", to: conversation)
        try world.act(.discard, on: gone.intent)
        #expect(try world.number("SELECT count(*) FROM message") == 0)
        let dump = try world.store.dump(of: world.store.account())
        for target in [world.store, try MessageStore.inMemory()] {
            try target.restore(dump)
            let next = try target.enqueue(
                .send(OutgoingMessage("next"), to: conversation), world.scope, world.moment, using: &world.generator)
            let (new, old) = (try #require(next.message), try #require(gone.message))
            #expect(new.number == old.number + 1)
        }
    }

    @Test func `a dump without counters is restored as ever`() throws {
        var world = try OutboxWorld()
        try world.send("one", to: try world.conversation())
        var dump = try world.store.dump(of: world.store.account())
        dump.tables["sqlite_sequence"] = nil
        let copy = try MessageStore.inMemory()
        try copy.restore(dump)
        #expect(try copy.account().outbox().get().count == 1)
    }
}
