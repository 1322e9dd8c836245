import Synchronization
import Testing
import TidemarkModel
import TidemarkStore

@testable import Tidemark

/// An app that had chats before it had Tidemark.
@Suite(.timeLimit(.minutes(1))) struct ImportHistoryTests {
    private let service = FileService()
    private let engine: SyncEngine

    init() throws {
        let store = try MessageStore.inMemory()
        try store.addAccount("me", service: "plain", identity: Station.alice, at: Timestamp(milliseconds: 0))
        engine = try SyncEngine(store: store, service: service)
        service.state.withLock { state in
            state.plain.create("Trip", by: "carol", with: ["alice", "bob"], token: "x", at: 1_000)
            state.plain.post("one", by: "carol", in: 0, at: 2_000)
            state.plain.post("two, edited since", by: "carol", in: 0, at: 3_000)
        }
    }

    private func message(_ id: Int64, _ text: String, by sender: ParticipantID = "carol") -> RemoteMessage {
        RemoteMessage(
            id: RemoteMessageID("\(id)"), text: text, sender: sender, createdAt: Timestamp(milliseconds: id))
    }

    private var old: [ImportedConversation] {
        [
            ImportedConversation(
                id: "t1", topic: "Trip as it was called", participants: [Participant(id: "bob", displayName: "Bob")],
                messages: [message(3_000, "two"), message(2_000, "one")],
                unsent: [
                    ImportedSend(OutgoingMessage("never confirmed"), token: "old", createdAt: Timestamp(milliseconds: 4_000))
                ], readUpTo: Timestamp(milliseconds: 2_000))
        ]
    }

    private func texts() throws -> [String] {
        guard let trip = try engine.account.conversations().get().first else { return [] }
        return try engine.account.timeline(of: trip.id).get().entries.filter(\.kind.isUserKind).compactMap(\.text)
    }

    @Test func `it stands there with a gap, unread as it was, and what was unsent asks`() async throws {
        let report = try await engine.importHistory(old)
        #expect(report.conversations == 1 && report.added == 2 && report.unsent == 1)
        #expect(try texts() == ["one", "two", "never confirmed"])
        let trip = try #require(try engine.account.conversations().get().first)
        #expect(trip.unread == 1)
        #expect(trip.remoteID == "t1")
        let timeline = try engine.account.timeline(of: trip.id).get()
        #expect(!timeline.beginningIsProved && !timeline.endIsProved)
        // Before what the service has, not before what is only here.
        #expect(timeline.entries.map(\.gapBefore) == [true, true, false])
        let unsent = try engine.account.outbox().get()
        #expect(unsent.map(\.reason) == [.restored] && unsent.map(\.token) == ["old"])
        // Nothing of it leaves by itself.
        _ = try await engine.syncOnce(deadline: .seconds(20))
        #expect(service.state.withLock { !$0.plain.threads[0].messages.contains { $0.text == "never confirmed" } })
    }

    @Test func `what the service has wins, and proves what is complete`() async throws {
        try await engine.importHistory(old)
        _ = try await engine.syncOnce(deadline: .seconds(20))
        #expect(try texts() == ["one", "two, edited since", "never confirmed"])
        let trip = try #require(try engine.account.conversations().get().first)
        #expect(trip.topic == "Trip")
        #expect(try engine.account.timeline(of: trip.id).get().beginningIsProved)
    }

    @Test func `what was sent after all is found by its token, and what was not is sent when a person says so`() async throws {
        service.state.withLock { state in
            _ = state.plain.post("never confirmed", by: "alice", in: 0, at: 4_500) { $0.token = "old" }
        }
        try await engine.importHistory(old)
        _ = try await engine.syncOnce(deadline: .seconds(20))
        #expect(try engine.account.outbox().get().isEmpty)
        #expect(try texts() == ["one", "two, edited since", "never confirmed"])
    }

    @Test func `twice is once`() async throws {
        try await engine.importHistory(old)
        let before = try texts()
        let again = try await engine.importHistory(old)
        #expect(again.added == 0 && again.unsent == 0 && again.changed == 0)
        #expect(try texts() == before)
        #expect(try engine.account.outbox().get().count == 1)
    }

    @Test func `one item that can't be taken in imports nothing`() async throws {
        var broken = old
        broken[0].messages.append(RemoteMessage(id: "5", text: "when?"))
        let error = await #expect(throws: StoreError.self) { try await engine.importHistory(broken) }
        #expect(error?.code == .badLine)
        #expect(error?.description.contains("when?") == false)
        #expect(try engine.account.conversations().get().isEmpty)
        broken = [ImportedConversation(id: "")]
        await #expect(throws: StoreError.self) { try await engine.importHistory(broken) }
    }
}
