internal import GRDB
internal import TidemarkModel

/// What is due of each kind, and when the next read falls due that is not: a look at all of it, as most rounds find nothing.
struct Survey {
    var hasLookUps = false
    var hasWalks = false
    var hasClosings = false
    var hasDetails = false
    var hasBackfill = false
    var hasParticipants = false
    var hasReceipts = false
    var hasConfirmations = false
    var hasList = false
    /// The earliest moment after now at which another read falls due. What is due now and not planned waits for a read that is
    /// under way.
    private(set) var nextDue: Timestamp?
    let now: Int64

    init(now: Int64) {
        self.now = now
    }

    /// Whether a round may find something to read.
    func hasWork(in extent: Extent) -> Bool {
        hasLookUps || hasConfirmations || hasList || hasDetails || hasParticipants || hasReceipts
            || (extent.catchesUp ? hasWalks : hasClosings) || (extent.fillsBack && hasBackfill)
    }

    /// Tells whether it is due; if it is not, it will be.
    @discardableResult mutating func note(due time: Int64) -> Bool {
        guard time > now else { return true }
        if time < nextDue?.milliseconds ?? .max { nextDue = Timestamp(milliseconds: time) }
        return false
    }

    /// What a conversation needs.
    fileprivate mutating func note(_ row: ConversationNeeds, in extent: Extent) {
        let isOpen = row.gate <= now
        if extent.catchesUp { note(due: max(row.gate, row.topDueAt)) }
        if row.walkWanted > row.closedStart { note(due: max(row.gate, row.lookUpAt)) }
        if row.isClosingDue || row.areDetailsStale || extent.catchesUp && row.isWalking { note(due: row.gate) }
        if extent.fillsBack, !row.isBackfilled { note(due: max(row.gate, row.belowAt)) }
        guard isOpen else { return }
        let mayLookUp = row.lookUpAt <= now
        // A conversation never walked is new rather than asked for: it may wait for the list.
        if row.walkWanted > max(row.closedStart, 0), mayLookUp { hasLookUps = true }
        if row.isWalking || row.isClosingDue || row.topDueAt <= now { hasWalks = true }
        if row.isClosingDue && !row.isWalking || row.walkWanted > row.closedStart && mayLookUp { hasClosings = true }
        if row.areDetailsStale { hasDetails = true }
        if row.hasMoreBelow, row.belowAt <= now { hasBackfill = true }
    }
}

extension Planner {
    func survey(_ account: AccountRow) throws -> Survey {
        var survey = Survey(now: now)
        try surveyConversations(&survey)
        try surveySets(&survey)
        try surveyConfirmations(&survey)
        if try needsList() { survey.hasList = survey.note(due: times.opening(.list, account.listDueAt)) }
        return survey
    }

    private static let needs = ScopedSQL { extent in
        """
        SELECT readsNotBefore, readsServiceUntil, walkDueAt, walkNotBefore, walkWanted, closedStart, walkBegunStart IS NOT NULL,
            closingIsDue, detailsAreStale, backfillIsDone, windowHigh IS NOT NULL AND bottom IS NULL AND backfillIsDone = 0,
            iif(backfillCursor IS NULL, windowLowTime, NULL), closedServer, closedAt
        FROM conversation WHERE \(live) \(extent.condition(on: "id"))
        """
    }
    private static let staleSets = ScopedSQL { extent in
        """
        SELECT c.readsNotBefore, c.readsServiceUntil, s.dueAt, s.kind = 'participants'
        FROM conversation AS c JOIN setRead AS s ON s.conversation = c.id
        WHERE \(live) \(extent.condition(on: "c.id")) AND s.isStale = 1
        """
    }
    private static let unconfirmed = ScopedSQL { extent in
        """
        SELECT c.readsNotBefore, c.readsServiceUntil, i.confirmAt, c.remoteID IS NOT NULL
        FROM intent AS i JOIN conversation AS c ON c.id = i.conversation
        WHERE i.account = :account AND i.state IN (\(Outbox.openStates)) AND +i.state = 'sent' AND i.isOverlaid = 1
            AND i.confirmAt IS NOT NULL AND c.membership = 'member' \(extent.condition(on: "i.conversation"))
        """
    }

    private func surveyConversations(_ survey: inout Survey) throws {
        let rows = try db.rows(Self.needs(scope.extent), ["account": scope.account]) { [times, settle] in
            try ConversationNeeds($0, times, settle)
        }
        while let row = try rows.next() { survey.note(row, in: scope.extent) }
    }

    private func surveySets(_ survey: inout Survey) throws {
        let rows = try db.rows(Self.staleSets(scope.extent), ["account": scope.account]) { [times] in
            try (due: max(times.gate($0[0], $0[1]), times.opening(.set, $0[2])), isOfParticipants: $0[3] as Bool)
        }
        while let row = try rows.next() {
            guard survey.note(due: row.due) else { continue }
            if row.isOfParticipants { survey.hasParticipants = true } else { survey.hasReceipts = true }
        }
    }

    private func surveyConfirmations(_ survey: inout Survey) throws {
        let rows = try db.rows(Self.unconfirmed(scope.extent), ["account": scope.account]) { [times] in
            try (due: max(times.gate($0[0], $0[1]), times.opening(.confirmation, $0[2])), isKnown: $0[3] as Bool)
        }
        while let row = try rows.next() {
            if survey.note(due: row.due), row.isKnown { survey.hasConfirmations = true }
        }
    }
}

/// What decides about the reads of one conversation, its gates opened.
private struct ConversationNeeds {
    var gate: Int64
    var topDueAt: Int64
    var lookUpAt: Int64
    var walkWanted: Int64
    var closedStart: Int64
    var isWalking: Bool
    var isClosingDue: Bool
    var areDetailsStale: Bool
    var isBackfilled: Bool
    var hasMoreBelow: Bool
    /// When what stands below the window may be read.
    var belowAt: Int64 = 0

    init(_ columns: Columns, _ times: GateTimes, _ settle: Int64) throws {
        gate = try times.gate(columns[0], columns[1])
        topDueAt = try times.opening(.top, columns[2])
        lookUpAt = try times.opening(.lookUp, columns[3])
        (walkWanted, closedStart) = try (columns[4], columns[5])
        (isWalking, isClosingDue, areDetailsStale) = try (columns[6], columns[7], columns[8])
        (isBackfilled, hasMoreBelow) = try (columns[9], columns[10])
        guard hasMoreBelow, let low: Int64 = try columns[11] else { return }
        let (server, here): (Int64?, Int64?) = try (columns[12], columns[13])
        let (time, isFar) = (low - (server ?? 0)).addingReportingOverflow(here ?? 0)
        belowAt = isFar || time > .max - settle ? 0 : times.opening(.bottom, time + settle)
    }
}

extension GateTimes {
    /// When both gates of a conversation's reads open.
    fileprivate func gate(_ notBefore: Int64, _ serviceUntil: Int64) -> Int64 {
        max(opening(.backoff, notBefore), opening(.service, serviceUntil))
    }
}
