import Testing
import Tidemark
import TidemarkSimulator

/// A sync of a part of the account, on the simulated Azure and virtual time.
@Suite(.timeLimit(.minutes(1))) struct ScopedSyncTests {
    let bench: EngineTests.Bench
    let engine: SyncEngine

    init() throws {
        bench = try EngineTests.Bench()
        engine = try bench.engine()
    }

    private func requests(_ operation: String) -> Int {
        bench.transport.with { $0.simulator.requests[operation] ?? 0 }
    }

    private func theirs(_ topic: String, messages: Int) -> String {
        let (alice, bob, now) = (bench.alice.id, bench.bob.id, bench.clock.now)
        return bench.transport.with { azure in
            let thread = azure.simulator.createThread(topic, by: bob, with: [alice], now: now)
            for index in 0..<messages { azure.simulator.send("\(topic) \(index)", as: bob, in: thread, now: now) }
            return thread
        }
    }

    private func texts(_ conversation: ConversationID) throws -> [String] {
        try engine.account.timeline(of: conversation, limit: 200).get().entries.compactMap(\.text).filter { !$0.isEmpty }
    }

    // MARK: Conversations

    @Test func `only what is unsent in the named conversation goes out, in its order, and the rest waits`() async throws {
        let trip = try await engine.createConversation(topic: "Trip").conversation
        let work = try await engine.createConversation(topic: "Work").conversation
        let first = try await engine.send("first", to: trip)
        let second = try await engine.send("second", to: trip)
        let other = try await engine.send("other", to: work)
        let report = try await engine.syncOnce(.conversations([trip]), deadline: .seconds(120))
        #expect(report.ending == .complete)
        #expect(report.sent == 2)
        #expect(report.pending == 0)
        #expect(try texts(trip) == ["first", "second"])
        #expect([first, second, other].map { bench.copies($0.token) } == [1, 1, 0])
        #expect(try engine.account.outbox().get().map(\.conversation) == [work, work])
        #expect(requests("GET threads") == 0)

        let rest = try await engine.syncOnce(deadline: .seconds(120))
        #expect(rest.sent == 1)
        #expect(try engine.account.outbox().get().isEmpty)
    }

    @Test func `an edit that waits for its message is settled with it after a lost answer`() async throws {
        let trip = try await engine.createConversation(topic: "Trip").conversation
        _ = try await engine.syncOnce(deadline: .seconds(120))
        bench.transport.with { $0.faults.add(.dropResponse, 1) }
        let sent = try await engine.send("helo", to: trip)
        _ = try await engine.syncOnce(.conversations([trip]))
        bench.transport.with { $0.faults.stop() }
        try await engine.edit(try #require(sent.message), to: "hello")
        let report = try await engine.syncOnce(.conversations([trip]), deadline: .seconds(300))
        #expect(report.ending == .complete)
        #expect(try texts(trip) == ["hello"])
        #expect(bench.copies(sent.token) == 1)
    }

    @Test func `a create in doubt is looked up in the list although the list is not read otherwise`() async throws {
        _ = try await engine.syncOnce(deadline: .seconds(60))
        let before = requests("GET threads")
        bench.transport.with { $0.faults.add(.dropResponse, 1) }
        let trip = try await engine.createConversation(topic: "Trip").conversation
        _ = try await engine.syncOnce(.conversations([trip]))
        bench.transport.with { $0.faults.stop() }
        let report = try await engine.syncOnce(.conversations([trip]), deadline: .seconds(1200))
        #expect(report.ending == .complete)
        #expect(try engine.account.conversation(trip).get().remoteID != nil)
        #expect(bench.transport.with { $0.simulator.threads.count } == 1)
        #expect(requests("GET threads") <= before + 2)
    }

    @Test func `only the named conversation is read, listed as changed or not`() async throws {
        let trip = theirs("Trip", messages: 1)
        let work = theirs("Work", messages: 1)
        bench.clock.advance(by: .seconds(1))
        _ = try await engine.syncOnce(deadline: .seconds(60))
        let ids = try [trip, work].map { try engine.account.resolveConversation($0) }
        let (bob, now) = (bench.bob.id, bench.clock.now)
        bench.transport.with { azure in
            for thread in [trip, work] { azure.simulator.send("news", as: bob, in: thread, now: now) }
        }
        bench.clock.advance(by: .seconds(1))
        let report = try await engine.syncOnce(.conversations([ids[0]]), deadline: .seconds(60))
        #expect(report.received == 1)
        #expect(try texts(ids[0]) == ["Trip 0", "news"])
        #expect(try texts(ids[1]) == ["Work 0"])
    }

    @Test func `a conversation of nobody and too many of them are refused before anything is asked`() async throws {
        await #expect(throws: StoreError.self) { try await engine.syncOnce(.conversations([ConversationID(77)])) }
        let many = Set((1...1001).map { ConversationID(Int64($0)) })
        do {
            _ = try await engine.syncOnce(.conversations(many))
            Issue.record("It was accepted.")
        } catch let error as StoreError {
            #expect(error.code == .invalidArgument)
        }
        #expect(bench.requests() == 0)
        // Nothing was left behind by it: the next one runs.
        #expect(try await engine.syncOnce(deadline: .seconds(60)).ending == .complete)
    }

    // MARK: Since

    @Test func `what is unsent goes out whatever is read, also into a conversation that was never read`() async throws {
        let trip = try await engine.createConversation(topic: "Trip").conversation
        let sent = try await engine.send("hello", to: trip)
        let report = try await engine.syncOnce(.since(bench.clock.now), deadline: .seconds(120))
        #expect(report.ending == .complete)
        #expect(report.pending == 0)
        #expect(bench.copies(sent.token) == 1)
        #expect(try engine.account.outbox().get().isEmpty)
    }

    @Test(arguments: [true, false])
    func `what was created since a time is read over all its pages, and nothing older`(comparesVersion: Bool) async throws {
        bench.transport.with { $0.simulator.behavior.startTimeComparesVersion = comparesVersion }
        let thread = theirs("Old", messages: 450)
        bench.clock.advance(by: .seconds(3600))
        let since = bench.clock.now
        bench.clock.advance(by: .seconds(60))
        let (bob, now) = (bench.bob.id, bench.clock.now)
        bench.transport.with { azure in
            for index in 0..<450 { azure.simulator.send("New \(index)", as: bob, in: thread, now: now) }
        }
        bench.clock.advance(by: .seconds(120))
        let report = try await engine.syncOnce(.since(since), deadline: .seconds(60))
        #expect(report.ending == .complete)
        #expect(report.received == 450)
        #expect(report.gaps == 1)
        let conversation = try engine.account.resolveConversation(thread)
        let shown = try engine.account.timeline(of: conversation, limit: 200).get()
        #expect(shown.entries.last?.text == "New 449")
        #expect(shown.entries.dropFirst().allSatisfy { !$0.gapBefore })

        // The gap below is closed by a sync without it.
        let whole = try await engine.syncOnce(deadline: .seconds(300))
        #expect(whole.ending == .complete)
        #expect(whole.gaps == 0)
        #expect(try engine.account.gaps().get().isEmpty)
    }

    @Test func `a walk since a time begins again where a page failed`() async throws {
        let since = bench.clock.now
        let thread = theirs("Trip", messages: 450)
        bench.clock.advance(by: .seconds(120))
        bench.transport.with { $0.faults.add(.status(503), 0.4) }
        let report = try await engine.syncOnce(.since(since), deadline: .seconds(900))
        bench.transport.with { $0.faults.stop() }
        #expect(report.ending == .complete)
        let conversation = try engine.account.resolveConversation(thread)
        #expect(try texts(conversation).count == 200)
        #expect(try engine.account.message(try engine.account.resolveMessage("m1")).get().entry.text != nil)
        #expect(report.received >= 450)
    }

    @Test func `an outage in the walk leaves it unfinished and says so`() async throws {
        let since = bench.clock.now
        _ = theirs("Trip", messages: 5)
        bench.clock.advance(by: .seconds(120))
        _ = try await engine.syncOnce(deadline: .seconds(60))
        bench.transport.setCut(true)
        let report = try await engine.syncOnce(.since(since), deadline: .seconds(20))
        #expect(report.ending == .temporary)
    }
}
