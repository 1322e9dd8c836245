import Foundation
import TidemarkAvaya
import TidemarkConformance
import TidemarkModel
import TidemarkSimulator

/// Avaya's adapter, as it is, on the simulated service, by REST alone: changes come from its feed.
struct AvayaSubject: ConformanceSubject {
    /// Its users' ids end with their tokens.
    var isGuest = false

    var name: String { isGuest ? "guest" : "avaya" }

    func makeWorld(on clock: VirtualClock) async throws -> any ConformanceWorld {
        let simulator = AvayaSimulator(now: clock.now)
        let transport = SimulatorTransport(FaultyService(simulator, faults: FaultPlan()), clock: clock)
        return AvayaWorld(people: simulator.users, isGuest: isGuest, clock: clock, transport: transport)
    }
}

struct AvayaWorld: ConformanceWorld {
    struct NoAddress: Error {}

    /// A token that nothing renews.
    private struct Token: AvayaCredential {
        let user: TidemarkSimulator.AvayaUser

        func access() async throws(ServiceError) -> AvayaAccess {
            AvayaAccess(scheme: .jwt, token: user.token, identity: ParticipantID(user.id))
        }

        func renewed(after refused: AvayaAccess) async throws(ServiceError) -> AvayaAccess {
            throw ServiceError(.unauthenticated, certainty: .notApplied, scope: .account)
        }
    }

    let people: [TidemarkSimulator.AvayaUser]
    let isGuest: Bool
    let clock: VirtualClock
    let transport: SimulatorTransport<AvayaSimulator>

    var users: [ParticipantID] { people.prefix(3).map { ParticipantID($0.id) } }
    var secrets: [String] { people.map(\.token) }

    func service(for user: ParticipantID) async throws -> any ChatService {
        let (rest, socket, accounts) = transport.with { avaya in
            (
                URL(string: avaya.simulator.baseURL), URL(string: avaya.simulator.socketURL),
                URL(string: avaya.simulator.accountsURL)
            )
        }
        guard let person = people.first(where: { $0.id == user.rawValue }), let rest, let socket, let accounts else {
            throw NoAddress()
        }
        return AvayaChatService(
            servers: AvayaServers(rest: rest, socket: socket, accounts: accounts), credential: Token(user: person),
            transport: transport, isGuest: isGuest, now: { clock.now })
    }

    func conversations() async throws -> [HeldConversation] {
        transport.with { $0.simulator.spaces }.map { space in
            HeldConversation(
                id: RemoteConversationID(space.id), topic: space.title, members: space.members.map { ParticipantID($0.user) },
                isDeleted: space.deletedAt != nil)
        }
    }

    func messages(in conversation: RemoteConversationID) async throws -> [HeldMessage] {
        let (messages, files) = transport.with { avaya in
            let messages = avaya.simulator.spaces.first { $0.id == conversation.rawValue }?.messages ?? []
            return (messages, messages.map { $0.attachments.compactMap { avaya.simulator.content(ofFile: $0.fileID) } })
        }
        return zip(messages, files).map { message, files in
            HeldMessage(
                id: RemoteMessageID(message.id), author: ParticipantID(message.sender), text: Self.plain(message.text),
                isDeleted: message.deletedAt != nil, isEdited: message.changes.contains { $0.kind == .edit },
                files: files, replyTo: message.parent.map { RemoteMessageID($0) })
        }
    }

    /// What the suite writes has no markup of its own; what a client puts around it is taken off.
    private static func plain(_ text: String) -> String {
        text.replacing(#/<[^>]*>/#, with: "")
    }
}
