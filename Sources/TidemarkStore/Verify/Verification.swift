public import TidemarkModel

/// What a store proves about itself, and what in it contradicts itself: found in one read, without any service.
public struct Verification: Hashable, Sendable {
    /// The most findings that are kept; see ``isCut``.
    public static let maximumFindings = 10_000
    /// An acknowledged change that no read has shown for this long, although the service was in contact since, is a finding.
    public static let longestConfirmation: Duration = .seconds(86_400)

    /// In the order in which they were looked for: the file, what belongs together, messages, coverage, counters, intents, what is searched.
    public var findings: [Finding]
    /// There are more; these are the first.
    public var isCut: Bool
    /// How many things were looked for.
    public var checks: Int

    /// Those that still need somebody.
    public var unrepaired: Int { findings.count { !$0.isRepaired } }

    /// One contradiction. It holds ids and numbers, never text.
    public struct Finding: Hashable, Sendable {
        public var kind: Kind
        /// `nil`: it is about the file, or about something that belongs to no account.
        public var account: AccountName?
        public var conversation: ConversationID?
        public var message: MessageID?
        public var intent: IntentID?
        /// A sentence that says what contradicts what.
        public var detail: String
        public var repair: Repair
        public var isRepaired = false
    }

    /// What ends a finding.
    public enum Repair: Hashable, Sendable {
        /// ``MessageStore/repair(at:)`` does it: what it says, in words.
        case automatic(String)
        /// A person has to: what to do. Unsent work is only ever repaired by who wrote it.
        case person(String)

        public var words: String {
            switch self {
            case .automatic(let words), .person(let words): words
            }
        }
    }

    /// Stable codes for programs. More may be added.
    public struct Kind: Hashable, Sendable, RawRepresentable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// SQLite's own check of the file failed.
        public static let damaged = Kind(rawValue: "damaged")
        /// An index does not hold what its table does.
        public static let index = Kind(rawValue: "index")
        /// A value that the schema forbids.
        public static let forbiddenValue = Kind(rawValue: "forbiddenValue")
        /// A row whose parent is gone.
        public static let orphan = Kind(rawValue: "orphan")
        /// Something of one account stands in a conversation of another.
        public static let wrongAccount = Kind(rawValue: "wrongAccount")
        /// A number that the store has given already would be given again.
        public static let counter = Kind(rawValue: "counter")
        /// A file of a message that is said to be here is not, or not whole.
        public static let missingFile = Kind(rawValue: "missingFile")
        /// A file in the folder of files that belongs to no message.
        public static let strayFile = Kind(rawValue: "strayFile")
        /// A search finds something else than what is shown.
        public static let search = Kind(rawValue: "search")
        public static let unread = Kind(rawValue: "unread")
        /// A message that is deleted and still has its content.
        public static let tombstoneWithText = Kind(rawValue: "tombstoneWithText")
        /// A message stands elsewhere than its place says.
        public static let order = Kind(rawValue: "order")
        /// An own message counts as somebody else's.
        public static let ownership = Kind(rawValue: "ownership")
        /// Proved intervals overlap, or end before they begin.
        public static let coverage = Kind(rawValue: "coverage")
        /// What could not be read stands in what counts as proved.
        public static let coveredHole = Kind(rawValue: "coveredHole")
        /// A change window that ends before it begins.
        public static let window = Kind(rawValue: "window")
        /// A receiving session that was never ended stands under a newer one.
        public static let session = Kind(rawValue: "session")
        /// An own message that was never sent and that nothing sends.
        public static let unlisted = Kind(rawValue: "unlisted")
        /// On its way, and nobody syncs.
        public static let stuck = Kind(rawValue: "stuck")
        /// Acknowledged long ago and never shown by the service.
        public static let unconfirmed = Kind(rawValue: "unconfirmed")
        /// An intent whose parts say different things.
        public static let contradiction = Kind(rawValue: "contradiction")
        /// An intent waits for something that will never come.
        public static let waitingForNothing = Kind(rawValue: "waitingForNothing")
        /// A token or a remote message stands for two intents.
        public static let boundTwice = Kind(rawValue: "boundTwice")
    }
}
