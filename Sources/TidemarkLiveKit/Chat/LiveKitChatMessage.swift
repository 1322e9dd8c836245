public import TidemarkModel

/// A message of a room's chat, as LiveKit's Python class `ChatMessage` has it.
public struct LiveKitChatMessage: Hashable, Sendable, Identifiable {
    public var id: String
    /// `nil` where the sender told none.
    public var text: String?
    /// By the sender's clock; the receiver's where the sender told none.
    public var timestamp: Timestamp
    /// Set it and ``LiveKitChat/update(_:to:)`` to delete. A received message with it is a delete.
    public var isDeleted: Bool
    /// The time of the last edit, where it was told.
    public var editedAt: Timestamp?
    /// The identity of who sent it; `nil` for the server's API and hidden participants.
    public var participant: String?
    /// Sent by this program.
    public var isLocal: Bool

    public init(
        id: String, text: String?, timestamp: Timestamp, isDeleted: Bool = false, editedAt: Timestamp? = nil,
        participant: String? = nil, isLocal: Bool = false
    ) {
        self.id = id
        self.text = text
        self.timestamp = timestamp
        self.isDeleted = isDeleted
        self.editedAt = editedAt
        self.participant = participant
        self.isLocal = isLocal
    }

    /// A received message. `now` stands in for a time that the sender did not tell.
    public init(_ observation: LiveKitObservation, now: Timestamp) {
        self.init(
            id: observation.id, text: observation.text, timestamp: observation.timestamp ?? now,
            isDeleted: observation.change == .delete, editedAt: observation.editTimestamp, participant: observation.sender)
    }
}

extension LiveKitChatMessage {
    /// The message as it travels: `id`, `message`, `timestamp`, and `deleted` if it is. Throws ``LiveKitUnsendable``.
    public func json(_ form: LiveKitPayloadForm = .python) throws(LiveKitUnsendable) -> [UInt8] {
        try LiveKitChatWire.payload(body(), form: form)
    }

    func body(isCopyOfStream: Bool = false) -> LiveKitChatBody {
        LiveKitChatBody(
            id: id, text: text, timestamp: timestamp, isDeleted: isDeleted, editTimestamp: editedAt,
            isCopyOfStream: isCopyOfStream)
    }

    /// Takes over what another packet of this message says: text, delete and time of the edit. Its id, its own time and who sent it
    /// stay as they are. Throws ``LiveKitReject`` and changes nothing where the packet can't be read.
    public mutating func update(json: [UInt8]) throws(LiveKitReject) {
        let newer = try LiveKitChatMessage(json: json, participant: participant, now: timestamp)
        text = newer.text
        isDeleted = newer.isDeleted
        editedAt = newer.editedAt ?? editedAt
    }

    /// Reads what ``json(_:)`` wrote, or any packet. Who sent it is not in the JSON.
    public init(json: [UInt8], participant: String? = nil, now: Timestamp) throws(LiveKitReject) {
        switch LiveKitChatWire().read(LiveKitPacket(topic: LiveKitTopic.chat, payload: json, identity: participant)) {
        case .observation(let observation): self.init(observation, now: now)
        case .reject(let reject): throw reject
        case .ignored: throw LiveKitReject(.notJSON, detail: "it is no chat message")
        }
    }
}
