internal import GRDB
public import TidemarkModel

/// Everything the store knows of one message.
public struct MessageView: Hashable, Sendable {
    /// A remote copy: a send that arrived more than once has several, and one is shown (R5).
    public struct Copy: Hashable, Sendable {
        public var id: MessageID
        public var remoteID: RemoteMessageID?
        public var version: Int64?
        public var sequence: Int64?
        public var createdAt: Timestamp?
        public var deletedAt: Timestamp?
    }

    public var entry: TimelineEntry
    /// The shown copy first.
    public var copies: [Copy]
    /// The open intents on it, oldest first.
    public var intents: [OutboxEntry]
    /// Who has read it, by participant: up to it, or up to something that stands after it, which ``ReceiptView/message`` names. Who has
    /// read up to a message that is not stored here is not among them. Nobody where the service has no receipts.
    public var receipts: [ReceiptView]
    /// What it said before, oldest first; what it says now is not among them.
    public var revisions: [RevisionView]
}

extension MessageView {
    static func read(_ message: MessageID, _ account: AccountKey, _ db: Database) throws -> MessageView {
        let shown = try Fold.shown(for: message.number, db)
        let row = try MessageRow.fetchOne(
            db,
            cached: """
                SELECT \(MessageRow.columnsOfM) FROM message m JOIN conversation c ON c.id = m.conversation
                WHERE m.id = ? AND c.account = ? AND m.sort IS NOT NULL
                """, arguments: [shown, account.id])
        guard let row else {
            throw StoreError(.notFound, "There is no message \(message) in account \(account.name).")
        }
        let reader = try EntryReader([row], account: account.name, db)
        let entry = try shownAlone(row, account, db) ?? reader.entry(row, gapBefore: false)
        let others = reader.copies[shown] ?? []
        let copies = try MessageRow.fetchAll(
            db, cached: "\(MessageRow.selection) WHERE id IN (SELECT value FROM json_each(?)) ORDER BY sort, id",
            arguments: [others.jsonArray])
        return MessageView(
            entry: entry, copies: ([row] + copies).map(Copy.init),
            intents: try OutboxEntry.list(account, .ids(entry.intents), db),
            receipts: try ReceiptView.list(for: row, copies: copies, db),
            revisions: entry.deletedAt == nil ? try RevisionView.list(of: row, db) : [])
    }

    /// The entry as the timeline shows it, so that its gap mark is the same.
    private static func shownAlone(_ row: MessageRow, _ account: AccountKey, _ db: Database) throws -> TimelineEntry? {
        let conversation = try ConversationView.row(ConversationID(row.conversation), account, db)
        let id = MessageID(row.id ?? 0)
        let before = try Timeline.read(
            conversation, account: account.name, TimelineAnchor(side: .before(id), limit: 1), db
        ).entries.last
        guard let before else {
            return try Timeline.read(
                conversation, account: account.name, TimelineAnchor(side: .end, limit: 1), db
            ).entries.first { $0.id == id }
        }
        return try Timeline.read(
            conversation, account: account.name, TimelineAnchor(side: .after(before.id), limit: 1), db
        ).entries.first { $0.id == id }
    }
}

extension MessageView.Copy {
    init(_ row: MessageRow) {
        self.init(
            id: MessageID(row.id ?? 0), remoteID: row.remoteID.map { RemoteMessageID($0) }, version: row.version,
            sequence: row.sequence, createdAt: row.createdAt.map(Timestamp.init(milliseconds:)),
            deletedAt: row.deletedAt.map(Timestamp.init(milliseconds:)))
    }
}
