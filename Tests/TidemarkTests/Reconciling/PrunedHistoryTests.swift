import Testing
import Tidemark
import TidemarkModel

/// What was pruned stays away until somebody asks for it.
@Suite(.timeLimit(.minutes(1))) struct PrunedHistoryTests {
    private let clock = InstantClock()
    private let service: ListedThread
    private let engine: SyncEngine

    init() throws {
        service = ListedThread(clock)
        for place in 1...12 as ClosedRange<Int64> { service.put(place * 1000, "wreck \(place)") }
        var configuration = SyncConfiguration()
        configuration.resultsPerPage = 5
        engine = try SyncEngine(
            store: try MessageStore.inMemory(), service: service, configuration: configuration, clock: clock)
    }

    private func later() async throws -> ConversationID {
        try await clock.sleep(until: clock.now + .seconds(7 * 3600))
        _ = try await engine.syncOnce(deadline: .zero)
        return try engine.account.resolveConversation(ListedThread.id.rawValue)
    }

    private func texts(_ conversation: ConversationID) throws -> [String?] {
        try engine.account.timeline(of: conversation).get().entries.map(\.text)
    }

    private func gaps() throws -> [String] {
        try engine.account.gaps().get().map { gap in
            let sides = [gap.after, gap.before].map { $0?.description ?? "nil" }.joined(separator: " ")
            return "\(gap.kind.rawValue) \(sides)\(gap.needsBackfill ? ", needs a backfill" : "")"
        }
    }

    @Test(arguments: [false, true]) func `no sync brings back what was pruned, and its gap keeps its name`(
        endsWithEdit: Bool
    ) async throws {
        if endsWithEdit { service.put(3000, "wreck 3, edited") }
        let trip = try await later()
        #expect(try texts(trip).count == 12)
        _ = try engine.account.prune(olderThan: clock.now + .seconds(1))
        for _ in 0..<2 {
            #expect(try gaps() == ["beginning nil nil, needs a backfill"])
            #expect(try texts(trip).isEmpty)
            #expect(try engine.account.search("wreck").get().isEmpty)
            #expect(try engine.account.conversation(trip).get().unread == 0)
            _ = try await later()
        }
        // What is new stands above the gap.
        service.put(clock.now.milliseconds, "new")
        _ = try await later()
        #expect(try texts(trip) == ["new"])
        let new = try #require(try engine.account.timeline(of: trip).get().entries.first)
        #expect(new.gapBefore)
        #expect(try gaps() == ["beginning nil \(new.id), needs a backfill"])
        #expect(try engine.store.verify(at: clock.now).findings.isEmpty)
        // And what was asked for is there again.
        try engine.readHistory(of: trip)
        _ = try await later()
        #expect(try texts(trip).count == 13)
        #expect(try engine.account.gaps().get().isEmpty)
    }

    @Test func `a pruned message that is changed at the service is found, and stands below the gap`() async throws {
        let trip = try await later()
        _ = try engine.account.prune(olderThan: clock.now + .seconds(1))
        service.put(4000, "wreck 4, raised")
        _ = try await later()
        #expect(try engine.account.search("raised").get().count == 1)
        #expect(try engine.account.search("wreck").get().count == 1)
        #expect(try engine.account.gaps(in: trip).get().map(\.kind) == [.beginning])
        #expect(try engine.store.verify(at: clock.now).findings.isEmpty)
    }
}
