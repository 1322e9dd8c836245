public import TidemarkModel

/// A message of a chat thread as the service tells of it.
public struct ChatMessage: Hashable, Sendable {
    /// Unique inside its thread only. It is the moment of its arrival in milliseconds since 1970.
    public var id: RemoteMessageID
    public var type: MessageKind
    /// The message's place in the order of changes: an edit or delete gives it a new one. Absent before 2020-11-01-preview3.
    public var sequenceID: Int64?
    /// Grows with every change; the moment of the change in milliseconds.
    public var version: Int64
    public var content: ChatMessageContent
    public var senderDisplayName: String?
    /// Whole seconds.
    public var createdOn: Timestamp
    public var sender: CommunicationIdentifier?
    public var deletedOn: Timestamp?
    public var editedOn: Timestamp?
    /// Everybody in the thread can read it. The engine's own keys are in it.
    public var metadata: [String: String]
    /// Fields of the service that have no name here, as JSON.
    public var serviceData: String?
}

/// What a message says. Which fields are there depends on its type.
public struct ChatMessageContent: Hashable, Sendable {
    public var message: String?
    public var topic: String?
    public var participants: [ChatParticipant]
    public var attachments: [ChatAttachment]
    /// Who renamed the thread, added or removed somebody.
    public var initiator: CommunicationIdentifier?

    public init(
        message: String? = nil, topic: String? = nil, participants: [ChatParticipant] = [],
        attachments: [ChatAttachment] = [], initiator: CommunicationIdentifier? = nil
    ) {
        self.message = message
        self.topic = topic
        self.participants = participants
        self.attachments = attachments
        self.initiator = initiator
    }
}

/// A picture or file of a message (since 2023-11-07, files since 2024-03-07).
public struct ChatAttachment: Hashable, Sendable {
    public var id: String
    /// `image` or `file`; more may come.
    public var type: String
    public var name: String?
    public var url: String?
    public var previewURL: String?
}

/// How far somebody has read: one mark per reader, at the newest message read.
public struct ChatMessageReadReceipt: Hashable, Sendable {
    public var sender: CommunicationIdentifier
    public var messageID: RemoteMessageID
    public var readOn: Timestamp

    /// The same mark in the engine's words.
    public var receipt: Receipt {
        Receipt(participant: sender.participantID, message: messageID, readAt: readOn)
    }
}
