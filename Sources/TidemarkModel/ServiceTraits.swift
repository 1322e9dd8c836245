/// What a service does and does not do, as data: the engine reads it and knows no service by name.
public struct ServiceTraits: Hashable, Sendable {
    /// How a delivery whose answer was lost is settled.
    public enum LostAnswer: Hashable, Sendable {
        /// The same request with the same token has one effect, for this long after the first attempt (rule R11);
        /// `nil`: for ever.
        case repeatable(for: Duration?)
        /// The token comes back in listings: look, and repeat only what is proved absent.
        case echoed
        /// Author and content come back: an equal own item counts as ours (rule R12).
        case recognisable
        /// Nothing proves it: a person decides.
        case blind
    }

    /// When a verb is over.
    public enum Confirmation: Hashable, Sendable {
        /// When an observation shows it.
        case observation
        /// When the service said yes.
        case acknowledgement
    }

    /// What of a conversation's history its user is shown.
    public enum History: Hashable, Sendable {
        /// All of it: the end of its listing is the beginning.
        case full
        /// Perhaps only what was said since the user came, or nothing, without a word about it. Who is shown a message is shown
        /// all that were made after it; the end of a listing is no beginning, and nothing is absent where nothing is shown (rule R25).
        case sinceJoin
        /// There is none: what was received is all.
        case none
    }

    /// How what changed in a conversation is listed.
    public enum Changes: Hashable, Sendable {
        /// One listing, newest change first, is the history and tells the changes: a walk goes down until it meets what is
        /// known. `sequence` numbers the changes of a conversation, one by one.
        case listing
        /// The history is listed by creation, newest first, and shows only what still is there. What changed since a time, and what
        /// was deleted, comes from a feed beside it, asked for with ``PageRequest/startTime``, in any order: it is read to its
        /// end (rule R26). `sequence` and `version` are the change's time in milliseconds, `place` is that of creation.
        case feed
    }

    /// What tells the newer of two changes of one message.
    public enum Ordering: Hashable, Sendable {
        /// The service gives every change a version, the same for everybody.
        case version
        /// The wire tells times and nothing more: of equal ones the later arrival is the newer (rule R21). Such a service
        /// pushes ``RemoteArrival`` values.
        case arrival
    }

    /// Who sees to it that only who wrote a message changes it.
    public enum Authority: Hashable, Sendable {
        /// The service: what comes is its author's.
        case service
        /// Nobody on the way: messages are kept by sender and id, and the changes of others are set aside as rejects.
        case reader
    }

    /// A published limit that the engine keeps on its own.
    public struct Rate: Hashable, Sendable {
        public enum Scope: Hashable, Sendable {
            case lane
            case account
        }

        public var verbs: Set<Verb>
        public var scope: Scope
        public var count: Int
        public var period: Duration

        public init(_ verbs: Set<Verb>, per scope: Scope, count: Int, in period: Duration) {
            self.verbs = verbs
            self.scope = scope
            self.count = count
            self.period = period
        }
    }

    /// The service's name in stores and on the command line: `azure`.
    public var service: String
    /// Verbs that are missing here are not supported.
    public var lostAnswers: [Verb: LostAnswer]
    public var confirmations: [Verb: Confirmation]
    public var history: History
    public var changes: Changes
    /// Of how many conversations one request of a feed may ask for the changes (``PageRequest/furtherConversations``).
    public var conversationsPerFeed: Int
    /// Whether the list of conversations tells when something was last said in each. If not, each is asked for by itself, at the
    /// interval of the list.
    public var listTellsActivity: Bool
    /// Whether the service lists how far each participant has read.
    public var listsReceipts: Bool
    public var ordering: Ordering
    public var authority: Authority
    /// How long after an attempt's end a request may still land: longer than the service's request limit plus the
    /// lag of its listings (Q of the rules).
    public var quarantine: Duration
    /// How long after an acknowledged write a 404 is not final (rule R8), and a missing sequence number is young (R17).
    public var settleWindow: Duration
    public var messagePageSize: Int
    public var conversationPageSize: Int
    public var setPageSize: Int
    /// UTF-8 bytes of a message's text.
    public var maximumTextBytes: Int
    public var maximumParticipantsPerCall: Int
    /// Read marks are not sent, and receipts not read, above this many participants (rule R27).
    public var maximumParticipantsForReceipts: Int?
    public var rates: [Rate]
    /// Whether an account's user may get another id (rule R13).
    public var identityChanges: Bool
    /// What the service takes of files; `nil`: none.
    public var attachments: AttachmentTraits?
    /// Whether a message can name the one that it answers.
    public var replies: Bool
    /// Whether the others can be told that the user is writing.
    public var typing: Bool
    /// Raised by an adapter that learnt to read more: what an earlier version could not read is then decoded again
    /// (rule R24).
    public var decoderVersion: Int

    public init(
        service: String, lostAnswers: [Verb: LostAnswer], confirmations: [Verb: Confirmation] = [:], history: History = .full,
        changes: Changes = .listing, conversationsPerFeed: Int = 1, listTellsActivity: Bool = true, listsReceipts: Bool = true,
        ordering: Ordering = .version, authority: Authority = .service,
        quarantine: Duration = .seconds(20), settleWindow: Duration = .seconds(60), messagePageSize: Int = 200,
        conversationPageSize: Int = 100, setPageSize: Int = 100, maximumTextBytes: Int = 28_000,
        maximumParticipantsPerCall: Int = 200, maximumParticipantsForReceipts: Int? = nil, rates: [Rate] = [],
        identityChanges: Bool = false, attachments: AttachmentTraits? = nil, replies: Bool = false, typing: Bool = false,
        decoderVersion: Int = 1
    ) {
        self.service = service
        self.lostAnswers = lostAnswers
        self.confirmations = confirmations
        self.history = history
        self.changes = changes
        self.conversationsPerFeed = conversationsPerFeed
        self.listTellsActivity = listTellsActivity
        self.listsReceipts = listsReceipts
        self.ordering = ordering
        self.authority = authority
        self.quarantine = quarantine
        self.settleWindow = settleWindow
        self.messagePageSize = messagePageSize
        self.conversationPageSize = conversationPageSize
        self.setPageSize = setPageSize
        self.maximumTextBytes = maximumTextBytes
        self.maximumParticipantsPerCall = maximumParticipantsPerCall
        self.maximumParticipantsForReceipts = maximumParticipantsForReceipts
        self.rates = rates
        self.identityChanges = identityChanges
        self.attachments = attachments
        self.replies = replies
        self.typing = typing
        self.decoderVersion = decoderVersion
    }

    /// An upload is repeatable for ever, whatever the service is: one too many is a file that no message names.
    public func lostAnswer(of verb: Verb) -> LostAnswer {
        lostAnswers[verb] ?? (verb == .upload ? .repeatable(for: nil) : .blind)
    }

    public func confirmation(of verb: Verb) -> Confirmation {
        confirmations[verb] ?? .acknowledgement
    }
}
