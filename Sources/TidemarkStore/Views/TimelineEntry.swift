public import TidemarkModel

/// A message as a view shows it: the last known remote state with the user's pending intents on top.
public struct TimelineEntry: Hashable, Sendable, Identifiable {
    /// The local id. It never changes when the remote id arrives.
    public var id: MessageID
    public var remoteID: RemoteMessageID?
    public var account: AccountName
    public var conversation: ConversationID
    public var sender: ParticipantID?
    public var senderName: String?
    public var kind: MessageKind
    /// `nil` for a deleted message.
    public var text: String?
    /// The service's time; the local clock's for a message that was not yet observed.
    public var createdAt: Timestamp?
    public var editedAt: Timestamp?
    /// Deleted at the service, or here with a delete on its way.
    public var deletedAt: Timestamp?
    /// The service's version; `nil` until the message was observed.
    public var version: Int64?
    public var token: Token?
    /// How far what is shown has come: the first intent that is still open on it, and `confirmed` when there is none.
    /// A parked edit or delete is not shown, so it does not count here; see ``problem``.
    public var state: DeliveryState
    /// Why an intent on this message needs a person.
    public var problem: ParkReason?
    /// Between this entry and the one shown before it there may be messages that the store does not have.
    public var gapBefore: Bool
    public var isOwn: Bool
    public var metadata: [String: String]
    /// JSON of the service's fields that the model does not name.
    public var serviceData: String?
    /// The new topic, of a `topicUpdated` message.
    public var topic: String?
    /// Who was added or removed, of such a message.
    public var participants: [Participant]
    public var initiator: ParticipantID?
    /// The open intents on it, oldest first. Those that upload its files are among them.
    public var intents: [IntentID]
    /// Its files, in their order; none of a deleted message.
    public var attachments: [AttachmentView]
    /// The message that it answers, if it is here.
    public var replyTo: MessageID?
    /// The service's id of the message that it answers; `nil` while that one is unsent.
    public var remoteReplyTo: RemoteMessageID?
}

extension TimelineEntry {
    /// The text as lines of words: of an HTML message what stands between its tags, else ``text`` itself.
    ///
    /// It is for reading, and for terminals and notifications; it is not escaped for any of them.
    public var plainText: String? {
        kind == .html ? text.map(PlainHTML.text) : text
    }
}

extension MessageKind {
    /// The service sent something in this place that could not be read; `rejects` has it.
    public static let unreadable = MessageKind.unknown("unreadable")
}

/// A stretch of a conversation in display order.
public struct Timeline: Hashable, Sendable {
    /// The most entries that one read returns.
    public static let maximumLimit = 1000

    public var conversation: ConversationID
    /// Oldest first.
    public var entries: [TimelineEntry]
    /// The store has entries before the first one.
    public var hasOlder: Bool
    /// The store has entries behind the last one.
    public var hasNewer: Bool
    /// Before the first entry there is nothing at the service that this user may see, and that is proved.
    public var beginningIsProved: Bool
    /// Up to ``asOf`` there was nothing newer at the service, and that is proved. Not, for a moment, where several pages were read while
    /// messages changed: one of them may have moved past the reader, until the top is read once more.
    public var endIsProved: Bool
    /// When the newest messages were last read; `nil`: never.
    public var asOf: Timestamp?
}
