public import TidemarkModel

/// Whom a direct space is with: `GET /api/spaces/direct/{userType}/{userId}`.
public enum AvayaUserType: String, Hashable, Sendable {
    case user
    case anonymous
}

/// Which spaces are listed (wire page §3). What is `nil` is not sent.
public struct AvayaSpacesQuery: Hashable, Sendable {
    /// At most 50; the service's default is 10.
    public var size: Int?
    /// A regular expression, by the service's rules.
    public var search: String?
    /// `0` normal, `1` archived, `all`.
    public var status: String?
    /// `group` (the default), `direct`, `personal`, `all`, or several with commas.
    public var type: String?
    public var onlyPinned: Bool
    public var includeDeleted: Bool?
    /// What has changed since then: the feed of spaces.
    public var after: Timestamp?

    public init(
        size: Int? = nil, search: String? = nil, status: String? = nil, type: String? = nil, onlyPinned: Bool = false,
        includeDeleted: Bool? = nil, after: Timestamp? = nil
    ) {
        self.size = size
        self.search = search
        self.status = status
        self.type = type
        self.onlyPinned = onlyPinned
        self.includeDeleted = includeDeleted
        self.after = after
    }
}

/// Which messages of a space are listed: `messages/query` (wire page §4).
public struct AvayaMessagesQuery: Hashable, Sendable {
    public enum Direction: String, Hashable, Sendable {
        case before
        case after
    }

    /// Always sent: what the service does without it is told in two ways.
    public var direction: Direction
    /// At most 50; the service's default is 30.
    public var size: Int
    /// `nil`: all.
    public var category: AvayaCategory?
    /// `nil`: now, by the service's clock.
    public var reference: Timestamp?
    /// Comments on posts (`idea`) or tasks; `nil`: none.
    public var commentsOn: AvayaCategory?
    public var search: String?
    public var onlyChats: Bool
    public var onlyFiles: Bool

    public init(
        _ direction: Direction = .before, size: Int = 50, category: AvayaCategory? = nil, reference: Timestamp? = nil,
        commentsOn: AvayaCategory? = nil, search: String? = nil, onlyChats: Bool = false, onlyFiles: Bool = false
    ) {
        self.direction = direction
        self.size = size
        self.category = category
        self.reference = reference
        self.commentsOn = commentsOn
        self.search = search
        self.onlyChats = onlyChats
        self.onlyFiles = onlyFiles
    }
}

/// A listing around a message: `messages/byref`, posts, tasks and comments.
public struct AvayaReferenceQuery: Hashable, Sendable {
    public var size: Int?
    public var next: RemoteMessageID?
    public var previous: RemoteMessageID?

    public init(size: Int? = nil, next: RemoteMessageID? = nil, previous: RemoteMessageID? = nil) {
        self.size = size
        self.next = next
        self.previous = previous
    }
}

/// The feed of changed messages: `GET /api/users/me/messages` (wire page §4).
public struct AvayaChangesQuery: Hashable, Sendable {
    /// 1 to 15.
    public var spaces: [RemoteConversationID]
    /// Whether the moment itself is inside is not established.
    public var after: Timestamp?
    public var includeDeleted: Bool
    /// At most 50; the service's default is 10.
    public var size: Int

    public static let maximumSpaces = 15

    public init(
        _ spaces: [RemoteConversationID], after: Timestamp? = nil, includeDeleted: Bool = true, size: Int = 50
    ) {
        self.spaces = spaces
        self.after = after
        self.includeDeleted = includeDeleted
        self.size = size
    }
}

/// A message to be sent: a body as it travels (see ``AvayaBody/encoded(text:)``) and files that were uploaded before.
public struct AvayaOutgoingMessage: Hashable, Sendable {
    public var body: String
    public var attachments: [AvayaAttachment]
    /// The text of a post or task below its first line.
    public var details: String?
    /// For tasks.
    public var task: AvayaTask?
    /// The message that this one answers: `parentMsg`. Known of the socket's events; that `POST …/chats` takes it too is
    /// assumed.
    public var parent: RemoteMessageID?

    public init(
        body: String, attachments: [AvayaAttachment] = [], details: String? = nil, task: AvayaTask? = nil,
        parent: RemoteMessageID? = nil
    ) {
        self.parent = parent
        self.body = body
        self.attachments = attachments
        self.details = details
        self.task = task
    }
}

/// What a user wants of a space for itself: `preference`.
public struct AvayaPreference: Hashable, Sendable {
    public var isPinned: Bool?
    /// JSON; its form is the service's.
    public var notification: String?
    /// JSON; its form is the service's.
    public var restrict: String?

    public init(isPinned: Bool? = nil, notification: String? = nil, restrict: String? = nil) {
        self.isPinned = isPinned
        self.notification = notification
        self.restrict = restrict
    }
}

/// A file that is to be uploaded.
public struct AvayaUpload: Hashable, Sendable {
    public var mediaType: String
    /// Exactly this many bytes have to be put.
    public var bytes: Int64

    public init(mediaType: String, bytes: Int64) {
        self.mediaType = mediaType
        self.bytes = bytes
    }
}
