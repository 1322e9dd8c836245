internal import GRDB
internal import TidemarkModel

/// What a conversation's view needs beside its row. A list looks each kind of it up once for all conversations.
extension ConversationView {
    struct Surroundings {
        var intents = Intents()
        /// Those on the conversation itself, oldest first.
        var open: [OpenIntent] = []
        var proved = ProvedIntervals(Coverage(), hasBottom: false)
        /// The newest place in which something stands.
        var top: Int64?
        var newest: TimelineEntry?
        var draft: Draft?

        /// A gap above both horizons hides messages that nobody has counted (R27).
        func mayHaveMoreUnread(_ row: ConversationRow) -> Bool {
            guard row.remoteID != nil, row.deletedAt == nil else { return false }
            guard row.isRead || proved.isReceiving == true else { return true }
            guard let top else { return row.bottom == nil }
            return !proved.reachesTop(from: max(row.localHorizon, row.remoteHorizon), top: top)
        }
    }

    /// A conversation's open intents, in numbers.
    struct Intents {
        /// All that is not over.
        var open = 0
        /// What still needs the wire or a person.
        var pending = 0
        /// The first that needs a person.
        var first: Int64?
        /// How many are on the conversation itself.
        var onItself = 0

        private static let numbers = """
            count(*), count(CASE WHEN state <> 'sent' OR settledAt IS NULL THEN 1 END),
            min(CASE WHEN (state <> 'sent' OR settledAt IS NULL) AND (state = 'parked' OR asks = 1) THEN id END),
            count(CASE WHEN \(OpenIntent.isOne(of: ConversationView.verbs)) THEN 1 END)
            """

        fileprivate static let ofConversation = SQLText(
            once: """
                SELECT \(numbers) FROM intent INDEXED BY intentOpen
                WHERE account = ? AND conversation = ? AND state IN \(OpenIntent.openStates)
                """)

        fileprivate static let ofAll = SQLText(
            once: """
                SELECT \(numbers), conversation FROM intent INDEXED BY intentOpen
                WHERE account = ? AND state IN \(OpenIntent.openStates) GROUP BY conversation
                """)

        fileprivate init(_ columns: Columns) throws {
            try self.init(open: columns[0], pending: columns[1], first: columns[2], onItself: columns[3])
        }

        fileprivate init(open: Int = 0, pending: Int = 0, first: Int64? = nil, onItself: Int = 0) {
            (self.open, self.pending, self.first, self.onItself) = (open, pending, first, onItself)
        }
    }

    fileprivate static let verbs: [Verb] = [.createConversation, .rename, .deleteConversation]
    private static let openIntents = SQLText(once: OpenIntent.selection(onConversation: verbs))
    private static let allOpenIntents = SQLText(once: OpenIntent.selection(onConversations: verbs))

    static func surroundings(of row: ConversationRow, _ account: AccountKey, _ db: Database) throws -> Surroundings {
        let id = row.id ?? 0
        let intents = try db.first(Intents.ofConversation, [account.id, id], Intents.init) ?? Intents()
        let proved = try ProvedIntervals(conversation: id, hasBottom: row.bottom != nil, db)
        let newest = try Timeline.newest(in: id, proved, db)
        let reader = try EntryReader(
            newest.map { [$0.row] } ?? [], account: account.name, hasIntents: intents.open > 0, db)
        // Most conversations have none that is open: then there is nothing to look for.
        let open = try intents.onItself == 0 ? [] : OpenIntent.onConversation(id, account: account.id, openIntents, db)
        return Surroundings(
            intents: intents, open: open, proved: proved, top: try Timeline.topPlace(id, db),
            newest: newest.map { reader.entry($0.row, gapBefore: $0.gapBefore) }, draft: try Draft.of(id, db))
    }

    static func surroundings(
        of rows: [ConversationRow], _ account: AccountKey, _ db: Database
    ) throws -> [Int64: Surroundings] {
        let coverage = try Coverage.ofAll(account: account.id, db)
        let receiving = try ProvedIntervals.receiving(account: account.id, db)
        let intents = try db.all(Intents.ofAll, [account.id]) { try (conversation: $0[4] as Int64, numbers: Intents($0)) }
        let intentsByID = Dictionary(intents.map { ($0.conversation, $0.numbers) }, uniquingKeysWith: { first, _ in first })
        let hasOpen = intents.contains { $0.numbers.onItself > 0 }
        let open = try hasOpen ? OpenIntent.fetchAll(db, cached: allOpenIntents, arguments: [account.id]) : []
        let openByID = Dictionary(grouping: open, by: \.row.conversation)
        let tops = try Timeline.topPlaces(account: account.id, db)
        var around: [Int64: Surroundings] = [:]
        var newest: [(id: Int64, row: MessageRow, gapBefore: Bool)] = []
        for row in rows {
            guard let id = row.id else { continue }
            let proved = ProvedIntervals(
                coverage[id] ?? Coverage(), hasBottom: row.bottom != nil, isReceiving: receiving[id])
            around[id] = Surroundings(
                intents: intentsByID[id] ?? Intents(), open: openByID[id] ?? [], proved: proved, top: tops[id])
            if let found = try Timeline.newest(in: id, proved, db) { newest.append((id, found.row, found.gapBefore)) }
        }
        let reader = try EntryReader(
            newest.map(\.row), account: account.name, hasIntents: !intents.isEmpty, db)
        for (id, draft) in try Draft.ofAll(account: account.id, db) { around[id]?.draft = draft }
        for (id, row, gapBefore) in newest { around[id]?.newest = reader.entry(row, gapBefore: gapBefore) }
        return around
    }
}
