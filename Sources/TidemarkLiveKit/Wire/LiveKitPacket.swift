public import TidemarkModel

/// One packet of user data as a participant's SDK hands it out.
public struct LiveKitPacket: Hashable, Sendable {
    /// `nil` where the packet had none.
    public var topic: String?
    public var payload: [UInt8]
    /// The sender's identity as the server wrote it. `nil` for the server's own API and for hidden participants, and where an
    /// SDK does not know the sender yet.
    public var identity: String?
    /// Set where the payload is the whole text of a finished text stream, in UTF-8.
    public var stream: LiveKitStream?

    public init(topic: String?, payload: [UInt8], identity: String? = nil, stream: LiveKitStream? = nil) {
        self.topic = topic
        self.payload = payload
        // Protobuf writes "nobody" as an empty text.
        self.identity = identity.flatMap { $0.isEmpty ? nil : $0 }
        self.stream = stream
    }
}

/// What the header of a text stream says beside its topic (wire page §3).
public struct LiveKitStream: Hashable, Sendable {
    /// The stream's id, which is the message's id.
    public var id: String
    public var timestamp: Timestamp?

    public init(id: String, timestamp: Timestamp? = nil) {
        self.id = id
        self.timestamp = timestamp
    }
}

/// Where chat travels in a room.
public enum LiveKitTopic {
    /// New messages of the legacy form, and edits for readers that replace by id.
    public static let chat = "lk-chat-topic"
    /// Edits and deletes of the legacy form.
    public static let update = "lk-chat-update-topic"
    /// Text streams, which newer clients and agents speak.
    public static let stream = "lk.chat"
}
