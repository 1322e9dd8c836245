import Foundation
import HTTPTypes
import TidemarkAvaya
import TidemarkModel
import TidemarkSimulator

/// Avaya Spaces as the judge knows it: the adapter's real codecs on one side, the simulator's value on the other. The service knows
/// no tokens; whose request made what is written down here, as it arrives.
struct AvayaModel: ServiceModel {
    var simulator: AvayaSimulator
    let codec: AvayaChatWire
    private var tokens: [ParticipantID: String] = [:]
    private(set) var lastResponse: TransportResponse?
    let people: [ParticipantID]
    let traits: ServiceTraits
    /// By the id of what was made or changed last.
    private var makers: [String: Token] = [:]
    private var editors: [String: Token] = [:]
    /// How many changes of each space and message were counted, and the number of the last.
    private var counted: [String: Counted] = [:]

    /// No two changes fall on one millisecond, by which such a service orders them.
    private var clock: Int64 = 0

    private struct Counted {
        var changes = 0
        var last: Int64 = 0
    }

    init(seed: UInt64) throws {
        var behavior = AvayaBehavior(seed: seed)
        behavior.limitsRates = seed.isMultiple(of: 2)
        // A feed by the time of change that does not move with a change can't be one (wire page §0): these two are documented. That
        // deletes are told there on request is too.
        (behavior.editsBumpModified, behavior.deletesBumpModified) = (true, true)
        if behavior.deletionMark == .absent { behavior.deletionMark = .flag }
        // Refused calls count too: told as anything but a 429, a limit of ten in ten minutes is one that nobody gets below again.
        behavior.rateStatus = 429
        // Nobody here accepts an invitation by hand.
        behavior.invitesJoinAtOnce = true
        simulator = AvayaSimulator(seed: seed, behavior: behavior)
        guard let endpoint = URL(string: simulator.baseURL) else { throw AddressMissing() }
        codec = AvayaChatWire(endpoint: endpoint)
        people = simulator.users.map { ParticipantID($0.id) }
        traits = .avaya()
        keepTokens()
    }

    private struct AddressMissing: Error {}

    private mutating func keepTokens() {
        for user in simulator.users { tokens[ParticipantID(user.id)] = user.token }
    }

    mutating func renewCredentials(at now: Timestamp) {
        simulator.renewTokens(now: now)
        keepTokens()
    }

    var wire: (any ServiceWire)? { codec }
    var endpoint: String { simulator.baseURL }

    // MARK: Requests

    private mutating func exchange(_ request: WireRequest, as user: ParticipantID, at now: Timestamp) -> TransportResponse {
        var head = request.head
        head.headerFields[.authorization] = "jwt \(tokens[user] ?? "")"
        let response = simulator.respond(to: head, body: request.body, now: now)
        lastResponse = response
        return response
    }

    mutating func perform(_ delivery: Delivery, as user: ParticipantID, at now: Timestamp) -> Result<Acceptance, ServiceError> {
        do throws(ServiceError) {
            if case .upload(let file, _) = delivery.action {
                return .success(try upload(file, delivery, as: user, at: tick(now)))
            }
            let before = simulator.spaces.count
            let response = exchange(try codec.request(for: delivery), as: user, at: tick(now))
            if simulator.spaces.count > before, let made = simulator.spaces.last { makers[made.id] = delivery.token }
            noteMaker(of: delivery)
            countAll()
            return .success(try codec.acceptance(of: response, for: delivery))
        } catch {
            return .failure(error)
        }
    }

    /// Both steps of an upload (wire page §5): the place, and the bytes, which are the file's name.
    private mutating func upload(
        _ file: OutgoingFile, _ delivery: Delivery, as user: ParticipantID, at now: Timestamp
    ) throws(ServiceError) -> Acceptance {
        let response = exchange(try codec.request(for: delivery), as: user, at: now)
        let acceptance = try codec.acceptance(of: response, for: delivery)
        let place = try codec.uploadURLs(response, of: codec.operation(for: delivery))[0]
        let bytes = Array(file.name.utf8)
        let put = try AvayaStorageWire.request(
            putting: AvayaUpload(mediaType: file.contentType, bytes: Int64(bytes.count)), to: place)
        let stored = simulator.respond(to: put, body: bytes, now: now)
        guard stored.head.status.kind == .successful else { throw AvayaStorageWire.failure(stored, isRead: false) }
        return acceptance
    }

    private mutating func tick(_ now: Timestamp) -> Timestamp {
        clock = max(clock + 1, now.milliseconds)
        return Timestamp(milliseconds: clock)
    }

    private mutating func noteMaker(of delivery: Delivery) {
        switch delivery.action {
        case .send(_, let space):
            guard let last = simulator.space(space.rawValue)?.messages.last, counted[last.id] == nil else { return }
            makers[last.id] = delivery.token
        case .edit(let message, _, _, _):
            guard let told = simulator.message(message.rawValue), told.changes.last?.kind == .edit,
                told.changes.count > counted[told.id]?.changes ?? 0
            else { return }
            editors[told.id] = delivery.token
        default: return
        }
    }

