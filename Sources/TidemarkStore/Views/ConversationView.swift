public import TidemarkModel

/// A conversation as a list of chats shows it, with the user's pending intents on top.
public struct ConversationView: Hashable, Sendable, Identifiable {
    public enum Membership: String, Hashable, Sendable {
        case member
        /// The user left or was removed; it is reversible (R25).
        case left
    }

    public var id: ConversationID
    public var remoteID: RemoteConversationID?
    public var account: AccountName
    public var topic: String
    /// Live messages of others above what was read here or elsewhere (R27).
    public var unread: Int
    /// There may be more unread messages than the store knows of: history has a gap above what was read.
    public var unreadAtLeast: Bool
    /// The intents of this conversation that still need the wire or a person.
    public var pending: Int
    /// How far its creation has come.
    public var state: DeliveryState
    /// Why an intent of this conversation needs a person.
    public var problem: ParkReason?
    public var createdAt: Timestamp?
    public var createdBy: ParticipantID?
    public var lastMessageAt: Timestamp?
    /// The newest entry of its timeline.
    public var lastMessage: TimelineEntry?
    /// Deleted at the service, or here with the deletion on its way.
    public var deletedAt: Timestamp?
    public var membership: Membership
    /// When its newest messages were last read; `nil`: never.
    public var asOf: Timestamp?
    /// JSON of the service's fields that the model does not name.
    public var serviceData: String?
    /// What the user has begun to write here.
    public var draft: Draft?

    /// What a list of chats is ordered by.
    var recency: Timestamp {
        [lastMessageAt, lastMessage?.createdAt, createdAt].compactMap { $0 }.max() ?? Timestamp(milliseconds: 0)
    }
}
