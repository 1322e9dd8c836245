import Foundation
import HTTPTypes
import TidemarkAzure
import TidemarkModel
import TidemarkSimulator

/// Azure as the judge knows it: the adapter's real codecs on one side, the simulator's value on the other.
struct AzureModel: ServiceModel {
    private var simulator: AzureSimulator
    let codec: AzureChatWire
    private var tokens: [ParticipantID: String] = [:]
    private(set) var lastResponse: TransportResponse?
    let people: [ParticipantID]
    let traits: ServiceTraits

    init(seed: UInt64) throws {
        var behavior = AzureBehavior(seed: seed)
        behavior.limitsRates = seed.isMultiple(of: 2)
        simulator = AzureSimulator(seed: seed, behavior: behavior)
        guard let endpoint = URL(string: simulator.baseURL) else { throw SpecificationMissing() }
        codec = AzureChatWire(endpoint: endpoint)
        people = simulator.users.map { ParticipantID($0.id) }
        traits = .azure()
        keepTokens()
    }

    private mutating func keepTokens() {
        for user in simulator.users { tokens[ParticipantID(user.id)] = user.token }
    }

    mutating func renewCredentials(at now: Timestamp) {
        simulator.renewTokens(now: now)
        keepTokens()
    }

    var wire: (any ServiceWire)? { codec }
    var endpoint: String { simulator.baseURL }

    private struct SpecificationMissing: Error {}

    private mutating func exchange(_ request: AzureRequest, as user: ParticipantID, at now: Timestamp) -> TransportResponse {
        var head = request.head
        head.headerFields[.authorization] = "Bearer \(tokens[user] ?? "")"
        let response = simulator.respond(to: head, body: request.body, now: now)
        lastResponse = response
        return response
    }

    mutating func perform(
        _ delivery: Delivery, as user: ParticipantID, at now: Timestamp
    ) -> Result<Acceptance, ServiceError> {
        do {
            let response = exchange(try codec.request(for: delivery), as: user, at: now)
            return .success(try codec.acceptance(of: response, for: delivery))
        } catch {
            return .failure(error)
        }
    }

    mutating func page(_ request: PageRequest, as user: ParticipantID, at now: Timestamp) -> Result<Page, ServiceError> {
        do {
            let response = exchange(try codec.request(for: request), as: user, at: now)
            return .success(try codec.page(of: response, for: request))
        } catch {
            return .failure(error)
        }
    }

    var listLag: Int64 { simulator.behavior.listLag }
    var threadCount: Int { simulator.threads.count }
    func index(of thread: RemoteConversationID) -> Int? { simulator.threads.firstIndex { $0.id == thread.rawValue } }
    func isDeleted(_ index: Int) -> Bool { simulator.threads[index].deletedAt != nil }
    func sequence(of index: Int) -> Int64 { simulator.threads[index].sequence }

    func thread(_ index: Int) -> RawThread {
        let thread = simulator.threads[index]
        return RawThread(
            id: RemoteConversationID(thread.id), topic: thread.topic, createdBy: ParticipantID(thread.createdBy),
            members: Set(thread.members.map { ParticipantID($0.id) }),
            deletedAt: thread.deletedAt.map(Timestamp.init(milliseconds:)), messages: thread.messages.map(raw),
            token: thread.repeatabilityID.map(Token.init),
            firstTopic: thread.messages.first { $0.kind == .topicUpdated }?.topic)
    }

    func comings(_ index: Int) -> [ParticipantID: RemoteMessageID] {
        let thread = simulator.threads[index]
        var comings: [ParticipantID: RemoteMessageID] = [:]
        for message in thread.messages where message.kind == .participantAdded {
            for person in message.participants where thread.isMember(person.id) {
                comings[ParticipantID(person.id)] = RemoteMessageID(String(message.id))
            }
        }
        return comings
    }

    private func raw(_ message: AzureMessage) -> RawMessage {
        RawMessage(
            id: RemoteMessageID(String(message.id)), version: message.version, sequence: message.sequence,
            kind: MessageKind(rawValue: message.kind.rawValue), sender: message.sender.map(ParticipantID.init),
            text: message.content, token: message.firstMetadata[codec.tokenKey].map(Token.init),
            editMarker: message.metadata[codec.editKey].map(Token.init), isDeleted: message.deletedAt != nil,
            isEdited: message.editedAt != nil, createdAt: Timestamp(milliseconds: message.id))
    }

    mutating func otherSends(
        _ text: String, _ token: Token?, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp
    ) {
        let metadata = token.map { [codec.tokenKey: $0.rawValue] } ?? [:]
        simulator.send(text, as: user.rawValue, in: thread.rawValue, metadata: metadata, now: now)
    }

    mutating func otherEdits(
        _ message: RemoteMessageID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp
    ) {
        simulator.edit(message.rawValue, to: "changed", as: user.rawValue, in: thread.rawValue, now: now)
    }

    mutating func otherDeletes(
        _ message: RemoteMessageID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp
    ) {
        simulator.delete(message.rawValue, as: user.rawValue, in: thread.rawValue, now: now)
    }

    mutating func otherAdds(
        _ person: ParticipantID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp
    ) {
        simulator.add([person.rawValue], to: thread.rawValue, as: user.rawValue, now: now)
    }

    mutating func otherRenames(_ thread: RemoteConversationID, to topic: String, as user: ParticipantID, at now: Timestamp) {
        simulator.rename(thread.rawValue, to: topic, as: user.rawValue, now: now)
    }

    mutating func otherRemoves(
        _ person: ParticipantID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp
    ) {
        simulator.remove(person.rawValue, from: thread.rawValue, as: user.rawValue, now: now)
    }
}
