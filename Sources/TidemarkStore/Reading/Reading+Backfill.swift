internal import GRDB
internal import TidemarkModel

/// The walk below the window, towards the beginning.
extension Reading {
    /// Extends the window downwards: at once, as what moved up meanwhile stands above the window now. A walk whose
    /// cursor died comes down from the top again, through what is known.
    func applyBackfill(_ page: Page, _ items: [RemoteMessage], of read: PlannedRead, _ id: Int64) throws {
        guard let old = try ConversationRow.fetchOne(db, id: id), old.windowHigh != nil else { return }
        guard old.bottom == nil, !old.backfillIsDone, old.backfillCursor == read.request.cursor?.rawValue else { return }
        var row = old
        if let lowest = lowest(of: items), lowest.sequence < old.windowLow ?? .max {
            lower(&row, to: lowest)
            row.backfillPages += 1
            getOn(&row)
        }
        row.backfillCursor = page.next?.rawValue
        if page.next == nil, mayHideBelow(row, page) {
            // Down from the top once more, when it is older.
            if row.windowLow == old.windowLow { standStill(&row) } else { row.closingIsDue = true }
        } else if page.next == nil {
            try reachBottom(&row)
        } else if isDeepEnough(row) {
            row.backfillIsDone = true
        } else if page.next == read.request.cursor {
            // The service stands still: an empty page proves nothing, so the same place is asked again, later.
            standStill(&row)
        }
        if row.backfillIsDone { row.closingIsDue = true }
        try row.updateChanges(db, from: old)
    }

    /// A window that had no low end may not have known anything as new.
    func lower(_ row: inout ConversationRow, to edge: Edge) {
        if row.windowLow == nil { row.windowHighTime = max(row.windowHighTime ?? edge.time, edge.time) }
        (row.windowLow, row.windowLowTime) = (edge.sequence, edge.time)
    }

    /// What stands below the window may be read, as far as is wanted.
    func allowBackfill(_ row: inout ConversationRow) {
        row.backfillPages = 0
        row.backfillIsDone = scope.configuration.historyPages.map { $0 <= 0 } ?? false
    }

    /// A listing has come to its end: nothing older is shown to this user.
    func reachBottom(_ row: inout ConversationRow) throws {
        row.backfillIsDone = true
        row.backfillCursor = nil
        guard try endIsBeginning(row) else { return }
        if row.windowLow == nil { (row.windowLow, row.windowLowTime) = (0, 0) }
        row.bottom = row.windowLow == 1 ? "first" : "visibleEnd"
    }

    /// Whether nothing was said before the end of a listing. Who is shown only some of it can't know (R25); nor can who has become
    /// another user since, where something is stored from below that end.
    private func endIsBeginning(_ row: ConversationRow) throws -> Bool {
        if row.windowLow == 1, scope.traits.changes == .listing { return true }
        guard scope.traits.history != .sinceJoin else { return false }
        guard identities.count > 1, let id = row.id else { return true }
        let low = row.windowLowTime ?? .max
        let isLower = try Bool.fetchOne(
            db,
            cached: """
                SELECT EXISTS (SELECT 1 FROM coverage WHERE conversation = ?1 AND high < ?2)
                    OR EXISTS (SELECT 1 FROM message WHERE conversation = ?1 AND place < ?2 AND deletedAt IS NULL)
                """, arguments: [id, low])
        return isLower == false
    }

    /// How far down a page of the history reaches, in the order in which it is listed.
    private func lowest(of items: [RemoteMessage]) -> Edge? {
        guard scope.traits.changes == .feed else {
            return Walk.edges(items.map { ($0.sequence, Merge.effectiveVersion(of: $0)) }).last
        }
        return items.compactMap(\.place).filter { $0 >= 0 }.min().map { Edge(sequence: $0, time: $0) }
    }

    /// What was read on the way down is not whole where a number is missing that could still turn up then, at the earliest when the
    /// walk before this one began: the window ends above it, and what stands below is read again when that is settled.
    func cutAtYoungBreak(_ row: inout ConversationRow, readSince server: Int64) throws {
        guard let id = row.id, let low = row.windowLow, let lowTime = row.windowLowTime, let high = row.windowHigh,
            let time = row.windowHighTime, isYoung(time, at: server), try !Coverage.of(id, db).contains(lowTime)
        else { return }
        let changes = try db.rows(
            "SELECT sequence, version FROM message WHERE conversation = ?1 AND sequence BETWEEN ?2 AND ?3 ORDER BY sequence DESC",
            [id, low, high]
        ) { try Edge(sequence: $0[0], time: $0[1]) }
        var above = Edge(sequence: high, time: time)
        while let below = try changes.next(), isYoung(above.time, at: server) {
            let isOpen = try Walk.isOpen(
                above, below, now: server, settle: scope.traits.settleWindow.milliseconds
            ) { try isExplained($0, $1, in: id) }
            guard !isOpen else {
                (row.windowLow, row.windowLowTime) = (above.sequence, above.time)
                (row.bottom, row.backfillIsDone, row.backfillCursor) = (nil, false, nil)
                return
            }
            above = below
        }
    }

    /// A walk that was answered and came no further goes on later and later: no loop of requests without a pause.
    func standStill(_ row: inout ConversationRow) {
        row.readsStep = min(row.readsStep + 1, 1000)
        row.readsNotBefore = moment.now.advanced(scope.configuration.backoffCeiling(step: row.readsStep).milliseconds)
    }

    /// A walk came further: the way is free (P9).
    func getOn(_ row: inout ConversationRow) {
        (row.readsStep, row.readsNotBefore) = (0, 0)
    }

    private func isDeepEnough(_ row: ConversationRow) -> Bool {
        let limit = scope.configuration.historyPages ?? scope.configuration.maximumPagesPerWalk
        return row.backfillPages >= limit
    }
}
