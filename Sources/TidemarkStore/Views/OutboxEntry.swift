public import TidemarkModel

/// An intent: what the user wants done, how far it is and what can be done about it.
public struct OutboxEntry: Hashable, Sendable, Identifiable {
    /// What an intent in doubt may have made. A person says which it is.
    public struct Candidate: Hashable, Sendable {
        public var conversation: ConversationID
        public var message: MessageID?
        /// What to hand to `resolve`: a message's remote id, or a conversation's for a create.
        public var remoteID: String
        public var createdAt: Timestamp?
    }

    /// What the service has of the message that an edit is about, as it was last seen.
    public struct Observed: Hashable, Sendable {
        /// `nil`: the message is deleted there, or could not be read.
        public var text: String?
        public var kind: MessageKind
        public var version: Int64?
        /// When it was last changed; `nil`: never.
        public var editedAt: Timestamp?
    }

    public var intent: IntentID
    public var id: IntentID { intent }
    public var account: AccountName
    public var verb: Verb
    public var conversation: ConversationID
    public var message: MessageID?
    public var token: Token
    /// What it says: a send's or an edit's text, a create's or a rename's topic; `nil` where there is none.
    public var text: String?
    /// Of an edit whose message was seen. In a conflict it is theirs, and ``text`` is the user's.
    public var observed: Observed?
    public var state: DeliveryState
    /// Only a person can tell whether it arrived.
    public var asks: Bool
    /// It no longer holds its lane.
    public var isSkipped: Bool
    public var createdAt: Timestamp
    public var attempts: Int
    /// Not before this; `nil`: as soon as its turn comes, or not by itself.
    public var nextAttemptAt: Timestamp?
    /// Why it stands still: its own reason, its lane's or its account's.
    public var reason: ParkReason?
    /// The service's own words.
    public var detail: String?
    /// What can be done about it.
    public var actions: [ParkReason.Action]
    /// What it waits for.
    public var parent: IntentID?
    public var candidates: [Candidate]
}

/// The outbox in a few numbers.
public struct OutboxSummary: Hashable, Sendable {
    /// What still needs the wire by itself: queued, waiting, transmitting, in doubt and not asking.
    public var queued = 0
    /// Accepted and not yet observed.
    public var sent = 0
    public var parked = 0
    /// In doubt, and only a person can tell.
    public var asking = 0
    /// When the oldest of all these was written.
    public var oldestAt: Timestamp?

    /// Intents that no time will bring on: a person is needed.
    public var needingPerson: Int { parked + asking }
    /// Nothing left this store unseen.
    public var isEmpty: Bool { queued + sent + parked + asking == 0 }
}
