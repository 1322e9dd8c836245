/// What a user can want done.
public enum Verb: String, Hashable, Sendable, Codable, CaseIterable {
    case createConversation
    case send
    case edit
    case delete
    case markRead
    case rename
    case addParticipants
    case removeParticipant
    case deleteConversation
    /// The bytes of a file that a message waits for.
    case upload
}

/// A message as its author wrote it.
public struct OutgoingMessage: Hashable, Sendable, Codable {
    public var text: String
    /// `.text` or `.html`. Services sanitise HTML, so the text read back may differ.
    public var kind: MessageKind
    public var senderName: String?
    /// The caller's own keys. Everybody in the conversation can read them.
    public var metadata: [String: String]
    /// The files that the service has of it: what a delivery carries. The store fills it in when it claims the send.
    public var attachments: [RemoteAttachment]
    /// The message that it answers. The store fills it in when it claims the send.
    public var replyTo: RemoteMessageID?

    public init(
        _ text: String, kind: MessageKind = .text, senderName: String? = nil, metadata: [String: String] = [:],
        attachments: [RemoteAttachment] = [], replyTo: RemoteMessageID? = nil
    ) {
        self.text = text
        self.kind = kind
        self.senderName = senderName
        self.metadata = metadata
        self.attachments = attachments
        self.replyTo = replyTo
    }
}

/// One attempt at one intent, complete enough that an adapter needs nothing else to build its request.
public struct Delivery: Hashable, Sendable {
    public enum Action: Hashable, Sendable {
        case createConversation(topic: String, participants: [Participant])
        case send(OutgoingMessage, in: RemoteConversationID)
        /// `metadata`: the caller's keys to set; a key with an empty value is removed (Azure merges them).
        case edit(RemoteMessageID, text: String, metadata: [String: String], in: RemoteConversationID)
        case delete(RemoteMessageID, in: RemoteConversationID)
        case markRead(RemoteMessageID, in: RemoteConversationID)
        case rename(RemoteConversationID, topic: String)
        case addParticipants([Participant], in: RemoteConversationID)
        case removeParticipant(ParticipantID, in: RemoteConversationID)
        case deleteConversation(RemoteConversationID)
        /// The bytes of a file: made for ``ChatService/upload(_:progress:)``.
        case upload(OutgoingFile, in: RemoteConversationID)

        public var verb: Verb {
            switch self {
            case .createConversation: .createConversation
            case .send: .send
            case .edit: .edit
            case .delete: .delete
            case .markRead: .markRead
            case .rename: .rename
            case .addParticipants: .addParticipants
            case .removeParticipant: .removeParticipant
            case .deleteConversation: .deleteConversation
            case .upload: .upload
            }
        }
    }

    public var intent: IntentID
    /// 1 for the first attempt.
    public var attempt: Int
    public var token: Token
    public var action: Action
    /// Whose credential must carry it. An adapter whose credential is another's refuses (rule R13).
    public var identity: ParticipantID?
    /// No byte may leave after this moment: the lease or the attempt has run out (rule R14).
    public var deadline: Timestamp?
    /// When the user wanted it, by the local clock: the same in every attempt, so that equal attempts are equal bytes.
    public var wantedAt: Timestamp?
    /// The version of the message that an edit or delete is made on: the same in every attempt. A service without versions of
    /// its own writes a larger time (rule R21).
    public var baseVersion: Int64?
    /// When the message that an edit, a delete or a read mark is about was made, as far as that is known.
    public var targetCreatedAt: Timestamp?
    /// What the message that an edit is about is, as far as that is known: an edited text of `.html` is HTML.
    public var targetKind: MessageKind?
    /// The incarnation of the room that it was written for. An adapter that sees another one there refuses with
    /// ``ServiceError/Code/roomChanged`` before any byte leaves.
    public var room: String?

    public init(
        intent: IntentID, attempt: Int = 1, token: Token, action: Action, identity: ParticipantID? = nil,
        deadline: Timestamp? = nil, wantedAt: Timestamp? = nil, baseVersion: Int64? = nil, targetCreatedAt: Timestamp? = nil,
        targetKind: MessageKind? = nil,
        room: String? = nil
    ) {
        self.intent = intent
        self.attempt = attempt
        self.token = token
        self.action = action
        self.identity = identity
        self.deadline = deadline
        self.wantedAt = wantedAt
        self.baseVersion = baseVersion
        self.targetCreatedAt = targetCreatedAt
        self.targetKind = targetKind
        self.room = room
    }
}

/// What the service said to a delivery that it accepted.
public struct Acceptance: Hashable, Sendable {
    /// The conversation that a create made.
    public var conversation: RemoteConversation?
    /// The message that a send made.
    public var message: RemoteMessageID?
    /// What an ``RemoteArrival`` of the same would say, where nobody shows the sender what was sent: the store keeps it as it
    /// keeps what others send (rule R21).
    public var written: RemoteArrival?
    /// The file that an upload made: its key is what the message names it by.
    public var attachment: RemoteAttachment?
    /// What of the delivery the service did not do although it said yes (Azure: `invalidParticipants`).
    public var failures: [PartialFailure]
    /// The service's clock when it answered.
    public var serverDate: Timestamp?
    public var bytes: Int

    public init(
        conversation: RemoteConversation? = nil, message: RemoteMessageID? = nil, written: RemoteArrival? = nil,
        attachment: RemoteAttachment? = nil, failures: [PartialFailure] = [],
        serverDate: Timestamp? = nil, bytes: Int = 0
    ) {
        self.conversation = conversation
        self.message = message
        self.written = written
        self.attachment = attachment
        self.failures = failures
        self.serverDate = serverDate
        self.bytes = bytes
    }
}

/// One part of a delivery that the service refused while it did the rest.
public struct PartialFailure: Hashable, Sendable, Codable {
    /// The id of what was refused: a participant, a message.
    public var target: String
    public var code: String
    /// The service's own words.
    public var message: String

    public init(target: String, code: String, message: String) {
        self.target = target
        self.code = code
        self.message = message
    }
}
