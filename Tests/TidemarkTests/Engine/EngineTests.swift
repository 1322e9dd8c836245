import Foundation
import Testing
import Tidemark
import TidemarkAzure
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

/// The engine on the simulated Azure, on virtual time: real loop, real tasks, no socket.
@Suite struct EngineTests {
    struct Bench {
        let clock = VirtualClock()
        let store: MessageStore
        let transport: SimulatorTransport<AzureSimulator>
        let alice: SimulatedUser
        let bob: SimulatedUser

        init(faults: FaultPlan = FaultPlan()) throws {
            store = try MessageStore.inMemory()
            let azure = AzureSimulator(now: clock.now)
            alice = azure.users[0]
            bob = azure.users[1]
            transport = SimulatorTransport(FaultyAzure(azure, faults: faults), clock: clock)
        }

        func engine(
            token: String? = nil, configuration: SyncConfiguration = SyncConfiguration(), seed: UInt64 = 1
        ) throws -> SyncEngine {
            let endpoint = try #require(URL(string: "https://simulated.communication.azure.com"))
            let clock = clock
            let service = AzureChatService(
                endpoint: endpoint, credential: .token(token ?? alice.token), transport: transport, now: { clock.now })
            var configuration = configuration
            // A timer beside a request would let time pass before its answer.
            configuration.maximumConcurrentRequests = 1
            configuration.leaseDuration = .seconds(180)
            return try SyncEngine(
                store: store, service: service, configuration: configuration, clock: clock, generator: SeededGenerator(seed: seed)
            )
        }

        func requests() -> Int {
            transport.with { $0.simulator.requests.values.reduce(0, +) }
        }

        func copies(_ token: Token) -> Int {
            transport.with { $0.simulator.copies(ofMetadata: "tidemarkToken", value: token.rawValue).count }
        }
    }

    @Test func `what was written offline arrives once and is confirmed`() async throws {
        let bench = try Bench()
        let engine = try bench.engine()
        bench.transport.setCut(true)
        let trip = try await engine.createConversation(topic: "Trip")
        let sent = try await engine.send("hello", to: trip.conversation)
        let offline = try await engine.syncOnce()
        #expect(offline.ending == .temporary)
        #expect(try engine.account.outbox().get().count == 2)

        bench.transport.setCut(false)
        let online = try await engine.syncOnce(deadline: .seconds(120))
        #expect(online.ending == .complete)
        #expect(online.sent == 1)
        #expect(try engine.account.outbox().get().isEmpty)
        let message = try #require(sent.message)
        #expect(try engine.account.message(message).get().entry.state == .confirmed)
        #expect(bench.copies(sent.token) == 1)
    }

    @Test func `reads that fail are made again until the deadline`() async throws {
        let bench = try Bench()
        let other = try bench.engine()
        _ = try await other.createConversation(topic: "Trip")
        _ = try await other.syncOnce(deadline: .seconds(120))
        bench.transport.with { $0.faults.add(.status(503), 0.7) }
        let engine = try SyncEngine(
            store: try MessageStore.inMemory(), service: other.service, clock: bench.clock, generator: SeededGenerator(seed: 2))
        let report = try await engine.syncOnce(deadline: .seconds(3600))
        #expect(report.ending == .complete)
        let trip = try #require(try engine.account.conversations().get().first)
        #expect(trip.topic == "Trip")
        #expect(try engine.account.participants(of: trip.id).get().count == 1)
    }

    @Test func `a lost answer is looked up and the message is not doubled`() async throws {
        let bench = try Bench()
        let engine = try bench.engine()
        let trip = try await engine.createConversation(topic: "Trip")
        _ = try await engine.syncOnce(deadline: .seconds(120))
        bench.transport.with { $0.faults.add(.dropResponse, 1) }
        let sent = try await engine.send("once", to: trip.conversation)
        _ = try await engine.syncOnce()
        #expect(bench.copies(sent.token) == 1)
        #expect(try engine.account.outbox().get().first?.state == .inDoubt)
        bench.transport.with { $0.faults.stop() }
        let report = try await engine.syncOnce(deadline: .seconds(300))
        #expect(report.ending == .complete)
        #expect(bench.copies(sent.token) == 1)
    }

