import Synchronization
import Testing
import Tidemark

/// R24: a store that an older adapter filled, and the adapter of today.
@Suite(.timeLimit(.minutes(1))) struct UpgradeTests {
    @Test func `what an older adapter could not read is there after an upgrade, without a request`() async throws {
        let clock = InstantClock()
        let service = ListedThread(clock)
        for place: Int64 in [1000, 2000, 3000] { service.put(place, "text \(place)") }
        service.state.withLock { $0.unreadable = ["2000"] }
        let store = try MessageStore.inMemory()
        let old = try SyncEngine(store: store, service: service, clock: clock)
        _ = try await old.syncOnce(deadline: .zero)
        let conversation = try old.account.resolveConversation(ListedThread.id.rawValue)
        let before = try old.account.timeline(of: conversation).get().entries
        #expect(before.map(\.text) == ["text 1000", nil, "text 3000"] && before[1].kind == .unreadable)
        #expect(try old.account.rejects().get().map(\.decoder) == ["1"])

        // Nobody answers: what was kept is all there is.
        service.state.withLock { state in
            state.decoderVersion = 2
            state.failures = Array(
                repeating: ServiceError(.unreachable, certainty: .notApplied, scope: .host), count: 100)
        }
        let new = try SyncEngine(store: store, service: service, clock: clock)
        let report = try await new.syncOnce(deadline: .zero)
        let after = try new.account.timeline(of: conversation).get().entries
        #expect(after.map(\.text) == ["text 1000", "text 2000", "text 3000"] && report.received == 1)
        #expect(try new.account.rejects().get().isEmpty)
        #expect(try new.account.conversation(conversation).get().unread == 3)
    }
}
