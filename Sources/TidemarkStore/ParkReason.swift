/// Why an intent is parked, asks, or an account stands still. The codes are stable, so that a program can translate
/// them; more may be added.
public struct ParkReason: Hashable, Sendable, Codable, RawRepresentable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The service does not allow it to this user (403).
    public static let forbidden = ParkReason(rawValue: "forbidden")
    /// The service does not know the target (404).
    public static let notFound = ParkReason(rawValue: "notFound")
    /// The service refuses it as it is (400).
    public static let invalid = ParkReason(rawValue: "invalid")
    public static let tooLarge = ParkReason(rawValue: "tooLarge")
    /// Somebody else changed the message since the edit was written (R7).
    public static let conflict = ParkReason(rawValue: "conflict")
    /// Whether it arrived can't be proved; a person has to say (R6).
    public static let unprovable = ParkReason(rawValue: "unprovable")
    /// Several conversations could be the one that was made (R11).
    public static let severalCandidates = ParkReason(rawValue: "severalCandidates")
    /// Something stands where it could have arrived that this version can't read: whether it is it, a person has to say (R6).
    public static let unreadable = ParkReason(rawValue: "unreadable")
    /// The service accepted the delete again and again, and still shows the message (R8).
    public static let stillThere = ParkReason(rawValue: "stillThere")
    /// The service did it for some and refused others.
    public static let partlyRefused = ParkReason(rawValue: "partlyRefused")
    /// The conversation was deleted at the service.
    public static let conversationGone = ParkReason(rawValue: "conversationGone")
    /// The target of an edit was deleted meanwhile: the edit is over.
    public static let superseded = ParkReason(rawValue: "superseded")
    /// It came from an export, or was found in no outbox: whether it was sent meanwhile, nobody knows. Trying again looks first.
    public static let restored = ParkReason(rawValue: "restored")
    /// What it waits for was cancelled.
    public static let parentCancelled = ParkReason(rawValue: "parentCancelled")
    /// The copy of its file beside the store is gone, can't be read, or is not what was attached.
    public static let fileUnusable = ParkReason(rawValue: "fileUnusable")
    public static let unsupported = ParkReason(rawValue: "unsupported")
    /// Another room has the name of the one that it was written for (R21). Trying again means the new one.
    public static let roomChanged = ParkReason(rawValue: "roomChanged")
    /// It waits for somebody to open the room (R21); nobody has to do anything.
    public static let roomClosed = ParkReason(rawValue: "roomClosed")
    /// Only the sender that wrote the message can change it, and that is another one than writes now (R21).
    public static let otherSender = ParkReason(rawValue: "otherSender")
    /// Account: the credential is refused; give a new one.
    public static let needsCredential = ParkReason(rawValue: "needsCredential")
    /// Account: the credential belongs to another user (R13).
    public static let wrongIdentity = ParkReason(rawValue: "wrongIdentity")
    /// Cancelled by the user.
    public static let cancelledByUser = ParkReason(rawValue: "cancelledByUser")
    /// Folded into another intent before anything was sent.
    public static let coalesced = ParkReason(rawValue: "coalesced")

    /// What a person can do about it.
    public var actions: [Action] {
        switch self {
        case .unprovable, .severalCandidates, .unreadable: [.resolve, .skip, .discard]
        case .conflict: [.resolve, .edit, .discard]
        case .forbidden, .notFound, .conversationGone, .unsupported, .stillThere, .roomChanged, .otherSender, .restored,
            .fileUnusable:
            [.retry, .skip, .discard]
        case .invalid, .tooLarge: [.edit, .retry, .skip, .discard]
        case .partlyRefused, .parentCancelled: [.retry, .discard]
        case .needsCredential, .wrongIdentity: [.newCredential]
        default: []
        }
    }

    public enum Action: String, Hashable, Sendable, Codable {
        case retry
        case skip
        case edit
        case discard
        case resolve
        case newCredential
    }
}
