import Testing
import Tidemark
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

/// Signing out with the real engine: what is unsent holds it, a run ends by it, and nothing leaves any more.
@Suite(.timeLimit(.minutes(1))) struct SigningOutTests {
    @Test func `what is unsent holds a sign-out, and is counted`() async throws {
        let bench = try EngineTests.Bench()
        let engine = try bench.engine()
        let trip = try await engine.createConversation(topic: "Trip")
        _ = try await engine.send("hello", to: trip.conversation)
        await #expect {
            try await engine.signOut()
        } throws: { error in
            (error as? StoreError)?.code == .notAllowed && "\(error)".contains("2 unsent intents")
        }
        // Nothing has changed: it goes on.
        #expect(try await engine.syncOnce(deadline: .seconds(120)).ending == .complete)
        #expect(try await engine.signOut().isEmpty)
        #expect(try bench.store.accounts().isEmpty)
    }

    @Test func `what is discarded is told, never leaves, and what the service has is there after signing in again`() async throws
    {
        let bench = try EngineTests.Bench()
        let engine = try bench.engine()
        let trip = try await engine.createConversation(topic: "Trip")
        _ = try await engine.send("sent", to: trip.conversation)
        _ = try await engine.syncOnce(deadline: .seconds(120))
        let unsent = try await engine.send("unsent", to: trip.conversation)
        #expect(try await engine.signOut(discardingUnsent: true).map(\.intent) == [unsent.intent])
        await #expect(throws: StoreError.self) { try await engine.send("late", to: trip.conversation) }
        await #expect(throws: StoreError.self) { try await engine.syncOnce() }
        await #expect(throws: StoreError.self) { try await engine.signOut() }
        #expect(try engine.account.outbox().get().isEmpty && engine.account.conversations().get().isEmpty)

        let again = try bench.engine(seed: 2)
        #expect(try await again.syncOnce(deadline: .seconds(120)).ending == .complete)
        #expect(bench.copies(unsent.token) == 0)
        let conversation = try #require(try again.account.conversations().get().first)
        #expect(try again.account.timeline(of: conversation.id).get().entries.compactMap(\.text).contains("sent"))
    }

    @Test func `a run under way ends by it`() async throws {
        let bench = try EngineTests.Bench()
        let engine = try bench.engine()
        let statuses = engine.status
        async let running: Void = engine.run()
        for await status in statuses where status == .idle { break }
        try await engine.signOut()
        try await running
        #expect(try bench.store.accounts().isEmpty)
    }
}
