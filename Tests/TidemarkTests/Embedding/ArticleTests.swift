import Foundation
import Testing
import TidemarkAzure
import TidemarkSimulator

@testable import Tidemark

/// What the article “Testing your own app” shows, as it stands there.
@Suite struct ArticleTests {
    @Test func `what is written in a tunnel leaves behind it, and no second of the waiting passes`() async throws {
        let endpoint = try #require(URL(string: "https://simulated.communication.azure.com"))

        let clock = VirtualClock()
        let azure = AzureSimulator(now: clock.now)
        let network = SimulatorTransport(FaultyAzure(azure, faults: FaultPlan()), clock: clock)
        let service = AzureChatService(
            endpoint: endpoint, credential: .token(azure.users[0].token), transport: network, now: { clock.now })
        let engine = try SyncEngine(store: try .inMemory(), service: service, clock: clock)

        let trip = try await engine.createConversation(topic: "Trip")
        network.setCut(true)
        try await engine.send("On the train", to: trip.conversation)
        _ = try await engine.syncOnce()
        #expect(try engine.account.outbox().get().count == 2)
        network.setCut(false)
        _ = try await engine.syncOnce(deadline: .seconds(120))
        #expect(try engine.account.outbox().get().isEmpty)

        _ = try FaultPlan("drop-response=0.05,status-503=0.02", seed: 7)
        network.with { $0.faults.add(.dropResponse, 1) }
    }
}
