internal import GRDB
public import TidemarkModel

/// An account as reads know it.
struct AccountKey: Hashable, Sendable {
    var id: Int64
    var name: AccountName
}

/// Where every read starts: one account of one store. No view crosses accounts.
///
/// Each view is a ``LiveView``: `get()` reads it once, `updates()` yields it now and after each change of its own content. What it shows
/// is committed: it is there after a crash as well (of what pages brought, a power cut may take the last; it is fetched again). It
/// fires after a commit, whoever made it, if it shows something else than before, and never else; what is said below of a view is what
/// it shows. All of it is one moment of the store. Cancelling its task ends it and frees everything.
public struct AccountView: Sendable {
    public let store: MessageStore
    public let name: AccountName
    let key: AccountKey
    /// The row's number.
    package var id: Int64 { key.id }

    /// The conversations, the most recently active first: by the newest message, or the last that the service has told of, or their making;
    /// of equal ones the one that came last to this store.
    ///
    /// Fires when one comes, goes or overtakes another, and when its topic, newest message, unread counter, draft, number of unsent
    /// intents, problem or membership changes, or `asOf`.
    public func conversations(includingDeleted: Bool = false) -> LiveView<[ConversationView]> {
        view { key, db in try ConversationView.list(key, includingDeleted: includingDeleted, db) }
    }

    /// One conversation. Fires as ``conversations(includingDeleted:)`` does, for this one alone. Reading throws `notFound` if this
    /// account has none with this id.
    public func conversation(_ id: ConversationID) -> LiveView<ConversationView> {
        view(of: .conversation(id)) { key, db in try ConversationView.read(try ConversationView.row(id, key, db), key, db) }
    }

    /// The newest entries of a conversation, or those next to a message, oldest first.
    ///
    /// Order is the service's order of creation, whatever order they came in; what is unsent stands at the end, as it was written, and moves
    /// once, when it is seen at the service. An edit moves nothing. Fires when an entry of this page comes, goes or changes (its text,
    /// delivery, files, tombstone, a gap before it), or `asOf`; a write in another conversation does not even make it
    /// be read. The cost does not grow with the depth. Reading throws `notFound` for an unknown conversation or message and
    /// `invalidArgument` for a limit outside 1...``Timeline/maximumLimit``.
    public func timeline(of conversation: ConversationID, limit: Int = 50, before: MessageID? = nil) -> LiveView<Timeline> {
        timeline(conversation, TimelineAnchor(side: before.map { .before($0) } ?? .end, limit: limit))
    }

    /// The entries behind a message, oldest first. Order, cost, errors and what makes it fire are those of
    /// ``timeline(of:limit:before:)``.
    public func timeline(of conversation: ConversationID, limit: Int = 50, after: MessageID) -> LiveView<Timeline> {
        timeline(conversation, TimelineAnchor(side: .after(after), limit: limit))
    }

    /// The entries around a message, which is in the middle as far as there are others on both sides; oldest first.
    ///
    /// Order, cost, errors and what makes it fire are those of the other pages.
    public func timeline(of conversation: ConversationID, limit: Int = 50, around: MessageID) -> LiveView<Timeline> {
        timeline(conversation, TimelineAnchor(side: .around(around), limit: limit))
    }

    /// The entries from a moment on, oldest first: the first is the oldest that was created then or later. Where there is none, it
    /// is the newest entries. The place of a moment is looked for in some sixty steps, however much there is. Order, errors and what
    /// makes it fire are those of the other pages.
    public func timeline(of conversation: ConversationID, limit: Int = 50, from time: Timestamp) -> LiveView<Timeline> {
        view(of: .conversation(conversation)) { key, db in
            let row = try ConversationView.row(conversation, key, db)
            let first = try Timeline.first(since: time, in: row, db)
            return try Timeline.checked(row, key, TimelineAnchor(side: first.map { .from($0) } ?? .end, limit: limit), db)
        }
    }

    /// The oldest entries. Order, cost, errors and what makes it fire are those of the other pages.
    public func timeline(ofBeginningOf conversation: ConversationID, limit: Int = 50) -> LiveView<Timeline> {
        timeline(conversation, TimelineAnchor(side: .beginning, limit: limit))
    }

    /// The newest entries, without a limit to their number. The cost grows with it, at each change.
    package func longTimeline(of conversation: ConversationID, newest count: Int) -> LiveView<Timeline> {
        view(of: .conversation(conversation)) { key, db in
            let row = try ConversationView.row(conversation, key, db)
            return try Timeline.read(row, account: key.name, TimelineAnchor(side: .end, limit: max(1, count)), db)
        }
    }

