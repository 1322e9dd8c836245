import Testing
import Tidemark
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

/// A NUL is a sign like others: what stands behind it reaches the service, comes back and is shown.
@Suite struct NullTests {
    let bench: EngineTests.Bench
    let engine: SyncEngine

    init() throws {
        bench = try EngineTests.Bench()
        engine = try bench.engine()
    }

    private func sync() async throws { #expect(try await engine.syncOnce(deadline: .seconds(300)).ending == .complete) }

    /// What the service has of all messages, and what a store without anything reads of it.
    private func atTheService() async throws -> [String?] {
        let other = try SyncEngine(
            store: try MessageStore.inMemory(), service: engine.service, clock: bench.clock, generator: SeededGenerator(seed: 2))
        _ = try await other.syncOnce(deadline: .seconds(300))
        let trip = try #require(try other.account.conversations().get().first)
        #expect(trip.topic == "Trip\0 to the sea")
        #expect(try other.account.participants(of: trip.id).get().map(\.displayName).contains("Bob\0 by"))
        return try other.account.timeline(of: trip.id).get().entries.filter { $0.kind == .text }.map(\.text)
    }

    @Test func `topics, names, sends and edits keep what stands behind a NUL`() async throws {
        let bob = Participant(id: ParticipantID(bench.bob.id), displayName: "Bob\0 by")
        let trip = try await engine.createConversation(topic: "Trip\0 to", with: [bob]).conversation
        let first = try #require(try await engine.send("one\0 and more", to: trip).message)
        let second = try #require(try await engine.send("two", to: trip).message)
        try await engine.send("\0", to: trip)
        let queued = try engine.account.timeline(of: trip).get().entries.map(\.text)
        #expect(queued == ["one\0 and more", "two", "\0"])
        try await sync()
        try await engine.edit(first, to: "one\0\0 edited")
        try await engine.edit(second, to: "two\0")
        try await engine.rename(trip, to: "Trip\0 to the sea")
        let shown = try engine.account.timeline(of: trip).get().entries.filter { $0.kind == .text }.map(\.text)
        #expect(shown == ["one\0\0 edited", "two\0", "\0"])
        try await sync()
        #expect(try engine.account.outbox().get().isEmpty)
        #expect(try await atTheService() == shown)
        #expect(try engine.account.timeline(of: trip).get().entries.filter { $0.kind == .text }.map(\.text) == shown)
    }
}
