internal import GRDB
internal import TidemarkModel

/// Which reads are due, in the order in which they matter: what decides about an intent first, then what is new, then
/// what is old.
struct Planner {
    let scope: Scope
    let moment: Moment
    let db: Database
    let busy: Set<ReadKey>
    let limit: Int
    private(set) var reads: [PlannedRead] = []
    let times: GateTimes

    init(scope: Scope, moment: Moment, db: Database, busy: Set<ReadKey>, limit: Int) {
        self.scope = scope
        self.moment = moment
        self.db = db
        self.busy = busy
        self.limit = limit
        times = GateTimes(scope, moment)
    }

    var now: Int64 { moment.now.milliseconds }
    /// After how long nothing that lists lag by is missing any more.
    var settle: Int64 { scope.traits.settleWindow.milliseconds + Freshness.slack }

    enum Outlook {
        case idle(nextDue: Timestamp?)
        case wrongIdentity
        case work(Survey)

        /// Whose views may look different once it is planned: reads are numbered, and no view shows that.
        var touched: Touched {
            switch self {
            case .idle: .nothing
            // When an intent is looked at again shows in the outbox.
            case .work(let survey): survey.hasConfirmations ? .everything : .nothing
            case .wrongIdentity: .everything
            }
        }
    }

    /// Whether there is anything to plan. It writes nothing.
    func outlook() throws -> Outlook {
        guard scope.traits.history != .none, let account = try AccountRow.fetchOne(db, id: scope.account),
            account.stopReason == nil
        else { return .idle(nextDue: nil) }
        guard try scope.isOfAccount(db) else { return .wrongIdentity }
        let gate = account.gate(scope, moment)
        guard gate <= now else { return .idle(nextDue: Timestamp(milliseconds: gate)) }
        let survey = try survey(account)
        return limit > 0 && survey.hasWork(in: scope.extent) ? .work(survey) : .idle(nextDue: survey.nextDue)
    }

    /// Plans what the outlook of a moment ago tells of. What was written since then is looked at as it is now, or by the next round.
    mutating func plan(_ outlook: Outlook) throws -> (reads: [PlannedRead], nextDue: Timestamp?) {
        switch outlook {
        case .idle(let nextDue): return ([], nextDue)
        case .wrongIdentity:
            try Outbox.stop(.wrongIdentity, scope, moment, db)
            return ([], nil)
        case .work(var survey):
            guard let account = try AccountRow.fetchOne(db, id: scope.account), account.stopReason == nil,
                account.gate(scope, moment) <= now
            else { return ([], survey.nextDue) }
            if survey.hasLookUps { try planWalks(Self.isLookUp) }
            if survey.hasConfirmations {
                try planConfirmations()
                survey = try self.survey(account)
            }
            if survey.hasList { try planList(account) }
            try planNews(survey)
            if survey.hasDetails { try planDetails() }
            if survey.hasParticipants { try planParticipants() }
            if survey.hasReceipts { try planReceipts() }
            if scope.extent.fillsBack, survey.hasBackfill { try planBackfill() }
            return (reads, survey.nextDue)
        }
    }

    // MARK: Each kind

    /// Conversations that may be read: known to the service, not deleted, not left, no gate closed.
    static let live = """
        account = :account AND remoteID IS NOT NULL AND deletedAt IS NULL AND membership = 'member'
        """
    /// When the gates of a conversation's reads open.
    static let gates = [Gate.backoff.opening(of: "c.readsNotBefore"), Gate.service.opening(of: "c.readsServiceUntil")]
    static let open = gates.map { "(\($0)) <= :now" }.joined(separator: " AND ")