    private func timeline(_ conversation: ConversationID, _ anchor: TimelineAnchor) -> LiveView<Timeline> {
        view(of: .conversation(conversation)) { key, db in
            try Timeline.checked(try ConversationView.row(conversation, key, db), key, anchor, db)
        }
    }

    /// Everything about one message: its entry with its files, its copies, open intents and older versions, and who has read it. A folded
    /// copy's id answers with the shown one. Fires when any of these changes. Reading throws `notFound`.
    public func message(_ id: MessageID) -> LiveView<MessageView> {
        view { key, db in try MessageView.read(id, key, db) }
    }

    /// What still needs the wire or a person, in the order it was written.
    ///
    /// Fires when an intent comes, is over, or changes its state, reason, attempts, or the time of its next one. Each of it was durable when
    /// the call that wrote it returned. Reading throws `notFound` for an unknown conversation.
    public func outbox(in conversation: ConversationID? = nil) -> LiveView<[OutboxEntry]> {
        // When a lane's turn is next depends on the whole account.
        view { key, db in
            if let conversation { _ = try ConversationView.row(conversation, key, db) }
            return try OutboxEntry.list(key, conversation.map { .conversation($0) } ?? .all, db)
        }
    }

    /// One intent, also when it is over. Fires as ``outbox(in:)`` does, for this one alone. Reading throws `notFound`.
    public func intent(_ id: IntentID) -> LiveView<OutboxEntry> {
        view { key, db in try OutboxEntry.read(id, key, db) }
    }

    /// The outbox in a few numbers. Fires when one of them changes.
    public func outboxSummary() -> LiveView<OutboxSummary> {
        view { key, db in try OutboxSummary.read(key, db) }
    }

    /// Who is in a conversation, by id, with the user's pending additions and removals on top. Fires when somebody comes or goes, or has
    /// another name or role. Reading throws `notFound` for an unknown conversation.
    public func participants(of conversation: ConversationID) -> LiveView<[ParticipantView]> {
        view(of: .conversation(conversation)) { key, db in try ParticipantView.list(try row(conversation, key, db), key, db) }
    }

    /// How far each participant has read, by participant; who has read a message is told by ``message(_:)``. Fires when somebody has read
    /// on, or a message that somebody has read up to is stored at last. Empty where the service has no receipts. Reading throws
    /// `notFound` for an unknown conversation.
    public func receipts(of conversation: ConversationID) -> LiveView<[ReceiptView]> {
        view(of: .conversation(conversation)) { key, db in try ReceiptView.list(try row(conversation, key, db), db) }
    }

    /// Where history is not proved, by conversation as they came to this store, and in each from its beginning to its end. Fires when a gap
    /// opens, closes or has another message at its side. Reading throws `notFound` for an unknown conversation.
    public func gaps(in conversation: ConversationID? = nil) -> LiveView<[GapView]> {
        view { key, db in
            if let conversation { _ = try row(conversation, key, db) }
            return try GapView.list(key, conversation, db)
        }
    }

    /// What could not be decoded, in the order it came. Fires when something is added, is seen again, or could be read at last.
    public func rejects() -> LiveView<[RejectView]> {
        view { key, db in try RejectView.list(key, db) }
    }

    /// The newest lines of the journal about something, oldest first; 10,000 at most. Fires with each further line about it. A line is durable
    /// with what it tells of: they are one transaction.
    public func journal(_ subject: JournalSubject, limit: Int = 1000) -> LiveView<[JournalLine]> {
        view { key, db in try JournalLine.list(key, subject, limit: limit, db) }
    }

    /// A view with messages in it, and the places of their files.
    private func view<Value: HoldsAttachments>(
        of scope: Touched = .everything, _ read: @escaping @Sendable (AccountKey, Database) throws -> Value
    ) -> LiveView<Value> {
        LiveView(store: store, scope: scope) { [key, store] db in try read(key, db).placed(in: store.shelf) }
    }

    private func view<Value>(
        of scope: Touched = .everything, _ read: @escaping @Sendable (AccountKey, Database) throws -> Value
    ) -> LiveView<Value> {
        LiveView(store: store, scope: scope) { [key] db in try read(key, db) }
    }
}

/// The number of a conversation that this account has.
private func row(_ conversation: ConversationID, _ key: AccountKey, _ db: Database) throws -> Int64 {
    _ = try ConversationView.row(conversation, key, db)
    return conversation.number
}