    mutating func page(_ request: PageRequest, as user: ParticipantID, at now: Timestamp) -> Result<Page, ServiceError> {
        do throws(ServiceError) {
            let response = exchange(
                try codec.request(for: request), as: user, at: max(now, Timestamp(milliseconds: clock)))
            return .success(try codec.page(of: response, for: request))
        } catch {
            return .failure(error)
        }
    }

    // MARK: What it holds

    /// Numbers what has changed since the last look, in the order of the spaces.
    private mutating func countAll() {
        for space in simulator.spaces {
            for message in space.messages where message.changes.count > counted[message.id]?.changes ?? 0 {
                counted[space.id, default: Counted()].last += 1
                counted[message.id] = Counted(changes: message.changes.count, last: counted[space.id]?.last ?? 0)
            }
        }
    }

    var listLag: Int64 { simulator.behavior.listLag }
    var threadCount: Int { simulator.spaces.count }
    func index(of thread: RemoteConversationID) -> Int? { simulator.spaces.firstIndex { $0.id == thread.rawValue } }
    func isDeleted(_ index: Int) -> Bool { simulator.spaces[index].deletedAt != nil }
    func sequence(of index: Int) -> Int64 { counted[simulator.spaces[index].id]?.last ?? 0 }
    /// No message tells who came.
    func comings(_ index: Int) -> [ParticipantID: RemoteMessageID] { [:] }

    func thread(_ index: Int) -> RawThread {
        let space = simulator.spaces[index]
        return RawThread(
            id: RemoteConversationID(space.id), topic: space.title, createdBy: ParticipantID(space.createdBy),
            members: Set(space.members.map { ParticipantID($0.user) }),
            deletedAt: space.deletedAt.map(Timestamp.init(milliseconds:)), messages: space.messages.map(raw),
            token: makers[space.id], firstTopic: space.title)
    }

    private func raw(_ message: TidemarkSimulator.AvayaMessage) -> RawMessage {
        var raw = RawMessage(
            id: RemoteMessageID(message.id), version: message.modified, sequence: counted[message.id]?.last ?? 0,
            kind: .text, sender: ParticipantID(message.sender), text: message.text, token: makers[message.id],
            editMarker: message.changes.last { $0.kind != .comment }?.kind == .edit ? editors[message.id] : nil,
            isDeleted: message.deletedAt != nil,
            isEdited: message.deletedAt == nil && message.changes.contains { $0.kind == .edit },
            createdAt: Timestamp(milliseconds: message.created))
        raw.placed = message.created
        if raw.token != nil {
            raw.files = message.attachments.map { file in
                simulator.content(ofFile: file.fileID).map { String(decoding: $0, as: UTF8.self) } ?? ""
            }
        }
        return raw
    }

    // MARK: Other people

    mutating func otherSends(
        _ text: String, _ token: Token?, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp
    ) {
        simulator.send(text, as: user.rawValue, in: thread.rawValue, now: tick(now))
        countAll()
    }

    mutating func otherEdits(
        _ message: RemoteMessageID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp
    ) {
        if simulator.edit(message.rawValue, to: "changed", as: user.rawValue, now: tick(now)) { editors[message.rawValue] = nil }
        countAll()
    }

    mutating func otherDeletes(
        _ message: RemoteMessageID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp
    ) {
        simulator.delete(message.rawValue, as: user.rawValue, now: tick(now))
        countAll()
    }

    mutating func otherAdds(
        _ person: ParticipantID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp
    ) {
        simulator.add(person.rawValue, to: thread.rawValue, now: tick(now))
    }

    mutating func otherRenames(_ thread: RemoteConversationID, to topic: String, as user: ParticipantID, at now: Timestamp) {
        simulator.rename(thread.rawValue, to: topic, as: user.rawValue, now: tick(now))
    }

    mutating func otherRemoves(
        _ person: ParticipantID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp
    ) {
        simulator.remove(person.rawValue, from: thread.rawValue, now: tick(now))
    }
}

extension AvayaModel {
    /// What the socket says of a message (wire page §6), read by the adapter's real decoder.
    func push(of message: RawMessage, in thread: RemoteConversationID) -> Push {
        let isNamed = message.isDeleted && simulator.behavior.deletionEvent != .marked
        var fields: [String: Any] = [
            "_id": message.id.rawValue, "topicId": thread.rawValue, "topicTitle": "", "topicType": "group", "version": "1.1",
            "category": isNamed ? "app.event.message.removed" : "chat", "status": message.isDeleted && !isNamed ? 2 : 0,
            "created": message.createdAt.rfc3339, "modified": Timestamp(milliseconds: message.version).rfc3339,
            "sender": ["_id": message.sender?.rawValue ?? "", "type": "user"],
            "content": isNamed ? ["messageId": message.id.rawValue] : ["bodyText": message.text],
        ]
        if message.isDeleted, !isNamed { fields["deleted"] = true }
        let payload = (try? JSONSerialization.data(withJSONObject: fields, options: .sortedKeys)) ?? Data()
        let event = try? codec.events(named: "MESSAGE_SENT", payload: Array(payload)).first
        return Push(event: event ?? .connected, name: "MESSAGE_SENT", payload: Array(payload))
    }
}
