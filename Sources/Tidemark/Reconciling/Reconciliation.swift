public import TidemarkModel

/// How the store and the service differ: what a comparison found, and what of it was repaired.
public struct Reconciliation: Hashable, Sendable, Codable {
    /// One difference.
    public struct Finding: Hashable, Sendable, Codable {
        public var kind: Kind
        /// `nil` for a conversation that the store does not have.
        public var conversation: ConversationID?
        public var remoteConversation: RemoteConversationID?
        /// `nil` for what the store does not have.
        public var message: MessageID?
        public var remoteID: RemoteMessageID?
        /// Whom it is about, of a participant or receipt.
        public var participant: ParticipantID?
        /// A sentence. It holds no message text.
        public var reason: String
        public var isRepaired = false
    }

    /// What differs. More may be added.
    public struct Kind: Hashable, Sendable, Codable, RawRepresentable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The service has it and the store does not.
        public static let missing = Kind(rawValue: "missing")
        /// The store has it and the service, asked for it by its id, does not.
        public static let extra = Kind(rawValue: "extra")
        /// The service has a newer version.
        public static let stale = Kind(rawValue: "stale")
        /// History is not proved here.
        public static let gap = Kind(rawValue: "gap")
        /// The service sent something that could not be read.
        public static let unreadable = Kind(rawValue: "unreadable")
        /// Somebody is in a conversation here and not there, or the other way round, or under another name.
        public static let participant = Kind(rawValue: "participant")
        /// Somebody has read further than the store knows.
        public static let receipt = Kind(rawValue: "receipt")
        /// The service does not have the conversation any more, or not for this user.
        public static let vanished = Kind(rawValue: "vanished")
    }

    /// The most findings that are kept; ``isCut`` says that there were more.
    public static let maximumFindings = 100_000
    /// The most stored messages of one conversation that are asked for by their id because no listing showed them.
    public static let maximumQuestions = 1000

    public internal(set) var findings: [Finding] = []
    public internal(set) var isCut = false
    /// What was compared.
    public internal(set) var conversations = 0
    public internal(set) var messages = 0
    public internal(set) var requests = 0
    public internal(set) var bytes = 0

    /// What a person still has to look at.
    public var unrepaired: Int { findings.count { !$0.isRepaired } }

    mutating func add(_ finding: Finding) {
        guard findings.count < Self.maximumFindings else { return isCut = true }
        findings.append(finding)
    }
}
