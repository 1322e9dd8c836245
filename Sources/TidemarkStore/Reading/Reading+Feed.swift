internal import GRDB
internal import TidemarkModel

/// Catching up where changes come from a feed beside the history (``ServiceTraits/Changes/feed``).
///
/// The first answer of the history opens the window. From then on everything that changed since the window's high end is asked
/// for, in whatever order the service tells it, so that only its end proves anything (R26). Its numbers are times: one that is
/// missing means nothing, and one that is as young as lists may lag is asked for again.
extension Reading {
    func applyFeed(_ page: Page, _ items: [RemoteMessage], of read: PlannedRead, _ id: Int64) throws {
        guard let old = try ConversationRow.fetchOne(db, id: id) else { return }
        var row = old
        if read.request.cursor == nil {
            // It was asked before another answer opened the window, or a push took it back.
            guard (row.windowHigh == nil) == (read.request.startTime == nil),
                read.request.startTime?.milliseconds ?? .min <= row.windowHigh ?? .max
            else { return }
            begin(&row, read, page)
        } else if row.walkBegunStart == nil || row.walkCursor != read.request.cursor?.rawValue {
            return  // The walk has begun anew meanwhile: its messages are merged, and it proves nothing.
        }
        row.walkPages += 1
        if let newest = items.map(Merge.effectiveVersion).max() { row.walkHighTime = max(row.walkHighTime ?? newest, newest) }
        // Of those made since the window's high end, which it shows all of.
        let made = items.compactMap(\.place).filter { $0 > old.windowHigh ?? .max }
        if let lowest = made.min() { row.walkLow = min(row.walkLow ?? lowest, lowest) }
        // What the walk before this one should have shown and did not: pages moved under it.
        if earliestChange <= old.closedServer { row.walkIsUnbroken = false }
        if row.windowHigh == nil {
            try openFeed(&row, page, items)
            try closeFeed(&row, over: old, page, read)
        } else if page.next == nil {
            try closeFeed(&row, over: old, page, read)
        } else {
            goOnFeed(&row, page, read)
        }
        try row.updateChanges(db, from: old)
    }

    /// The window reaches down to what was made first of that answer, and its changes are known from before it was asked for: from
    /// before a push brought what it no longer shows.
    private func openFeed(_ row: inout ConversationRow, _ page: Page, _ items: [RemoteMessage]) throws {
        let settled = settled(before: row.walkBegunServer ?? now)
        let pushed = try Int64.fetchOne(
            db,
            cached: """
                SELECT min(version) FROM message
                WHERE conversation = ? AND remoteID IS NOT NULL AND deletedAt IS NULL AND seenStart < ?
                """, arguments: [row.id, row.walkBegunStart])
        row.windowHigh = max(0, min(settled, (pushed ?? settled).advanced(by: pushed == nil ? 0 : -1)))
        var low = items.compactMap(\.place).min()
        // An empty page is all there is only where it is the last, and only to who is shown everything.
        if low == nil, page.next == nil, scope.traits.history != .sinceJoin { low = page.rejects.isEmpty ? 0 : settled }
        (row.windowLow, row.windowLowTime) = (low, low)
        row.windowHighTime = [row.walkHighTime, low].compactMap(\.self).max()
        row.backfillCursor = page.next?.rawValue
        allowBackfill(&row)
        if page.next == nil, !mayHideBelow(row, page) { try reachBottom(&row) }
    }

    /// A push brought what the feed should have shown and has not. It may have been deleted before the window was opened: from there
    /// on the feed is read once more.
    func takeBack(to version: Int64, in conversation: Int64) throws {
        guard scope.traits.changes == .feed, let old = try ConversationRow.fetchOne(db, id: conversation),
            let high = old.windowHigh, version <= high
        else { return }
        var row = old
        row.windowHigh = max(0, version - 1)
        row.walkDueAt = min(row.walkDueAt, now)
        endWalk(&row)
        try row.updateChanges(db, from: old)
    }

    private func goOnFeed(_ row: inout ConversationRow, _ page: Page, _ read: PlannedRead) {
        row.walkCursor = page.next?.rawValue
        let longest = scope.configuration.maximumPagesPerWalk
        if page.next == read.request.cursor {
            // The service stands still: an empty page proves nothing, so the same place is asked again, later and later.
            standStill(&row)
            row.walkPages += max(1, longest / 10)
        } else {
            getOn(&row)
        }
        guard row.walkPages >= longest else { return }
        endWalk(&row)
        standStill(&row)
        row.walkDueAt = moment.now.advanced(scope.configuration.setInterval.milliseconds)
    }

    /// One answer that holds all of it proves itself. Of several, items may have moved while they were read: a second walk over the
    /// same range that shows nothing which the first should have shown proves the first (R18).
    private func closeFeed(_ row: inout ConversationRow, over old: ConversationRow, _ page: Page, _ read: PlannedRead) throws {
        guard let begunStart = row.walkBegunStart, let begunAt = row.walkBegunAt else { return }
        let begunServer = row.walkBegunServer ?? begunAt
        let isWhole = read.request.cursor == nil && page.isSnapshot
        var proof: Proof?
        if isWhole {
            proof = Proof(begunStart: begunStart, begunAt: begunAt, clearDownTo: clearDownTo(page, read))
        } else if row.walkIsUnbroken, old.closingIsDue, old.closedStart >= 0 {
            proof = Proof(begunStart: old.closedStart, begunAt: old.closedAt)
        }
        if proof != nil, old.windowHigh != nil {
            let until = isWhole ? begunServer : old.closedServer
            row.windowHigh = max(row.windowHigh ?? 0, settled(before: until))
            let newest = row.walkHighTime.map { isWhole ? $0 : min($0, until) }
            row.windowHighTime = [row.windowHighTime, newest].compactMap(\.self).max()
            if row.windowLow == nil, let low = row.walkLow {
                // The first that this user is shown: what is older may be shown as well.
                lower(&row, to: Edge(sequence: low, time: low))
                allowBackfill(&row)
            }
        }
        (row.closedStart, row.closedAt, row.closedServer) = (begunStart, begunAt, begunServer)
        row.closingIsDue = try proof.map { try !isWhole && isDoubtful(since: $0.begunStart, row) } ?? true
        try finish(&row, over: old, proof, heldUntil: nil)
    }

    /// Up to when a service shows all that changed, when it is asked at a time.
    private func settled(before server: Int64) -> Int64 {
        let (time, overflow) = server.subtractingReportingOverflow(scope.traits.settleWindow.milliseconds)
        return overflow ? 0 : max(0, time)
    }

    /// Down to which change this one answer shows, readably, all that there is.
    private func clearDownTo(_ page: Page, _ read: PlannedRead) -> Int64? {
        guard !page.rejects.contains(where: { $0.id.flatMap(Int64.init) == nil }) else { return nil }
        return read.request.startTime?.milliseconds ?? (page.next == nil ? .min : nil)
    }

    /// Whether something is in doubt that a walk which began with that request can't decide.
    private func isDoubtful(since start: Int64, _ row: ConversationRow) throws -> Bool {
        guard hasIntents else { return false }
        return try Bool.fetchOne(
            db,
            cached: """
                SELECT EXISTS (SELECT 1 FROM intent WHERE account = ?1 AND conversation = ?2 AND state IN (\(Outbox.openStates))
                    AND +state = 'inDoubt' AND asks = 0 AND verb <> 'createConversation' AND doubtStart >= ?3)
                """, arguments: [scope.account, row.id, start]) ?? false
    }
}
