public import TidemarkModel

/// A message as its packets so far tell it.
public struct LiveKitRoomMessage: Hashable, Sendable {
    public var key: LiveKitMessageKey
    /// `nil` for a tombstone, and where the sender told no text.
    public var text: String?
    /// The least time that its packets told, by the sender's clock: for show, never for order.
    public var timestamp: Timestamp?
    /// The wire time of the shown edit. Senders that repeat the original time in edits tell no other.
    public var editedAt: Timestamp?
    /// It shows another text than its first version; a repeated create is no edit.
    public var isEdited: Bool
    /// Final: nothing that comes later brings it back.
    public var isDeleted: Bool
    /// Only edits or a delete came so far: the message itself was missed or is still to come.
    public var isHeld: Bool
    /// The number of its first packet; messages are shown by it.
    public var arrival: Int64

    package init(
        key: LiveKitMessageKey, text: String?, timestamp: Timestamp?, editedAt: Timestamp?, isEdited: Bool, isDeleted: Bool,
        isHeld: Bool, arrival: Int64
    ) {
        self.key = key
        self.text = text
        self.timestamp = timestamp
        self.editedAt = editedAt
        self.isEdited = isEdited
        self.isDeleted = isDeleted
        self.isHeld = isHeld
        self.arrival = arrival
    }
}
