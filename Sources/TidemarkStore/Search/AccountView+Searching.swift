internal import GRDB
public import TidemarkModel

extension AccountView {
    /// Messages whose text, as views show it, holds all the words: of one conversation or of all that are not deleted.
    ///
    /// Upper and lower case and accents make no difference. `"two words"` is a phrase and `tide*` whatever begins so; nothing else
    /// is an operator. Chinese, Japanese, Korean, Thai and other scripts without spaces are found by any part of a sentence. What
    /// the user has edited is found in its new words at once, and never in those it had; deleted messages are not found.
    /// Islands below proved history are (R18). A query without any word finds nothing.
    ///
    /// In the order `relevance` the best match comes first, of equal ones the newest; in the order `newest` by time of creation. `before`:
    /// the last hit of the page before, in the order `newest`. It fires when a hit comes, goes or reads otherwise. What is written is
    /// found from the moment the call that wrote it has returned. Reading throws
    /// `notFound` for an unknown conversation and `invalidArgument` for a limit outside 1...``maximumFound``.
    public func search(
        _ query: String, in conversation: ConversationID? = nil, order: SearchOrder = .relevance, limit: Int = 50,
        before: MessageID? = nil
    ) -> LiveView<[SearchHit]> {
        let expression = SearchQuery(query).expression
        return LiveView(store: store) { [key, store] db in
            try Self.checkFound(limit)
            if let conversation { _ = try ConversationView.row(conversation, key, db) }
            guard let expression else { return [] }
            // Stores in memory leave it until somebody asks.
            if store.path == nil { try SearchIndex.catchUp(db) }
            let found = try Searching(
                account: key, conversation: conversation, order: order, limit: limit, before: before, db: db
            ).run(expression)
            return found.map { SearchHit(entry: $0.entry.placed(in: store.shelf), snippet: $0.snippet) }
        }
    }
}

/// One search.
private struct Searching {
    let account: AccountKey
    let conversation: ConversationID?
    let order: SearchOrder
    let limit: Int
    let before: MessageID?
    let db: Database

    /// How many words a snippet has.
    private static let words = 24

    private func sql() -> String {
        let byOrder = order == .relevance ? "s.rank, m.createdAt DESC, m.id DESC" : "m.createdAt DESC, m.id DESC"
        let bound =
            before == nil
            ? "" : "AND (m.createdAt, m.id) < (SELECT b.createdAt, b.id FROM message AS b WHERE b.id = :before)"
        return """
            SELECT \(MessageRow.columnsOfM), snippet(search, 0, char(2), char(3), '…', \(Self.words))
            FROM search AS s JOIN message AS m ON m.id = s.rowid JOIN conversation AS c ON c.id = m.conversation
            WHERE search MATCH :expression AND c.account = :account
                AND (:conversation IS NULL AND c.deletedAt IS NULL OR c.id = :conversation) \(bound) AND \(Fold.isShown)
            ORDER BY \(byOrder) LIMIT :limit
            """
    }

    func run(_ expression: String) throws -> [SearchHit] {
        var arguments: [(String, (any Bindable)?)] = [
            ("expression", expression), ("account", account.id), ("conversation", conversation?.number), ("floor", Int64.min),
            ("limit", limit),
        ]
        if let before { arguments.append(("before", before.number)) }
        let found = try db.all(SQLText(sql()), Arguments(named: arguments)) { columns in
            (row: try MessageRow(columns), snippet: try columns[MessageRow.table.columns.count] as String)
        }
        let reader = try EntryReader(found.map(\.row), account: account.name, db)
        return found.map { SearchHit(entry: reader.entry($0.row, gapBefore: false), snippet: SearchSnippet(marked: $0.snippet)) }
    }
}