    /// A conversation never walked is new rather than asked for: it may wait for the list.
    private static let isLookUp = "(walkWanted > max(closedStart, 0) AND (\(Gate.lookUp.opening(of: "walkNotBefore"))) <= :now)"
    private static let isWalk = """
        (walkBegunStart IS NOT NULL OR closingIsDue = 1 OR (\(Gate.top.opening(of: "walkDueAt"))) <= :now)
        """
    /// The one read that a walk still needs to prove what it showed, and the first page of a conversation without which nothing
    /// can be sent into it (R2).
    private static let isClosing = """
        (closingIsDue = 1 AND walkBegunStart IS NULL
            OR walkWanted > closedStart AND (\(Gate.lookUp.opening(of: "walkNotBefore"))) <= :now)
        """
    /// Lists may lag: what stands below a young one is read when that is settled, by the service's clock as it was seen last.
    private static let isBackfill = """
        (windowHigh IS NOT NULL AND bottom IS NULL AND backfillIsDone = 0 AND (backfillCursor IS NOT NULL OR windowLow IS NULL
            OR (\(Gate.bottom.opening(of: "(windowLowTime - coalesce(closedServer - closedAt, 0) + :settle)"))) <= :now))
        """

    private mutating func planNews(_ survey: Survey) throws {
        if scope.extent.catchesUp {
            if survey.hasWalks {
                try planTogether()
                try planWalks(asksTogether ? "\(Self.isWalk) AND NOT (\(Self.mayGoTogether))" : Self.isWalk)
            }
        } else if survey.hasClosings {
            try planWalks(Self.isClosing, in: "id")
        }
    }

    private mutating func planWalks(
        _ isDue: String, in order: String = "lastMessageAt IS NULL DESC, lastMessageAt DESC, id"
    ) throws {
        for target in try targets("\(isDue) ORDER BY \(order)") {
            try add(
                .messages(target.id), .catchUp, of: target, .messages(in: target.remote), cursor: target.walkCursor,
                since: target.walkCursor == nil ? changesSince(target) : nil)
        }
    }

    /// From when on a feed is asked for what changed, if there is one and the history was begun.
    private func changesSince(_ target: Target) -> Timestamp? {
        scope.traits.changes == .feed ? target.windowHigh.map(Timestamp.init(milliseconds:)) : nil
    }

    /// Where the list is not read for its own sake, a create in doubt still needs it.
    func needsList() throws -> Bool {
        if scope.extent.readsList { return true }
        return try Bool.fetchOne(
            db,
            cached: """
                SELECT EXISTS (SELECT 1 FROM intent AS i WHERE i.account = ? AND i.state IN (\(Outbox.openStates))
                    AND i.verb = 'createConversation' AND i.state = 'inDoubt' AND i.asks = 0
                    \(scope.extent.condition(on: "i.conversation")))
                """, arguments: [scope.account]) ?? false
    }

    private mutating func planList(_ account: AccountRow) throws {
        try add(
            .list, .list, of: nil, .conversations, cursor: account.listCursor.map { TidemarkModel.Cursor($0) },
            perPage: scope.configuration.resultsPerPage ?? scope.traits.conversationPageSize)
    }

    private mutating func planDetails() throws {
        for target in try targets("detailsAreStale = 1 ORDER BY id") {
            try add(.details(target.id), .details, of: target, .conversation(target.remote), perPage: nil)
        }
    }

    private var setsPerPage: Int { max(2, scope.configuration.resultsPerPage ?? scope.traits.setPageSize) }

    private mutating func planParticipants() throws {
        for target in try targets(stale("participants")) {
            try add(
                .participants(target.id), .participants, of: target, .participants(in: target.remote), skip: target.skip,
                perPage: setsPerPage)
        }
    }

    private mutating func planReceipts() throws {
        let few = scope.traits.maximumParticipantsForReceipts.map {
            """
            AND (SELECT count(*) FROM participant AS p WHERE p.conversation = c.id AND p.isPresent = 1) <= \($0)
            AND EXISTS (SELECT 1 FROM setRead AS q WHERE q.conversation = c.id AND q.kind = 'participants'
                AND q.lastStart IS NOT NULL)
            """
        }
        for target in try targets(stale("receipts", and: few ?? "")) {
            try add(
                .receipts(target.id), .receipts, of: target, .receipts(in: target.remote), skip: target.skip,
                perPage: setsPerPage)
        }
    }

