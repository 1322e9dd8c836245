internal import GRDB
internal import TidemarkModel

extension ConversationView {
    private static let openIntents = OpenIntent.selection(onConversation: [.createConversation, .rename, .deleteConversation])

    /// The conversations of an account, the most recently active first. Deleted ones only when asked for.
    static func list(_ account: AccountKey, includingDeleted: Bool, _ db: Database) throws -> [ConversationView] {
        let rows = try ConversationRow.fetchAll(
            db, cached: "\(ConversationRow.selection) WHERE account = ?", arguments: [account.id])
        let views = try rows.map { try read($0, account, db) }
        return views.filter { includingDeleted || $0.deletedAt == nil }
            .sorted { ($0.recency, $0.id) > ($1.recency, $1.id) }
    }

    static func read(_ row: ConversationRow, _ account: AccountKey, _ db: Database) throws -> ConversationView {
        let id = row.id ?? 0
        let proved = try ProvedIntervals(conversation: id, hasBottom: row.bottom != nil, db)
        let intents = try intents(in: id, account, db)
        // Most conversations have none that is open: then there is nothing to look for.
        let open = try intents.open == 0 ? [] : OpenIntent.onConversation(id, account: account.id, openIntents, db)
        let newest = try Timeline.read(
            row, account: account.name, TimelineAnchor(side: .end, limit: 1), proved, hasIntents: intents.open > 0, db
        ).entries.last
        var view = ConversationView(
            id: ConversationID(id), remoteID: row.remoteID.map { RemoteConversationID($0) }, account: account.name,
            topic: row.topic, unread: Int(clamping: row.unread), unreadAtLeast: try mayHaveMoreUnread(row, proved, db),
            pending: intents.pending, state: .confirmed, problem: try problem(of: intents.first, db),
            createdAt: row.createdAt.map(Timestamp.init(milliseconds:)), createdBy: row.createdBy.map { ParticipantID($0) },
            lastMessageAt: row.lastMessageAt.map(Timestamp.init(milliseconds:)), lastMessage: newest,
            deletedAt: row.deletedAt.map(Timestamp.init(milliseconds:)),
            membership: Membership(rawValue: row.membership) ?? .member, asOf: row.asOf, serviceData: row.serviceData)
        if let shown = newest?.createdAt, newest?.version != nil {
            view.lastMessageAt = max(shown, view.lastMessageAt ?? shown)
        }
        lay(open, over: &view)
        return view
    }

    private static func lay(_ open: [OpenIntent], over view: inout ConversationView) {
        for intent in open where intent.isShown {
            switch intent.row.verb {
            case .createConversation:
                view.state = intent.state
                if let topic = try? intent.row.decodedBody.topic, view.topic.isEmpty { view.topic = topic }
                view.createdAt = view.createdAt ?? Timestamp(milliseconds: intent.row.createdAt)
            case .rename:
                if let topic = try? intent.row.decodedBody.topic { view.topic = topic }
            case .deleteConversation:
                view.deletedAt = view.deletedAt ?? Timestamp(milliseconds: intent.row.createdAt)
            default:
                break
            }
        }
    }

    private struct Intents {
        /// All that is not over.
        var open = 0
        /// What still needs the wire or a person.
        var pending = 0
        /// The first that needs a person.
        var first: Int64?
    }

    private static func intents(in conversation: Int64, _ account: AccountKey, _ db: Database) throws -> Intents {
        try db.first(
            """
            SELECT count(*), count(CASE WHEN state <> 'sent' OR settledAt IS NULL THEN 1 END),
                min(CASE WHEN (state <> 'sent' OR settledAt IS NULL) AND (state = 'parked' OR asks = 1) THEN id END)
            FROM intent INDEXED BY intentOpen WHERE account = ? AND conversation = ? AND state IN \(OpenIntent.openStates)
            """, [account.id, conversation]
        ) { try Intents(open: $0[0], pending: $0[1], first: $0[2]) } ?? Intents()
    }

    private static func problem(of intent: Int64?, _ db: Database) throws -> ParkReason? {
        guard let intent else { return nil }
        return try OpenIntent.fetchOne(db, cached: "\(OpenIntent.selection) WHERE i.id = ?", arguments: [intent])?.problem
    }

    /// A gap above both horizons hides messages that nobody has counted (R27).
    private static func mayHaveMoreUnread(_ row: ConversationRow, _ proved: ProvedIntervals, _ db: Database) throws -> Bool {
        guard row.remoteID != nil, row.deletedAt == nil else { return false }
        guard row.isRead else { return true }
        guard let top = try Timeline.topPlace(row.id ?? 0, db) else { return row.bottom == nil }
        return !proved.reachesTop(from: max(row.localHorizon, row.remoteHorizon), top: top)
    }

    static func row(_ conversation: ConversationID, _ account: AccountKey, _ db: Database) throws -> ConversationRow {
        let row = try ConversationRow.fetchOne(
            db, cached: "\(ConversationRow.selection) WHERE id = ? AND account = ?", arguments: [conversation.number, account.id])
        guard let row else {
            throw StoreError(
                .notFound, "There is no conversation \(conversation) in account \(account.name); `conversations` lists them.")
        }
        return row
    }
}
