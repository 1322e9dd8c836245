import Foundation
import Tidemark
import TidemarkAzure
import TidemarkModel
import TidemarkSimulator

/// Everybody and everything in the demo: the service, the network, the telephone and the other people.
struct DemoStage {
    let clock: VirtualClock
    let network: DemoNetwork
    let users: [SimulatedUser]
    var device: DemoDevice
    /// What Alice wrote, in order.
    var written: [Enqueued] = []
    /// The program was killed and not started again yet.
    private(set) var isDown = false
    private(set) var generator: SeededGenerator

    /// A Monday morning.
    private static let start = Timestamp(milliseconds: 1_767_600_000_000)

    init(seed: UInt64, defect: DemoBreak?) async throws {
        let clock = VirtualClock(start: Self.start)
        let simulator = AzureSimulator(seed: seed, behavior: Self.behavior(seed: seed), now: Self.start)
        let transport = SimulatorTransport(FaultyAzure(simulator, faults: DemoFault.plan(seed: seed)), clock: clock)
        users = simulator.users
        guard let alice = users.first, users.count >= 3 else {
            throw Failure(.failed, code: "demo", "The simulator has too few users; this is a defect of the demo.")
        }
        let network = DemoNetwork(transport, clock: clock)
        let tokens = try AzureIdentityClient(
            connectionString: simulator.connectionString, transport: DemoTokenServer(transport: transport, clock: clock),
            now: { clock.now })
        let user = CommunicationIdentifier(ParticipantID(alice.id))
        let credential = AzureTokenCredential.refreshing(initialToken: alice.token, now: { clock.now }) {
            try await tokens.issueToken(for: user).text
        }
        guard let endpoint = URL(string: simulator.baseURL) else {
            throw Failure(.failed, code: "demo", "The simulator's address is none; this is a defect of the demo.")
        }
        let azure = AzureChatService(endpoint: endpoint, credential: credential, transport: network, now: { clock.now })
        let service: any ChatService =
            if let defect { DemoSaboteur(azure, defect: defect, user: ParticipantID(alice.id)) } else { azure }
        device = try await DemoDevice(seed: seed, user: alice, service: service, clock: clock)
        generator = SeededGenerator(seed: seed ^ 0x5354_4F52_59)
        self.clock = clock
        self.network = network
    }

    /// What is not known of the real service differs from seed to seed. That a tombstone keeps its metadata does not: where
    /// it loses them, a person has to decide what no program can (docs/in-doubt.md).
    private static func behavior(seed: UInt64) -> AzureBehavior {
        var behavior = AzureBehavior(seed: seed)
        behavior.tombstonesKeepMetadata = true
        return behavior
    }

    var simulator: AzureSimulator { network.transport.with { $0.simulator } }

    mutating func pick(_ count: Int) -> Int { generator.pick(count) }

    mutating func picked<Element>(of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[generator.pick(elements.count)]
    }

    // MARK: Alice

    mutating func send(_ text: String, to conversation: ConversationID) async throws -> MessageID? {
        let enqueued = try await device.engine.send(
            OutgoingMessage(text, senderName: users.first?.displayName), to: conversation)
        written.append(enqueued)
        clock.advance(by: .seconds(7))
        return enqueued.message
    }

    /// Syncs until nothing is left that time would settle, or the deadline. `nil`: the program was killed in the middle.
    mutating func sync(deadline: Duration) async throws -> SyncReport? {
        do {
            try device.renewEngine()
            let report = try await device.engine.syncOnce(deadline: deadline)
            if report.ending == .needsCredential { try device.engine.credentialChanged() }
            return report
        } catch let error as StoreError where error.code == .closed {
            isDown = true
            return nil
        }
    }

    /// Starts the program again. What the dead one held of the account is free once its lease has run out.
    mutating func restart() async throws {
        clock.advance(by: .seconds(31))
        try await device.restart()
        isDown = false
    }

    // MARK: The others

    /// Bob and Carol do something at the service, behind our back.
    mutating func others(_ act: DemoAct, in conversation: ConversationID, text: String) throws {
        guard let thread = try device.account.conversation(conversation).get().remoteID?.rawValue else { return }
        let author = users[1 + generator.pick(2)].id
        clock.advance(by: .seconds(11))
        let now = clock.now
        let messages = simulator.threads.first { $0.id == thread }?.messages ?? []
        let theirs = messages.filter { $0.sender == author && $0.deletedAt == nil }
        let target = picked(of: theirs).map { String($0.id) }
        network.transport.with { azure in
            switch (act, target) {
            case (.edit, let target?): azure.simulator.edit(target, to: text, as: author, in: thread, now: now)
            case (.delete, let target?): azure.simulator.delete(target, as: author, in: thread, now: now)
            default: azure.simulator.send(text, as: author, in: thread, now: now)
            }
        }
    }
}

enum DemoAct {
    case send, edit, delete
}
