import Foundation
import Tidemark
import TidemarkAvaya
import TidemarkModel
import TidemarkSimulator

/// Somebody with a store and an engine: a registered user, or a guest.
struct SpacesPerson: Sendable {
    let name: String
    let engine: SyncEngine

    init(
        _ name: String, _ credential: any AvayaCredential, isGuest: Bool, identity: ParticipantID,
        over network: SpacesNetwork, servers: AvayaServers, clock: VirtualClock, seed: UInt64
    ) async throws {
        self.name = name
        let service = AvayaChatService(
            servers: servers, credential: credential, transport: network, isGuest: isGuest,
            limits: HTTPLimits(timeout: .seconds(12)), now: { clock.now })
        let store = try MessageStore.inMemory()
        try store.addAccount("me", service: service.traits.service, identity: identity, at: clock.now)
        var configuration = SyncConfiguration()
        // One request at a time, so that one seed is one story.
        configuration.maximumConcurrentRequests = 1
        // Shorter than what is left of a lease, so that nobody looks at the clock, and moves it, while a request is under way.
        configuration.requestTimeout = .seconds(15)
        // Nor because it waits to write down how far an upload is.
        configuration.uploadProgressInterval = .zero
        engine = try SyncEngine(
            store: store, service: service, account: "me", configuration: configuration, clock: clock,
            generator: SeededGenerator(seed: seed))
    }

    var account: AccountView { engine.account }

    func entries(in conversation: ConversationID) throws -> [TimelineEntry] {
        try account.timeline(of: conversation, limit: 200).get().entries
    }

    func entry(_ text: String, in conversation: ConversationID) throws -> TimelineEntry {
        guard let entry = try entries(in: conversation).first(where: { $0.text == text }) else {
            throw Failure(.failed, code: "demo", "“\(text)” is not in \(name)'s timeline; this is a defect of Tidemark.")
        }
        return entry
    }

    /// What in the outbox only a person can bring on.
    func question() throws -> OutboxEntry {
        let waiting = try account.outbox().get().first { entry in
            if case .parked = entry.state { true } else { entry.asks }
        }
        guard let waiting else {
            throw Failure(.failed, code: "demo", "\(name) should have been asked something; this is a defect of Tidemark.")
        }
        return waiting
    }
}
