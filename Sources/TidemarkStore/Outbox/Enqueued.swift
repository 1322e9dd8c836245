public import TidemarkModel

/// What a call that wants something done has made durable.
public struct Enqueued: Hashable, Sendable {
    /// The intent that will do it. A call with a token that was used before gets the intent of then.
    public var intent: IntentID
    public var token: Token
    public var conversation: ConversationID
    /// The message it is about, where there is one.
    public var message: MessageID?
    /// How many unsent intents deleting a conversation has cancelled. `nil` for what is no deletion of a conversation, and where the
    /// token was used before.
    public var cancelled: Int?

    package init(
        intent: IntentID, token: Token, conversation: ConversationID, message: MessageID?, cancelled: Int? = nil
    ) {
        self.cancelled = cancelled
        self.intent = intent
        self.token = token
        self.conversation = conversation
        self.message = message
    }
}

/// A wish of the user, before it is an intent.
package enum Wish: Hashable, Sendable {
    case createConversation(topic: String, participants: [Participant])
    case send(OutgoingMessage, to: ConversationID)
    case edit(MessageID, text: String, metadata: [String: String])
    case delete(MessageID)
    /// `nil`: everything that is there.
    case markRead(ConversationID, upTo: MessageID?)
    case rename(ConversationID, topic: String)
    case addParticipants([Participant], to: ConversationID)
    case removeParticipant(ParticipantID, from: ConversationID)
    case deleteConversation(ConversationID)

    var verb: Verb {
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
        }
    }

    var body: IntentBody {
        switch self {
        case .createConversation(let topic, let participants): IntentBody(topic: topic, participants: participants)
        case .send(var message, _):
            {
                // The service's names of both are filled in when it leaves.
                (message.attachments, message.replyTo) = ([], nil)
                return IntentBody(message: message)
            }()
        case .edit(_, let text, let metadata): IntentBody(text: text, metadata: metadata)
        case .delete, .markRead, .deleteConversation: IntentBody()
        case .rename(_, let topic): IntentBody(topic: topic)
        case .addParticipants(let participants, _): IntentBody(participants: participants)
        case .removeParticipant(let participant, _): IntentBody(participant: participant)
        }
    }

    /// The local id of what it is about.
    var target: String {
        switch self {
        case .createConversation: ""
        case .send(_, let conversation), .rename(let conversation, _), .addParticipants(_, let conversation),
            .removeParticipant(_, let conversation), .deleteConversation(let conversation):
            conversation.description
        case .markRead(let conversation, let message): "\(conversation)/\(message?.description ?? "")"
        case .edit(let message, _, _), .delete(let message): message.description
        }
    }

    /// Tells whether a token came back with the same wish. Not a secret and not an identity: 128 bits of FNV-1a.
    var digest: String {
        get throws {
            Self.digest(of: "\(verb.rawValue) \(target) \(try body.json())")
        }
    }

    static func digest(of text: String) -> String {
        let bytes = Array(text.utf8)
        let halves: [UInt64] = [0xCBF2_9CE4_8422_2325, 0x9E37_79B9_7F4A_7C15].map { seed in
            bytes.reduce(seed) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        }
        return halves.map { String($0, radix: 16) }.joined(separator: "-")
    }
}
