internal import GRDB
public import TidemarkModel

extension AccountView {
    /// The most messages that one search or one list returns.
    public static let maximumFound = 1000

    /// Messages by who wrote them and when, the newest first, of all conversations that are not deleted or of one.
    ///
    /// Times are those of creation: from `from` on and before `to`. Deleted ones are among them without their text. It fires when what it
    /// shows changes. Reading throws `notFound` for an unknown conversation and `invalidArgument` for a limit outside
    /// 1...``maximumFound``.
    public func messages(
        in conversation: ConversationID? = nil, sender: ParticipantID? = nil, from: Timestamp? = nil, to: Timestamp? = nil,
        limit: Int = 50
    ) -> LiveView<[TimelineEntry]> {
        LiveView(store: store) { [key, store] db in
            try Self.checkFound(limit)
            if let conversation { _ = try ConversationView.row(conversation, key, db) }
            let rows = try MessageRow.fetchAll(
                db,
                cached: """
                    SELECT \(MessageRow.columnsOfM) FROM message AS m JOIN conversation AS c ON c.id = m.conversation
                    WHERE c.account = :account AND (:conversation IS NULL AND c.deletedAt IS NULL OR c.id = :conversation)
                        AND m.sort IS NOT NULL AND (:sender IS NULL OR m.sender = :sender)
                        AND (:from IS NULL OR m.createdAt >= :from) AND (:to IS NULL OR m.createdAt < :to) AND \(Fold.isShown)
                    ORDER BY m.createdAt DESC, m.id DESC LIMIT :limit
                    """,
                arguments: Arguments(named: [
                    ("account", key.id), ("conversation", conversation?.number), ("sender", sender?.rawValue),
                    ("from", from?.milliseconds), ("to", to?.milliseconds), ("floor", Int64.min), ("limit", limit),
                ]))
            let reader = try EntryReader(rows, account: key.name, db)
            return rows.map { reader.entry($0, gapBefore: false).placed(in: store.shelf) }
        }
    }

    static func checkFound(_ limit: Int) throws {
        guard (1...maximumFound).contains(limit) else {
            throw StoreError(.invalidArgument, "A list returns 1 to \(maximumFound) messages; choose such a limit.")
        }
    }
}