    @Test func `a lost request is sent again after the quarantine`() async throws {
        let bench = try Bench()
        let engine = try bench.engine()
        let trip = try await engine.createConversation(topic: "Trip")
        _ = try await engine.syncOnce(deadline: .seconds(120))
        bench.transport.with { $0.faults.add(.dropRequest, 1) }
        let sent = try await engine.send("again", to: trip.conversation)
        _ = try await engine.syncOnce()
        #expect(bench.copies(sent.token) == 0)
        bench.transport.with { $0.faults.stop() }
        let report = try await engine.syncOnce(deadline: .seconds(300))
        #expect(report.ending == .complete)
        #expect(bench.copies(sent.token) == 1)
    }

    @Test func `another user's token stops the account before any request`() async throws {
        let bench = try Bench()
        try bench.store.addAccount("me", service: "azure", identity: ParticipantID(bench.alice.id))
        let engine = try bench.engine(token: bench.bob.token)
        let trip = try await engine.createConversation(topic: "Trip")
        let report = try await engine.syncOnce(deadline: .seconds(60))
        #expect(report.ending == .needsCredential)
        #expect(bench.requests() == 0)
        #expect(try engine.account.outbox().get().contains { $0.intent == trip.intent })

        // The right credential again: what waited goes on.
        let repaired = try bench.engine()
        try repaired.credentialChanged()
        #expect(try await repaired.syncOnce(deadline: .seconds(120)).ending == .complete)
    }

    @Test func `a refused token stops the account and loses nothing`() async throws {
        let bench = try Bench()
        let engine = try bench.engine()
        _ = try await engine.createConversation(topic: "Trip")
        bench.transport.with { $0.faults.add(.status(401), 1) }
        let report = try await engine.syncOnce(deadline: .seconds(60))
        #expect(report.ending == .needsCredential)
        #expect(report.problem?.contains("credential") == true)
        bench.transport.with { $0.faults.stop() }
        try engine.credentialChanged()
        #expect(try await engine.syncOnce(deadline: .seconds(120)).ending == .complete)
    }

    @Test func `a second run is refused while one is going`() async throws {
        let bench = try Bench()
        let engine = try bench.engine()
        let statuses = engine.status
        let running = Task { try await engine.run() }
        // The first status says that the loop has begun.
        for await _ in statuses { break }
        await #expect(throws: StoreError.self) { try await engine.run() }
        running.cancel()
        _ = try? await running.value
    }

    @Test func `what others did comes in, and their tombstones win`() async throws {
        let bench = try Bench()
        let engine = try bench.engine()
        let alice = bench.alice.id
        let bob = bench.bob.id
        let now = bench.clock.now
        let ids: [String] = bench.transport.with { azure in
            let thread = azure.simulator.createThread("Theirs", by: bob, with: [alice], now: now)
            let kept = azure.simulator.send("kept", as: bob, in: thread, now: now)
            let gone = azure.simulator.send("gone", as: bob, in: thread, now: now)
            azure.simulator.delete(gone ?? "", as: bob, in: thread, now: now)
            return [thread, kept ?? "", gone ?? ""]
        }
        bench.clock.advance(by: .seconds(1))
        _ = try await engine.syncOnce(deadline: .seconds(60))
        let conversation = try #require(try engine.account.conversations().get().first { $0.remoteID?.rawValue == ids[0] })
        let entries = try engine.account.timeline(of: conversation.id).get().entries
        #expect(entries.first { $0.remoteID?.rawValue == ids[1] }?.text == "kept")
        #expect(entries.first { $0.remoteID?.rawValue == ids[2] }?.deletedAt != nil)
        #expect(conversation.unread == 1)

        // A late push of the first version changes nothing.
        let late = RemoteMessage(
            id: RemoteMessageID(ids[2]), version: Int64(ids[2]), place: Int64(ids[2]), kind: .text, text: "gone",
            sender: ParticipantID(bob))
        try await engine.receive(.message(late, in: RemoteConversationID(ids[0])))
        let after = try engine.account.timeline(of: conversation.id).get().entries
        #expect(after.first { $0.remoteID?.rawValue == ids[2] }?.deletedAt != nil)
    }
}
