import TidemarkModel

/// A chat service as a value: what the simulated network carries requests to. Written apart from the store, so that the
/// judge compares two things that share no code.
protocol ServiceModel: Sendable {
    var traits: ServiceTraits { get }
    /// The first two are users of ours, the first with two devices; the others are only named.
    var people: [ParticipantID] { get }
    /// How long lists lag at most, in milliseconds. The quarantine is for all of it: to arrive, and to be listed.
    var listLag: Int64 { get }
    /// Acts on a request that arrived, as a user.
    mutating func perform(_ delivery: Delivery, as user: ParticipantID, at now: Timestamp) -> Result<Acceptance, ServiceError>
    mutating func page(_ request: PageRequest, as user: ParticipantID, at now: Timestamp) -> Result<Page, ServiceError>

    /// How it tells of a change by itself.
    func push(of message: RawMessage, in thread: RemoteConversationID) -> Push
    /// The pure half of its adapter, and what it said last in bytes; `nil` for a service without a wire.
    var wire: (any ServiceWire)? { get }
    var lastResponse: TransportResponse? { get }
    var endpoint: String { get }

    /// Where a page holds little, it holds more from now on.
    mutating func serveLargerPages()

    /// Everybody's credential is new again.
    mutating func renewCredentials(at now: Timestamp)

    /// What the service really holds.
    var threadCount: Int { get }
    func thread(_ index: Int) -> RawThread
    func index(of thread: RemoteConversationID) -> Int?
    func isDeleted(_ index: Int) -> Bool
    /// The message with which each of those who are in it came last.
    func comings(_ index: Int) -> [ParticipantID: RemoteMessageID]
    /// Grows with each change of a thread's messages.
    func sequence(of index: Int) -> Int64
    /// Another participant's client, which is not ours.
    mutating func otherSends(
        _ text: String, _ token: Token?, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp)
    mutating func otherEdits(
        _ message: RemoteMessageID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp)
    mutating func otherDeletes(
        _ message: RemoteMessageID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp)
    mutating func otherAdds(
        _ person: ParticipantID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp)
    mutating func otherRenames(_ thread: RemoteConversationID, to topic: String, as user: ParticipantID, at now: Timestamp)
    mutating func otherRemoves(
        _ person: ParticipantID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp)
}

extension ServiceModel {
    var threads: [RawThread] { (0..<threadCount).map(thread) }

    mutating func serveLargerPages() {}
}

/// Something that a service tells of by itself, and the bytes in which it does.
struct Push {
    var event: RemoteEvent
    var name: String?
    var payload: [UInt8] = []
}

struct RawThread {
    var id: RemoteConversationID
    var topic: String
    var createdBy: ParticipantID
    var members: Set<ParticipantID>
    var deletedAt: Timestamp?
    /// In the order of creation, deleted ones included.
    var messages: [RawMessage]
    /// The token of the create, and the topic with which it was made.
    var token: Token?
    var firstTopic: String?
}

struct RawMessage: Equatable {
    var id: RemoteMessageID
    var version: Int64
    var sequence: Int64
    var kind: MessageKind
    var sender: ParticipantID?
    var text: String
    var token: Token?
    var editMarker: Token?
    var isDeleted = false
    var isEdited = false
    var createdAt: Timestamp
    /// Where its id does not tell it.
    var placed: Int64?
    /// What the files hold that it was sent with, in their order; `nil`: another client wrote it.
    var files: [String]?

    /// Its place in the order of creation.
    var place: Int64 { placed ?? Int64(id.rawValue) ?? 0 }
}

extension RawMessage {
    /// As a push tells it: without its number in the order of changes.
    var pushed: RemoteMessage {
        RemoteMessage(
            id: id, version: version, place: place, kind: kind, text: text, sender: sender, createdAt: createdAt,
            editedAt: isEdited ? Timestamp(milliseconds: version) : nil,
            deletedAt: isDeleted ? Timestamp(milliseconds: version) : nil, token: token, editMarker: editMarker)
    }
}
