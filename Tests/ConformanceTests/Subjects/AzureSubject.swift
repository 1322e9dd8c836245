import Foundation
import TidemarkAzure
import TidemarkConformance
import TidemarkModel
import TidemarkSimulator

/// Azure's adapter, as it is, on the simulated service.
struct AzureSubject: ConformanceSubject {
    var name = "azure"
    var version = AzureAPIVersion.v2024_03_07

    func makeWorld(on clock: VirtualClock) async throws -> any ConformanceWorld {
        var behavior = AzureBehavior()
        // A tombstone without its metadata makes a person decide what nothing proves: a table of its own plays that.
        behavior.tombstonesKeepMetadata = true
        let simulator = AzureSimulator(behavior: behavior, now: clock.now)
        let transport = SimulatorTransport(FaultyAzure(simulator, faults: FaultPlan()), clock: clock)
        return AzureWorld(people: simulator.users, version: version, clock: clock, transport: transport)
    }
}

struct AzureWorld: ConformanceWorld {
    struct NoAddress: Error {}

    let people: [SimulatedUser]
    let version: AzureAPIVersion
    let clock: VirtualClock
    let transport: SimulatorTransport<AzureSimulator>

    var users: [ParticipantID] { people.prefix(3).map { ParticipantID($0.id) } }
    var secrets: [String] { people.map(\.token) }

    private var simulator: AzureSimulator { transport.with { $0.simulator } }

    func service(for user: ParticipantID) async throws -> any ChatService {
        guard let person = people.first(where: { $0.id == user.rawValue }),
            let endpoint = URL(string: "https://simulated.communication.azure.com")
        else { throw NoAddress() }
        let token = transport.with { azure in azure.simulator.newToken(for: person.id, lasting: 86_400 * 30, now: clock.now) }
        return AzureChatService(
            endpoint: endpoint, credential: .token(token ?? person.token), transport: transport, version: version,
            now: { clock.now })
    }

    func conversations() async throws -> [HeldConversation] {
        simulator.threads.map { thread in
            HeldConversation(
                id: RemoteConversationID(thread.id), topic: thread.topic, members: thread.members.map { ParticipantID($0.id) },
                isDeleted: thread.deletedAt != nil)
        }
    }

    func messages(in conversation: RemoteConversationID) async throws -> [HeldMessage] {
        let messages = simulator.threads.first { $0.id == conversation.rawValue }?.messages ?? []
        return messages.filter { $0.kind == .text || $0.kind == .html }.map { message in
            HeldMessage(
                id: RemoteMessageID(String(message.id)), author: message.sender.map { ParticipantID($0) }, text: message.content,
                isDeleted: message.deletedAt != nil, isEdited: message.editedAt != nil)
        }
    }
}
