import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// What a commit outlives (R15). A power cut can't be played; what SQLite is told before each commit can be read.
struct DurabilityTests {
    @Test func `what exists nowhere else is committed to the disk and what can be fetched again need not be`() async throws {
        let folder = try TemporaryFolder()
        let store = try await MessageStore.open(folder.path("store.sqlite"))
        try store.addAccount("me", service: "fake", identity: "8:acs:me")
        let traits = ServiceTraits(
            service: "fake", lostAnswers: [.createConversation: .repeatable(for: .seconds(60))], settleWindow: .seconds(60))
        let scope = Scope(account: 1, traits: traits, identity: "8:acs:me")
        let moment = Moment(milliseconds: 1_700_000_000_000)
        var generator = SeededGenerator(seed: 1)
        func synchronous() throws -> Int? {
            try store.connection.using { writer in
                try writer.writeWithoutTransaction { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") }
            }
        }
        let (normal, full) = (1, 2)

        try store.wakeOutbox(scope)
        #expect(try synchronous() == normal)
        let wish = Wish.createConversation(topic: "Trip", participants: [])
        let made = try store.enqueue(wish, scope, moment, using: &generator)
        #expect(try synchronous() == full)

        try store.wakeOutbox(scope)
        #expect(try store.claim(scope, moment, limit: 1).deliveries.count == 1)
        #expect(try synchronous() == full)

        try store.wakeOutbox(scope)
        #expect(try synchronous() == normal)
        try store.recover(scope, moment, using: &generator)
        try store.act(.discard, on: made.intent, scope, moment, using: &generator)
        #expect(try synchronous() == full)
        try store.close()
    }
}
