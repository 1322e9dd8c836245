public import TidemarkModel

/// When the service deletes a thread by itself (API version 2025-03-15).
public enum ChatRetentionPolicy: Hashable, Sendable {
    /// The thread is kept until somebody deletes it.
    case none
    /// The thread is deleted this many days after it was made; the service takes 30 to 90.
    case threadCreationDate(deleteThreadAfterDays: Int)
    /// A policy of a kind that this version does not know.
    case unknown(kind: String)
}

/// A chat thread as a read by its id tells of it.
public struct ChatThreadProperties: Hashable, Sendable {
    public var id: RemoteConversationID
    public var topic: String?
    public var createdOn: Timestamp?
    public var createdBy: CommunicationIdentifier?
    public var deletedOn: Timestamp?
    public var metadata: [String: String]
    public var retentionPolicy: ChatRetentionPolicy?
    /// Fields of the service that have no name here, as JSON.
    public var serviceData: String?
}

/// A chat thread as a list tells of it.
public struct ChatThreadItem: Hashable, Sendable {
    public var id: RemoteConversationID
    public var topic: String?
    /// Deleted threads stay in the list.
    public var deletedOn: Timestamp?
    /// Cut to seconds; absent for a thread that was just made.
    public var lastMessageReceivedOn: Timestamp?
    /// Fields of the service that have no name here, as JSON.
    public var serviceData: String?
}

/// The made thread, and who of the invited is not in it.
public struct CreateChatThreadResult: Hashable, Sendable {
    public var thread: ChatThreadProperties
    /// The service makes a thread even if it can add nobody: an empty list is what says that all are in.
    public var invalidParticipants: [CommunicationError]
}

/// What the service says of a part of a request that it did not do.
public struct CommunicationError: Error, Hashable, Sendable {
    public var code: String
    /// The service's own words.
    public var message: String
    /// What it is about: the raw id of a participant.
    public var target: String?
}

extension CommunicationError: CustomStringConvertible {
    /// Without the service's words, which may quote what was sent: it may stand in a log.
    public var description: String { "The service refused a part of the request (\(code))." }
}
