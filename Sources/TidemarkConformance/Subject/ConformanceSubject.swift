public import TidemarkModel
public import TidemarkSimulator

/// A chat service that the suite is to be run on: it makes worlds. This and ``ConformanceWorld`` are all that somebody writes who
/// brings a service of their own.
public protocol ConformanceSubject: Sendable {
    /// What its column of the matrix is called.
    var name: String { get }

    /// A fresh service with its users and nothing said yet, on time that the suite moves: `clock.now` is the only time there is.
    /// Each check begins with one of its own.
    func makeWorld(on clock: VirtualClock) async throws -> any ConformanceWorld
}

/// One service with its users, seen from behind: what it really holds, beside what it tells.
///
/// What the other users do, and every fault, the suite does itself: through the service that ``service(for:)`` gives for them.
public protocol ConformanceWorld: Sendable {
    /// Two or more. The engine is the first one's; the second does what others do.
    var users: [ParticipantID] { get }

    /// Names for new conversations, in the order of their use. Default: two. A service of one room gives the room's.
    var topics: [String] { get }

    /// What must never show up in an error's description: the users' tokens.
    var secrets: [String] { get }

    /// The service as this user's program would make it. Asked for again it is a new one of the same user.
    func service(for user: ParticipantID) async throws -> any ChatService

    /// Every conversation that the service holds, deleted ones included as far as it knows them.
    func conversations() async throws -> [HeldConversation]

    /// Every message that people wrote there, in the order of creation, each copy by itself; deleted ones included as far as the
    /// service knows them.
    func messages(in conversation: RemoteConversationID) async throws -> [HeldMessage]

    /// What the service has pushed to this user since it was last asked: what `ChatService.events()` would have brought by now.
    /// It is pulled, so that a run is one history and no race. Default: a service that pushes nothing.
    func pushes(to user: ParticipantID) async throws -> [RemoteEvent]

    /// Puts a message there that the adapter can't read. False, the default: the world has no such thing.
    func plantUnreadable(in conversation: RemoteConversationID) async throws -> Bool

    /// Opens or closes the conversation, where somebody has to be there for it to be open. False, the default: it is always open.
    func setOpen(_ isOpen: Bool, _ conversation: RemoteConversationID) async throws -> Bool
}

extension ConformanceWorld {
    public var topics: [String] { ["Trip", "Work"] }
    public var secrets: [String] { [] }
    public func pushes(to user: ParticipantID) async throws -> [RemoteEvent] { [] }
    public func plantUnreadable(in conversation: RemoteConversationID) async throws -> Bool { false }
    public func setOpen(_ isOpen: Bool, _ conversation: RemoteConversationID) async throws -> Bool { false }
}

/// A conversation as the service holds it.
public struct HeldConversation: Hashable, Sendable {
    public var id: RemoteConversationID
    public var topic: String
    public var members: [ParticipantID]
    public var isDeleted: Bool

    public init(id: RemoteConversationID, topic: String, members: [ParticipantID], isDeleted: Bool = false) {
        self.id = id
        self.topic = topic
        self.members = members
        self.isDeleted = isDeleted
    }
}

/// A message as the service holds it.
public struct HeldMessage: Hashable, Sendable {
    public var id: RemoteMessageID
    public var author: ParticipantID?
    /// As the adapter tells it: without markup that the service itself puts around it.
    public var text: String
    public var isDeleted: Bool
    public var isEdited: Bool
    /// The bytes of its files, in the order of the message. A service without files has none.
    public var files: [[UInt8]]
    /// The message that it answers.
    public var replyTo: RemoteMessageID?

    public init(
        id: RemoteMessageID, author: ParticipantID?, text: String, isDeleted: Bool = false, isEdited: Bool = false,
        files: [[UInt8]] = [], replyTo: RemoteMessageID? = nil
    ) {
        self.files = files
        self.replyTo = replyTo
        self.id = id
        self.author = author
        self.text = text
        self.isDeleted = isDeleted
        self.isEdited = isEdited
    }
}
