import Synchronization
import Testing
import Tidemark
import TidemarkModel

/// A repair that ends in the middle: what it did is done, and the next one does the rest.
@Suite(.timeLimit(.minutes(1))) struct InterruptedRepairTests {
    typealias Synced = ReconcilingTests.Synced

    private func diverged() async throws -> Synced {
        let synced = try await Synced()
        for place in 4...9 as ClosedRange<Int64> { synced.service.put(place * 1000, "new \(place)") }
        synced.service.put(1000, "edited")
        synced.service.forget(2000)
        try await synced.clock.sleep(until: synced.clock.now + .seconds(300))
        _ = try await synced.engine.send("Not yet there", to: synced.conversation)
        return synced
    }

    private func outbox(_ synced: Synced) throws -> [OutboxEntry] {
        try synced.engine.account.outbox().get()
    }

    @Test func `wherever it is interrupted nothing is lost, and going on repairs the rest and no more`() async throws {
        let whole = try await diverged()
        whole.service.state.withLock { $0.requests = 0 }
        let all = Set(whole.kinds(try await whole.engine.reconcile(whole.conversation)))
        let requests = whole.service.state.withLock { $0.requests }
        let expected = try whole.texts()
        try #require(requests > 5 && all.count == 8)
        var interrupted = 0
        for answers in 0..<requests {
            let synced = try await diverged()
            let before = try outbox(synced)
            let texts = Set(try synced.texts())
            synced.service.state.withLock { $0.answersLeft = answers }
            do {
                _ = try await synced.engine.reconcile(synced.conversation)
            } catch is ServiceError {
                interrupted += 1
            }
            #expect(try outbox(synced) == before)
            #expect(try synced.engine.store.verify(at: synced.clock.now).findings.isEmpty)
            // Nothing is there that neither was nor is.
            #expect(Set(try synced.texts()).isSubset(of: texts.union(expected)))
            synced.service.state.withLock { $0.answersLeft = nil }
            let rest = try await synced.engine.reconcile(synced.conversation)
            // Beside what differed it may find what the interrupted one could not prove.
            #expect(Set(synced.kinds(rest)).subtracting(["gap -"]).isSubset(of: all))
            #expect(rest.unrepaired == 0)
            #expect(try synced.texts() == expected)
            #expect(try outbox(synced) == before)
            #expect(try await synced.engine.compare(synced.conversation).findings.isEmpty)
        }
        // Without its last requests, for who is in it and has read it, a comparison ends with what it has.
        #expect(interrupted >= requests - 2)
    }
}
