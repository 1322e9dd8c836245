import Synchronization
import Testing
import Tidemark

/// A store held against a service that has gone its own way.
@Suite(.timeLimit(.minutes(1))) struct ReconcilingTests {
    /// Three messages, all of them synced.
    struct Synced {
        let clock = InstantClock()
        let service: ListedThread
        let engine: SyncEngine
        let conversation: ConversationID

        init() async throws {
            service = ListedThread(clock)
            for place: Int64 in [1000, 2000, 3000] { service.put(place, "text \(place)") }
            engine = try SyncEngine(store: try MessageStore.inMemory(), service: service, clock: clock)
            #expect(try await engine.syncOnce(deadline: .zero).ending != .needsCredential)
            conversation = try engine.account.resolveConversation(ListedThread.id.rawValue)
        }

        func texts() throws -> [String?] {
            try engine.account.timeline(of: conversation).get().entries.map(\.text)
        }

        func kinds(_ result: Reconciliation) -> [String] {
            result.findings.map { "\($0.kind.rawValue) \($0.remoteID?.rawValue ?? "-")" }
        }
    }

    @Test func `store and service that agree have no findings`() async throws {
        let synced = try await Synced()
        let result = try await synced.engine.compare(synced.conversation)
        #expect(result.findings.isEmpty)
        #expect(result.messages == 3)
        // Two pages, who is in it, and how far they have read.
        #expect(result.requests == 4)
    }

    @Test func `what is missing and stale is found without a change, and repaired when told to`() async throws {
        let synced = try await Synced()
        synced.service.put(4000, "new")
        synced.service.put(1000, "edited")
        synced.service.delete(2000)
        let before = try synced.texts()
        let plan = try await synced.engine.compare(synced.conversation)
        #expect(synced.kinds(plan) == ["stale 1000", "stale 2000", "missing 4000"])
        #expect(plan.unrepaired == 3)
        #expect(try synced.texts() == before)

        let done = try await synced.engine.reconcile(synced.conversation)
        #expect(synced.kinds(done) == ["stale 1000", "stale 2000", "missing 4000"])
        #expect(done.unrepaired == 0)
        #expect(try synced.texts() == ["edited", nil, "text 3000", "new"])
        #expect(try await synced.engine.compare(synced.conversation).findings.isEmpty)
    }

    @Test func `what only the listing leaves out is not extra`() async throws {
        let synced = try await Synced()
        synced.service.state.withLock { _ = $0.hidden.insert("2000") }
        #expect(try await synced.engine.reconcile(synced.conversation).findings.isEmpty)
        #expect(try synced.texts().count { $0 != nil } == 3)
    }

    @Test func `what the service denies by its id is extra, and deleted here once it is old enough`() async throws {
        let synced = try await Synced()
        synced.service.forget(2000)
        let plan = try await synced.engine.compare(synced.conversation)
        #expect(synced.kinds(plan) == ["extra 2000"])
        #expect(try synced.texts() == ["text 1000", "text 2000", "text 3000"])
        let done = try await synced.engine.reconcile(synced.conversation)
        #expect(done.findings.map(\.isRepaired) == [true])
        #expect(try synced.texts() == ["text 1000", nil, "text 3000"])
    }

    @Test func `a young message that the service denies stays, and stays reported`() async throws {
        let synced = try await Synced()
        let young = synced.clock.now.milliseconds - 1000
        synced.service.put(young, "young")
        _ = try await synced.engine.reconcile(synced.conversation)
        synced.service.forget(young)
        let done = try await synced.engine.reconcile(synced.conversation)
        #expect(done.findings.map(\.isRepaired) == [false])
        #expect(try synced.texts().last == "young")
    }

    @Test func `since bounds what is compared`() async throws {
        let synced = try await Synced()
        synced.service.put(1000, "edited")
        synced.service.forget(2000)
        synced.service.put(3000, "edited, too")
        let plan = try await synced.engine.compare(synced.conversation, since: Timestamp(milliseconds: 2500))
        #expect(synced.kinds(plan) == ["stale 3000"])
    }

    @Test func `unsent work is untouched by a repair`() async throws {
        let synced = try await Synced()
        let sent = try await synced.engine.send("Not yet there", to: synced.conversation)
        synced.service.put(4000, "new")
        _ = try await synced.engine.reconcile(synced.conversation)
        #expect(try synced.engine.account.intent(sent.intent).get().state == .queued)
        #expect(try synced.texts().last == "Not yet there")
    }

    @Test func `a conversation that the store does not have is found, added and read`() async throws {
        let clock = InstantClock()
        let service = ListedThread(clock)
        service.put(1000, "hello")
        let engine = try SyncEngine(store: try MessageStore.inMemory(), service: service, clock: clock)
        #expect(try await engine.compareAll().findings.map(\.kind) == [.missing])
        #expect(try engine.account.conversations().get().isEmpty)
        let done = try await engine.reconcileAll()
        #expect(done.findings.contains { $0.kind == .missing && $0.remoteID == nil && $0.isRepaired })
        let conversation = try #require(try engine.account.conversations().get().first)
        #expect(try engine.account.timeline(of: conversation.id).get().entries.map(\.text) == ["hello"])
    }

    @Test func `what passes is waited out, and what does not is thrown`() async throws {
        let synced = try await Synced()
        let throttled = ServiceError(.throttled, certainty: .notApplied, retryAfter: .seconds(30))
        synced.service.state.withLock { $0.failures = [throttled, throttled] }
        let before = synced.clock.now
        #expect(try await synced.engine.compare(synced.conversation).findings.isEmpty)
        #expect(synced.clock.now - before >= .seconds(60))
        synced.service.state.withLock { $0.failures = [ServiceError(.unauthenticated, certainty: .notApplied)] }
        await #expect(throws: ServiceError.self) { try await synced.engine.compare(synced.conversation) }
        synced.service.state.withLock { $0.failures = Array(repeating: throttled, count: 100) }
        await #expect(throws: ServiceError.self) { try await synced.engine.compare(synced.conversation) }
    }
}
