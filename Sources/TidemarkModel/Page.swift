/// One read of the service: a page of a listing, or one object by its id.
public struct PageRequest: Hashable, Sendable {
    /// What is read.
    public enum Subject: Hashable, Sendable {
        case conversations
        case conversation(RemoteConversationID)
        case messages(in: RemoteConversationID)
        case message(RemoteMessageID, in: RemoteConversationID)
        case participants(in: RemoteConversationID)
        case receipts(in: RemoteConversationID)
    }

    public var subject: Subject
    /// Further conversations whose changes since the same ``startTime`` the same request asks for, beside those of a
    /// `.messages(in:)`. There are none where ``ServiceTraits/conversationsPerFeed`` is 1. Avaya: more of `spacelist`.
    public var furtherConversations: [RemoteConversationID] = []
    /// How many items the page should hold at most; `nil`: the service's default. Azure: `maxPageSize`.
    public var resultsPerPage: Int?
    /// A lower bound in time for listings that take one. Azure: `startTime`, for threads and messages. Where
    /// ``ServiceTraits/changes`` is `.feed`, the changes since then are asked for, and without it the history. Avaya: `after`.
    public var startTime: Timestamp?
    /// How many items to pass over, for listings by offset. Azure: `skip`, for participants and receipts.
    public var skip: Int?
    /// Goes on where a page ended. The other three fields are then already inside it and are not sent again.
    public var cursor: Cursor?
    /// The durable number of this request: a page is as fresh as the moment its request began (rule R19).
    public var startNumber: Int64
    /// Whose view is asked for. An adapter whose credential is another's refuses before any byte leaves (rule R13).
    public var identity: ParticipantID?

    public init(
        _ subject: Subject, resultsPerPage: Int? = nil, startTime: Timestamp? = nil, skip: Int? = nil, cursor: Cursor? = nil,
        startNumber: Int64 = 0, identity: ParticipantID? = nil
    ) {
        self.subject = subject
        self.resultsPerPage = resultsPerPage
        self.startTime = startTime
        self.skip = skip
        self.cursor = cursor
        self.startNumber = startNumber
        self.identity = identity
    }
}

/// The answer to a ``PageRequest``.
public struct Page: Hashable, Sendable {
    public enum Items: Hashable, Sendable {
        case conversations([RemoteConversation])
        case messages([RemoteMessage])
        case participants([Participant])
        case receipts([Receipt])
    }

    /// Of the subject; what was told of ``PageRequest/furtherConversations`` stands beside it. In the service's order; one item for a read by id.
    public var items: Items
    /// What was told of the request's further conversations; one of which nothing was told may be missing. An item that could be of
    /// several of those that were asked for is a reject.
    public var furtherMessages: [RemoteConversationID: [RemoteMessage]] = [:]
    /// Items that could not be read. They don't stop the page, and each keeps its place as a hole (rule R24).
    public var rejects: [Reject]
    /// Where the listing goes on; `nil`: this was the last page. A page may be empty and still go on.
    public var next: Cursor?
    /// The service's clock when it answered (the `Date` header).
    public var serverDate: Timestamp?
    /// Whether all items of this page were read at one moment.
    public var isSnapshot: Bool
    /// How many bytes the body had, for the counts that `sync` prints.
    public var bytes: Int

    public init(
        items: Items, rejects: [Reject] = [], next: Cursor? = nil, serverDate: Timestamp? = nil, isSnapshot: Bool = true,
        bytes: Int = 0
    ) {
        self.items = items
        self.rejects = rejects
        self.next = next
        self.serverDate = serverDate
        self.isSnapshot = isSnapshot
        self.bytes = bytes
    }
}

/// An item of a page that could not be decoded.
public struct Reject: Hashable, Sendable, Codable {
    /// The item's id, where at least that could be read.
    public var id: String?
    public var reason: String
    /// The item's bytes, at most ``maximumRawBytes`` of them, for a later version to try again.
    public var raw: [UInt8]

    public static let maximumRawBytes = 16_384

    public init(id: String? = nil, reason: String, raw: [UInt8]) {
        self.id = id
        self.reason = reason
        self.raw = Array(raw.prefix(Self.maximumRawBytes))
    }
}

/// Something the service pushed. It is merged like a page and never moves a cursor; truth is pulled.
public enum RemoteEvent: Hashable, Sendable {
    /// Sent, edited or deleted: told by the copy itself.
    case message(RemoteMessage, in: RemoteConversationID)
    case conversation(RemoteConversation)
    case participantsAdded([Participant], in: RemoteConversationID)
    case participantsRemoved([ParticipantID], in: RemoteConversationID)
    case receipt(Receipt, in: RemoteConversationID)
    case typing(ParticipantID, displayName: String?, in: RemoteConversationID)
    /// A packet of a service whose changes are ordered by arrival (rule R21).
    case received(RemoteArrival, in: RemoteConversationID)
    /// A packet that could not be read. It is kept and listed, and what stands around it is not adjacent (rule R24).
    case rejected(Reject, in: RemoteConversationID)
    /// From here on everything is received, until an end is told: a stretch of coverage for a service without history.
    /// What came before it is not known. `room`: the incarnation of the conversation, where there are several under one id.
    case receiving(in: RemoteConversationID, room: String?)
    /// Something may be missing before the next ``receiving(in:room:)``.
    case receivingEnded(ReceivingEnd, in: RemoteConversationID)
    /// The channel is up; what happened while it was down has to be pulled.
    case connected
    /// The channel is down: receiving has ended everywhere.
    case disconnected
}
