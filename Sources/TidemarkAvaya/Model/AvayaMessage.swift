public import TidemarkModel

/// What a message is (wire page §4). Categories that this version does not know keep their name.
public struct AvayaCategory: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let chat = AvayaCategory(rawValue: "chat")
    /// A post.
    public static let idea = AvayaCategory(rawValue: "idea")
    public static let task = AvayaCategory(rawValue: "task")
    /// Not a message: the space was renamed or archived.
    public static let topicUpdated = AvayaCategory(rawValue: "topic.updated")
    /// Not a message: one is gone.
    public static let messageRemoved = AvayaCategory(rawValue: "app.event.message.removed")
}

/// A chat message, a post, a task or a comment, as the service tells of it (wire page §4).
public struct AvayaMessage: Hashable, Sendable {
    public var id: RemoteMessageID
    public var category: AvayaCategory
    /// The space, where that is told.
    public var space: RemoteConversationID?
    public var sender: AvayaUser?
    /// HTML as it came; ``AvayaBody`` reads it.
    public var body: String?
    /// The text of a post or task below its first line; "" in most messages.
    public var details: String?
    public var attachments: [AvayaAttachment]
    public var created: Timestamp
    /// Equal to `created` at birth; grows with every change.
    public var modified: Timestamp
    /// 0 is normal. What other numbers mean is not established.
    public var status: Int64?
    /// How many comments stand under a post or task.
    public var chatCount: Int64?
    public var likeCount: Int64?
    /// The post or task that this is a comment on.
    public var parent: AvayaParentMessage?
    public var mentions: [AvayaMention]
    /// A task's assignees, status and due date, where they are told.
    public var task: AvayaTask?
    /// Told by the socket only.
    public var topicTitle: String?
    public var topicType: String?
    /// JSON of what the sending socket gave along: told to that socket only (wire page §0).
    public var loopbackMetadata: String?
    /// Whether the service says that the message is gone, and how it says so.
    public var deletion: AvayaDeletion?
    /// JSON of fields that this type doesn't name; bounded.
    public var serviceData: String?
}

/// How an answer says that a message is gone. Which of these the service uses is not established (wire page §11).
public struct AvayaDeletion: Hashable, Sendable {
    public enum Mark: Hashable, Sendable {
        /// A `status` other than 0. It counts where deleted items are asked for, and nowhere else.
        case status
        /// `deleted` or `isDeleted`.
        case flag
        /// `deletedTime` or `deletedAt`.
        case stamp
        /// Nothing but the id is left. It counts where deleted items are asked for, and nowhere else.
        case bare
    }

    public var mark: Mark
    /// When it was deleted, where that is told.
    public var at: Timestamp?
}

/// The post or task that a comment stands under.
public struct AvayaParentMessage: Hashable, Sendable {
    public var id: RemoteMessageID
    public var body: String?
    public var category: AvayaCategory?
}

/// Somebody named in a message.
public struct AvayaMention: Hashable, Sendable {
    public var id: String
    public var type: String?
    public var title: String?

    public init(id: String, type: String? = nil, title: String? = nil) {
        self.id = id
        self.type = type
        self.title = title
    }
}

/// What a task has beyond its text.
public struct AvayaTask: Hashable, Sendable {
    public var assignees: [ParticipantID]
    public var status: Int64?
    public var dueDate: Timestamp?

    public init(assignees: [ParticipantID] = [], status: Int64? = nil, dueDate: Timestamp? = nil) {
        self.assignees = assignees
        self.status = status
        self.dueDate = dueDate
    }
}
