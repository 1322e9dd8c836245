/// What a message is. Kinds that this version does not know keep their name.
public enum MessageKind: Hashable, Sendable, Codable, RawRepresentable {
    case text
    case html
    case topicUpdated
    case participantAdded
    case participantRemoved
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "text": self = .text
        case "html": self = .html
        case "topicUpdated": self = .topicUpdated
        case "participantAdded": self = .participantAdded
        case "participantRemoved": self = .participantRemoved
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .text: "text"
        case .html: "html"
        case .topicUpdated: "topicUpdated"
        case .participantAdded: "participantAdded"
        case .participantRemoved: "participantRemoved"
        case .unknown(let name): name
        }
    }

    /// Written by a person or program, and so counted as unread; the others tell what happened to the conversation.
    public var isUserKind: Bool {
        switch self {
        case .text, .html: true
        default: false
        }
    }
}

/// A person or program in a conversation, as the service lists it.
public struct Participant: Hashable, Sendable, Codable {
    public var id: ParticipantID
    public var displayName: String?
    public var role: String?
    /// From when on this participant may read the history; absent: the service's own default (Azure: all of it).
    public var shareHistoryTime: Timestamp?

    public init(id: ParticipantID, displayName: String? = nil, role: String? = nil, shareHistoryTime: Timestamp? = nil) {
        self.id = id
        self.displayName = displayName
        self.role = role
        self.shareHistoryTime = shareHistoryTime
    }
}

/// How far a participant has read: a high-water mark, one per reader.
public struct Receipt: Hashable, Sendable, Codable {
    public var participant: ParticipantID
    public var message: RemoteMessageID
    public var readAt: Timestamp

    public init(participant: ParticipantID, message: RemoteMessageID, readAt: Timestamp) {
        self.participant = participant
        self.message = message
        self.readAt = readAt
    }
}

/// A conversation as the service told of it. An absent field was not told, which is not the same as empty.
public struct RemoteConversation: Hashable, Sendable, Codable {
    public var id: RemoteConversationID
    public var topic: String?
    public var createdAt: Timestamp?
    public var createdBy: ParticipantID?
    public var deletedAt: Timestamp?
    /// The service's stamp of the newest message; two messages of one second share one (rule R22).
    public var lastMessageAt: Timestamp?
    /// Until when the account's own user has read, by the service's clock, where the service tells a time and no receipts
    /// (Avaya: `messagesLastReadTime`).
    public var readUpTo: Timestamp?
    /// The version of these fields where the service has one (pushed events).
    public var version: Int64?
    /// JSON of fields that the model doesn't name; bounded by the adapter.
    public var serviceData: String?

    public init(
        id: RemoteConversationID, topic: String? = nil, createdAt: Timestamp? = nil, createdBy: ParticipantID? = nil,
        deletedAt: Timestamp? = nil, lastMessageAt: Timestamp? = nil, readUpTo: Timestamp? = nil, version: Int64? = nil,
        serviceData: String? = nil
    ) {
        self.id = id
        self.topic = topic
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.deletedAt = deletedAt
        self.lastMessageAt = lastMessageAt
        self.readUpTo = readUpTo
        self.version = version
        self.serviceData = serviceData
    }
}

/// One remote copy of a message as an observation told of it. An absent field was not told.
///
/// A copy with `deletedAt` is a tombstone: final, whatever else comes (promise P4).
public struct RemoteMessage: Hashable, Sendable, Codable {
    public var id: RemoteMessageID
    /// Grows with every change of the message. Azure: `version`, milliseconds.
    public var version: Int64?
    /// The message's place in the order of changes. Azure: `sequenceId`; not in pushed events.
    public var sequence: Int64?
    /// The message's place in the order of creation, milliseconds where the service has them. Azure: the id.
    public var place: Int64?
    public var kind: MessageKind?
    public var text: String?
    public var sender: ParticipantID?
    public var senderName: String?
    public var createdAt: Timestamp?
    public var editedAt: Timestamp?
    public var deletedAt: Timestamp?
    /// The token of the send that made this copy, when the service gave it back.
    public var token: Token?
    /// The token of the edit that made this version, when the service gave it back (rule R7).
    public var editMarker: Token?
    /// The caller's own metadata, without the engine's keys.
    public var metadata: [String: String]
    /// The new topic of a `topicUpdated` message.
    public var topic: String?
    /// Who was added or removed by a `participantAdded` or `participantRemoved` message.
    public var participants: [Participant]
    /// Who caused a message of the conversation itself.
    public var initiator: ParticipantID?
    /// JSON of fields that the model doesn't name; bounded by the adapter.
    public var serviceData: String?
    /// Its files, in the message's order.
    public var attachments: [RemoteAttachment]
    /// The message that it answers (Avaya: a comment's post or task).
    public var replyTo: RemoteMessageID?

    public init(
        id: RemoteMessageID, version: Int64? = nil, sequence: Int64? = nil, place: Int64? = nil, kind: MessageKind? = nil,
        text: String? = nil, sender: ParticipantID? = nil, senderName: String? = nil, createdAt: Timestamp? = nil,
        editedAt: Timestamp? = nil, deletedAt: Timestamp? = nil, token: Token? = nil, editMarker: Token? = nil,
        metadata: [String: String] = [:], topic: String? = nil, participants: [Participant] = [],
        initiator: ParticipantID? = nil, serviceData: String? = nil, attachments: [RemoteAttachment] = [],
        replyTo: RemoteMessageID? = nil
    ) {
        self.id = id
        self.version = version
        self.sequence = sequence
        self.place = place
        self.kind = kind
        self.text = text
        self.sender = sender
        self.senderName = senderName
        self.createdAt = createdAt
        self.editedAt = editedAt
        self.deletedAt = deletedAt
        self.token = token
        self.editMarker = editMarker
        self.metadata = metadata
        self.topic = topic
        self.participants = participants
        self.initiator = initiator
        self.serviceData = serviceData
        self.attachments = attachments
        self.replyTo = replyTo
    }
}
