internal import GRDB
internal import TidemarkModel

extension ConversationView {
    /// The conversations of an account, the most recently active first. Deleted ones only when asked for.
    static func list(_ account: AccountKey, includingDeleted: Bool, _ db: Database) throws -> [ConversationView] {
        let rows = try ConversationRow.fetchAll(
            db, cached: "\(ConversationRow.selection) WHERE account = ?", arguments: [account.id])
        let around = try surroundings(of: rows, account, db)
        let views = try rows.map { try view($0, account, around[$0.id ?? 0] ?? Surroundings(), db) }
        return views.filter { includingDeleted || $0.deletedAt == nil }
            .sorted { ($0.recency, $0.id) > ($1.recency, $1.id) }
    }

    static func read(_ row: ConversationRow, _ account: AccountKey, _ db: Database) throws -> ConversationView {
        try view(row, account, try surroundings(of: row, account, db), db)
    }

    private static func view(
        _ row: ConversationRow, _ account: AccountKey, _ around: Surroundings, _ db: Database
    ) throws -> ConversationView {
        let newest = around.newest
        var view = ConversationView(
            id: ConversationID(row.id ?? 0), remoteID: row.remoteID.map { RemoteConversationID($0) }, account: account.name,
            topic: row.topic, unread: Int(clamping: row.unread), unreadAtLeast: around.mayHaveMoreUnread(row),
            pending: around.intents.pending, state: .confirmed, problem: try problem(of: around.intents.first, db),
            createdAt: row.createdAt.map(Timestamp.init(milliseconds:)), createdBy: row.createdBy.map { ParticipantID($0) },
            lastMessageAt: row.lastMessageAt.map(Timestamp.init(milliseconds:)), lastMessage: newest,
            deletedAt: row.deletedAt.map(Timestamp.init(milliseconds:)),
            membership: Membership(rawValue: row.membership) ?? .member, asOf: row.asOf, serviceData: row.serviceData,
            draft: around.draft)
        if let shown = newest?.createdAt, newest?.version != nil {
            view.lastMessageAt = max(shown, view.lastMessageAt ?? shown)
        }
        lay(around.open, over: &view)
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

    private static func problem(of intent: Int64?, _ db: Database) throws -> ParkReason? {
        guard let intent else { return nil }
        return try OpenIntent.fetchOne(db, cached: "\(OpenIntent.selection) WHERE i.id = ?", arguments: [intent])?.problem
    }

    private static let rowOfAccount = SQLText(once: "\(ConversationRow.selection) WHERE id = ? AND account = ?")

    static func row(_ conversation: ConversationID, _ account: AccountKey, _ db: Database) throws -> ConversationRow {
        let row = try ConversationRow.fetchOne(
            db, cached: rowOfAccount, arguments: [conversation.number, account.id])
        guard let row else {
            throw StoreError(
                .notFound, "There is no conversation \(conversation) in account \(account.name); `conversations` lists them.")
        }
        return row
    }
}
