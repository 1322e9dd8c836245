public import TidemarkModel

/// What one packet says about one message. Nothing in it is proved except the sender, which the server wrote.
public struct LiveKitObservation: Hashable, Sendable {
    public enum Change: String, Hashable, Sendable, Codable {
        case create
        case update
        case delete
    }

    /// Which way the packet came.
    public enum Carrier: String, Hashable, Sendable, Codable {
        case chatTopic
        case updateTopic
        case textStream
    }

    /// `.delete` if the packet says `"deleted": true`; otherwise by the topic. A `.create` with a known id is an edit too: it
    /// is the only one that today's web and Android components show.
    public var change: Change
    public var carrier: Carrier
    /// The message's id, or one made from the packet if it had none; see ``hasDerivedID``. An id that is no text is its JSON.
    public var id: String
    /// The packet had no id. The same packet gives the same id again, on every device.
    public var hasDerivedID: Bool
    /// `nil`: the server's API or a hidden participant.
    public var sender: String?
    /// `nil` if the packet had none. A value that is no text is its JSON.
    public var text: String?
    /// The sender's time, milliseconds cut to whole ones. `nil` if the packet had none or 0: receivers take their own clock.
    public var timestamp: Timestamp?
    /// The time of an edit by senders that tell both (components-js 0.11.6 to 0.12.1, and Tidemark).
    public var editTimestamp: Timestamp?
    /// `"ignoreLegacy": true`: the same message also travels as a text stream, under the same id (web) or another (Android).
    public var isCopyOfStream: Bool
    /// `"ignore": true`: the same message also travels as a protobuf `ChatMessage`, which carries the same id.
    public var isCopyOfChatMessage: Bool

    public init(
        change: Change, carrier: Carrier = .chatTopic, id: String, hasDerivedID: Bool = false, sender: String? = nil,
        text: String? = nil, timestamp: Timestamp? = nil, editTimestamp: Timestamp? = nil, isCopyOfStream: Bool = false,
        isCopyOfChatMessage: Bool = false
    ) {
        self.change = change
        self.carrier = carrier
        self.id = id
        self.hasDerivedID = hasDerivedID
        self.sender = sender
        self.text = text
        self.timestamp = timestamp
        self.editTimestamp = editTimestamp
        self.isCopyOfStream = isCopyOfStream
        self.isCopyOfChatMessage = isCopyOfChatMessage
    }

    /// The greatest time that the packet tells, which orders two versions of one message (rule R21).
    public var wireTime: Timestamp? {
        guard let timestamp, let editTimestamp else { return timestamp ?? editTimestamp }
        return max(timestamp, editTimestamp)
    }
}
