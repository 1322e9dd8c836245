import Foundation
import Synchronization
import Testing
import Tidemark
import TidemarkAzure
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

/// What is due and stands behind a closed gate is waited for, not asked about over and over.
@Suite struct SpinTests {
    /// Virtual time, and how often somebody slept.
    final class CountingClock: EngineClock {
        let clock = VirtualClock()
        private let count = Mutex(0)

        var sleeps: Int { count.withLock { $0 } }
        var now: Timestamp { clock.now }
        var monotonic: Int64 { clock.monotonic }

        func sleep(until moment: Timestamp) async throws {
            count.withLock { $0 += 1 }
            try await clock.sleep(until: moment)
        }
    }

    @Test func `a look-up behind a gate that failures keep closed does not make the loop spin`() async throws {
        let clock = CountingClock()
        let azure = AzureSimulator(now: clock.now)
        let transport = SimulatorTransport(FaultyAzure(azure, faults: FaultPlan()), clock: clock.clock)
        let endpoint = try #require(URL(string: "https://simulated.communication.azure.com"))
        let service = AzureChatService(
            endpoint: endpoint, credential: .token(azure.users[0].token), transport: transport, now: { clock.now })
        let engine = try SyncEngine(
            store: try MessageStore.inMemory(), service: service, configuration: SyncConfiguration(), clock: clock,
            generator: SeededGenerator(seed: 1))
        let trip = try await engine.createConversation(topic: "Trip")
        _ = try await engine.syncOnce(deadline: .seconds(120))
        transport.with { $0.faults.add(.dropResponse, 1) }
        _ = try await engine.send("lost", to: trip.conversation)
        _ = try await engine.syncOnce()
        #expect(try engine.account.outbox().get().first?.state == .inDoubt)

        transport.with {
            $0.faults.stop()
            $0.faults.add(.status(503), 1)
        }
        let (sleeps, began) = (clock.sleeps, clock.now)
        let report = try await engine.syncOnce(deadline: .seconds(300))
        #expect(report.ending == .temporary)
        #expect(clock.now - began >= .seconds(200), "it went on trying")
        #expect(clock.sleeps - sleeps < 150, "\(clock.sleeps - sleeps) rounds in five minutes")
    }
}