    private func stale(_ kind: String, and more: String = "") -> String {
        "s.kind = '\(kind)' AND s.isStale = 1 AND (\(Gate.set.opening(of: "s.dueAt"))) <= :now \(more) ORDER BY s.dueAt, c.id"
    }

    private mutating func planBackfill() throws {
        for target in try targets("\(Self.isBackfill) ORDER BY lastMessageAt DESC, id") {
            try add(.messages(target.id), .backfill, of: target, .messages(in: target.remote), cursor: target.backfillCursor)
        }
    }

    // MARK: Requests

    /// The named values that a planner's statement uses: whose, when, its gates, and its own.
    func arguments(_ more: (String, (any Bindable)?)...) -> Arguments {
        Arguments(named: [("account", scope.account), ("now", now), ("settle", settle)] + more, gates: times)
    }

    struct Target {
        var id: ConversationID
        var remote: RemoteConversationID
        var walkCursor: TidemarkModel.Cursor?
        var backfillCursor: TidemarkModel.Cursor?
        var windowHigh: Int64?
        var skip: Int?
    }

    /// As many as could be planned, beside those that are under way.
    private func targets(_ condition: String) throws -> [Target] {
        guard reads.count < limit else { return [] }
        let isOfSet = condition.hasPrefix("s.")
        return try db.all(
            """
            SELECT c.id, c.remoteID, c.walkCursor, c.backfillCursor, \(isOfSet ? "s.skip" : "NULL"), c.windowHigh
            FROM conversation AS c
            \(isOfSet ? "JOIN setRead AS s ON s.conversation = c.id" : "")
            WHERE \(Self.live) AND \(Self.open) \(scope.extent.condition(on: "c.id")) AND \(condition)
            """, arguments(), atMost: limit + busy.count + reads.reduce(0) { $0 + $1.keys.count }
        ) { columns in
            let (cursor, backfill): (String?, String?) = try (columns[2], columns[3])
            return Target(
                id: ConversationID(try columns[0]), remote: RemoteConversationID(try columns[1] as String),
                walkCursor: cursor.map { TidemarkModel.Cursor($0) },
                backfillCursor: backfill.map { TidemarkModel.Cursor($0) }, windowHigh: try columns[5], skip: try columns[4])
        }
    }

    /// Whether it is being read, or is about to be.
    func isTaken(_ key: ReadKey) -> Bool {
        busy.contains(key) || reads.contains { $0.keys.contains(key) }
    }

    mutating func append(_ read: PlannedRead) {
        reads.append(read)
    }

    mutating func add(
        _ key: ReadKey, _ purpose: PlannedRead.Purpose, of target: Target?, _ subject: PageRequest.Subject,
        cursor: TidemarkModel.Cursor? = nil, since: Timestamp? = nil, skip: Int? = nil, perPage: Int?
    ) throws {
        guard reads.count < limit, !isTaken(key) else { return }
        let request = PageRequest(
            subject, resultsPerPage: perPage, startTime: since, skip: skip, cursor: cursor, startNumber: try db.nextStartNumber(),
            identity: scope.identity)
        reads.append(
            PlannedRead(key: key, purpose: purpose, request: request, conversation: target?.id, begunAt: moment.now))
    }

    mutating func add(
        _ key: ReadKey, _ purpose: PlannedRead.Purpose, of target: Target, _ subject: PageRequest.Subject,
        cursor: TidemarkModel.Cursor?, since: Timestamp? = nil
    ) throws {
        let perPage = scope.configuration.resultsPerPage ?? scope.traits.messagePageSize
        try add(key, purpose, of: target, subject, cursor: cursor, since: since, perPage: perPage)
    }
}
