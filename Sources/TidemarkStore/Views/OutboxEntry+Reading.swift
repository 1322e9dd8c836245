internal import GRDB
internal import TidemarkModel

extension OutboxEntry {
    enum Selection {
        case all
        case conversation(ConversationID)
        case ids([IntentID])
    }

    static func list(_ account: AccountKey, _ selection: Selection, _ db: Database) throws -> [OutboxEntry] {
        let found = try open(account, selection, db).filter(\.isPending)
        guard !found.isEmpty else { return [] }
        let host = try AccountRow.fetchOne(db, id: account.id)
        var lanes: [Int64: LaneRow] = [:]
        return try found.map { intent in
            let conversation = intent.row.conversation
            let lane = try lanes[conversation] ?? LaneRow.of(conversation, db)
            lanes[conversation] = lane
            return try entry(intent, account, lane: lane, host: host, db)
        }
    }

    /// One intent in any state, also when it is over.
    static func read(_ id: IntentID, _ account: AccountKey, _ db: Database) throws -> OutboxEntry {
        let found = try OpenIntent.fetchOne(
            db, cached: "\(OpenIntent.selection) WHERE i.account = ? AND i.id = ?", arguments: [account.id, id.number])
        guard let found else { throw StoreError(.notFound, "There is no intent \(id) in account \(account.name).") }
        let host = try AccountRow.fetchOne(db, id: account.id)
        return try entry(found, account, lane: try LaneRow.of(found.row.conversation, db), host: host, db)
    }

    private static func open(_ account: AccountKey, _ selection: Selection, _ db: Database) throws -> [OpenIntent] {
        var condition = "i.account = ? AND i.state IN \(OpenIntent.openStates)"
        var arguments: Arguments = [account.id]
        switch selection {
        case .all: break
        case .conversation(let conversation):
            condition += " AND i.conversation = ?"
            arguments.append(conversation.number)
        case .ids(let ids):
            condition += " AND i.id IN (SELECT value FROM json_each(?))"
            arguments.append(ids.map(\.number).jsonArray)
        }
        return try OpenIntent.fetchAll(
            db, cached: "\(OpenIntent.selection) WHERE \(condition) ORDER BY i.id", arguments: arguments)
    }

    private static func entry(
        _ intent: OpenIntent, _ account: AccountKey, lane: LaneRow, host: AccountRow?, _ db: Database
    ) throws -> OutboxEntry {
        let row = intent.row
        let state = intent.state
        let stop = state == .queued || state == .inDoubt && !row.asks ? host?.stopReason : nil
        let reason = intent.problem ?? (stop ?? row.reason).map(ParkReason.init(rawValue:))
        return OutboxEntry(
            intent: IntentID(intent.id), account: account.name, verb: row.verb,
            conversation: ConversationID(row.conversation), message: row.message.map { MessageID($0) },
            token: Token(row.token), text: said(row), observed: try observed(row, db), state: state, asks: row.asks,
            isSkipped: row.isSkipped,
            createdAt: Timestamp(milliseconds: row.createdAt), attempts: row.attempts,
            nextAttemptAt: nextAttempt(intent, lane: lane, host: host), reason: reason, detail: row.detail,
            actions: actions(intent, reason: reason), parent: row.parent.map { IntentID($0) },
            candidates: row.asks ? try Candidate.list(for: row, db) : [])
    }

    /// The latest of its own wait and the gates of its lane and account (R9).
    private static func nextAttempt(_ intent: OpenIntent, lane: LaneRow, host: AccountRow?) -> Timestamp? {
        guard !intent.row.asks, intent.state == .queued || intent.state == .inDoubt, host?.stopReason == nil else { return nil }
        var moments = [intent.row.notBefore, intent.row.quarantineUntil, lane.backoffUntil, lane.serviceUntil]
        moments += [host?.backoffUntil ?? 0, host?.serviceUntil ?? 0]
        let latest = moments.max() ?? 0
        return latest > 0 ? Timestamp(milliseconds: latest) : nil
    }
}

extension OutboxEntry.Candidate {
    /// The most that are listed for one intent.
    private static let limit = 20

    static func list(for intent: IntentRow, _ db: Database) throws -> [OutboxEntry.Candidate] {
        switch intent.verb {
        case .send: try messages(for: intent, db)
        case .createConversation: try conversations(for: intent, db)
        default: []
        }
    }

    /// Own copies without a token above the floor that no send is known to have made (R6).
    private static func messages(for intent: IntentRow, _ db: Database) throws -> [OutboxEntry.Candidate] {
        try Outbox.unboundOwn(above: intent, db).prefix(limit).map { row in
            OutboxEntry.Candidate(
                conversation: ConversationID(row.conversation), message: MessageID(row.id ?? 0), remoteID: row.remoteID ?? "",
                createdAt: row.createdAt.map(Timestamp.init(milliseconds:)))
        }
    }

    /// Conversations that may be what a create made (R11).
    private static func conversations(for intent: IntentRow, _ db: Database) throws -> [OutboxEntry.Candidate] {
        try Outbox.createCandidates(for: intent, db).prefix(limit).map { row in
            OutboxEntry.Candidate(
                conversation: ConversationID(row.id ?? 0), message: nil, remoteID: row.remoteID ?? "",
                createdAt: row.createdAt.map(Timestamp.init(milliseconds:)))
        }
    }
}

extension OutboxSummary {
    static func read(_ account: AccountKey, _ db: Database) throws -> OutboxSummary {
        // As ``OpenIntent`` tells them: what is queued behind a stopped lane is parked.
        let counts = try db.first(
            """
            SELECT count(*), count(CASE WHEN i.state = 'sent' THEN 1 END), count(CASE WHEN i.state = 'inDoubt' AND i.asks = 1 THEN 1 END),
                count(CASE WHEN i.state = 'parked' OR i.state = 'queued' AND l.parkReason IS NOT NULL THEN 1 END), min(i.createdAt)
            FROM intent AS i LEFT JOIN lane AS l ON l.conversation = i.conversation
            WHERE i.account = ? AND i.state IN \(OpenIntent.openStates) AND (i.state <> 'sent' OR i.settledAt IS NULL)
            """, [account.id], Counts.init)
        guard let counts else { return OutboxSummary() }
        return OutboxSummary(
            queued: counts.all - counts.sent - counts.parked - counts.asking, sent: counts.sent, parked: counts.parked,
            asking: counts.asking, oldestAt: counts.oldestAt.map(Timestamp.init(milliseconds:)))
    }

    private struct Counts {
        var all: Int
        var sent: Int
        var asking: Int
        var parked: Int
        var oldestAt: Int64?

        init(_ columns: Columns) throws {
            try (all, sent, asking, parked) = (columns[0], columns[1], columns[2], columns[3])
            oldestAt = try columns[4]
        }
    }

    /// The numbers of a part of the outbox.
    package init(of entries: [OutboxEntry]) {
        for entry in entries { count(entry.state, asks: entry.asks, writtenAt: entry.createdAt) }
    }

    private mutating func count(_ state: DeliveryState, asks: Bool, writtenAt: Timestamp) {
        switch state {
        case .parked: parked += 1
        case .inDoubt where asks: asking += 1
        case .sent: sent += 1
        default: queued += 1
        }
        oldestAt = min(oldestAt ?? writtenAt, writtenAt)
    }
}
