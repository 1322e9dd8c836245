internal import GRDB
internal import TidemarkModel

/// The walk from the newest change down to the window. Only it moves the window's high end (R17), and only it commits
/// coverage (R18).
extension Reading {
    func applyCatchUp(_ page: Page, _ items: [RemoteMessage], of read: PlannedRead, _ id: Int64) throws {
        guard scope.traits.changes == .listing else { return try applyFeed(page, items, of: read, id) }
        guard let old = try ConversationRow.fetchOne(db, id: id) else { return }
        var row = old
        if read.request.cursor == nil {
            begin(&row, read, page)
        } else if row.walkBegunStart == nil || row.walkCursor != read.request.cursor?.rawValue {
            return  // The walk has begun anew meanwhile: its messages are merged, and it proves nothing.
        }
        row.walkPages += 1
        let edges = Walk.edges(items.map { ($0.sequence, Merge.effectiveVersion(of: $0)) })
        let lowest = edges.last?.sequence
        let isReached = row.windowHigh.map { high in lowest.map { $0 <= high } ?? false } ?? !edges.isEmpty
        let step = Step(page: page, edges: edges, isTop: read.request.cursor == nil, isReached: isReached)
        let heldUntil = try advance(&row, step)
        if isReached || page.next == nil {
            try close(&row, over: old, step, heldUntil)
        } else {
            goOn(&row, over: old, step, read)
        }
        try row.updateChanges(db, from: old)
    }

    private struct Step {
        var page: Page
        var edges: [Edge]
        /// This answer begins at the newest change.
        var isTop: Bool
        var isReached: Bool
        /// A reject without a place may be anything (R24).
        var isBlurred: Bool { page.rejects.contains { $0.id.flatMap(Int64.init) == nil } }
        /// Down to which number this one answer shows, readably, all that there is.
        var clearDownTo: Int64? {
            guard isTop, page.isSnapshot, !isBlurred else { return nil }
            return page.next == nil ? .min : edges.last?.sequence
        }
    }

    func begin(_ row: inout ConversationRow, _ read: PlannedRead, _ page: Page) {
        endWalk(&row)
        row.walkBegunStart = read.request.startNumber
        row.walkBegunAt = read.begunAt.milliseconds
        row.walkBegunServer = page.serverDate?.milliseconds ?? read.begunAt.milliseconds
    }

    func endWalk(_ row: inout ConversationRow) {
        row.walkCursor = nil
        (row.walkHigh, row.walkHighTime, row.walkLow, row.walkLowTime) = (nil, nil, nil, nil)
        (row.walkBegunStart, row.walkBegunAt, row.walkBegunServer) = (nil, nil, nil)
        row.walkIsUnbroken = true
        row.walkPages = 0
    }

    /// Takes in what this answer shows above the window. Tells until when a young break holds the high-water.
    private func advance(_ row: inout ConversationRow, _ step: Step) throws -> Int64? {
        let high = row.windowHigh ?? -1
        let above = row.walkLow ?? Int64.max
        // What was listed twice because it moved meanwhile stands above the walk and is not part of it.
        let new = step.edges.filter { $0.sequence > high && $0.sequence < above }
        var chain = new
        if let sequence = row.walkLow, let time = row.walkLowTime { chain.insert(Edge(sequence: sequence, time: time), at: 0) }
        if step.isReached || step.page.next == nil, let sequence = row.windowHigh, let time = row.windowHighTime {
            chain.append(Edge(sequence: sequence, time: time))
        }
        if !Walk.isUnbroken(chain) || step.isBlurred { row.walkIsUnbroken = false }
        if row.walkHigh == nil, let head = new.first { (row.walkHigh, row.walkHighTime) = (head.sequence, head.time) }
        if let lowest = new.last { (row.walkLow, row.walkLowTime) = (lowest.sequence, lowest.time) }
        return try holdBack(&row, chain, step.page)
    }

    private func holdBack(_ row: inout ConversationRow, _ chain: [Edge], _ page: Page) throws -> Int64? {
        let server = page.serverDate?.milliseconds ?? now
        let hold = try Walk.hold(chain, now: server, settle: scope.traits.settleWindow.milliseconds) { above, below in
            try isExplained(above, below, in: row.id)
        }
        guard let hold else { return nil }
        (row.walkHigh, row.walkHighTime) = (hold.edge.sequence, hold.edge.time)
        return moment.now.advanced(hold.wait)
    }

    /// Messages made between the two changes that moved up since account for the numbers between them.
    func isExplained(_ above: Edge, _ below: Edge, in conversation: Int64?) throws -> Bool {
        let moved = try Int64.fetchOne(
            db,
            cached: """
                SELECT count(*) FROM message WHERE conversation = ?1 AND sort > ?2 AND sort < ?3
                    AND (sequence > ?4 OR sequence IS NULL AND version > ?3)
                """, arguments: [conversation, below.time, above.time, above.sequence])
        return (moved ?? 0) >= above.sequence - below.sequence - 1
    }

    private func goOn(_ row: inout ConversationRow, over old: ConversationRow, _ step: Step, _ read: PlannedRead) {
        row.walkCursor = step.page.next?.rawValue
        let longest = scope.configuration.maximumPagesPerWalk
        let isLower = !step.isTop && row.walkLow ?? Int64.max < old.walkLow ?? Int64.max
        if step.page.next == read.request.cursor || !(step.isTop || isLower || step.edges.isEmpty) {
            standStill(&row)
            // A tenth of all its pages: what never leads on ends the walk in the end.
            row.walkPages += max(1, longest / 10)
        } else if isLower {
            getOn(&row)
        }
        guard row.walkPages >= longest else { return }
        // It leads nowhere: from the top again, later, also where a look-up or a proof wants it at once.
        endWalk(&row)
        standStill(&row)
        row.walkDueAt = moment.now.advanced(scope.configuration.setInterval.milliseconds)
    }

    // MARK: Closing

    private func close(_ row: inout ConversationRow, over old: ConversationRow, _ step: Step, _ heldUntil: Int64?) throws {
        guard let begunStart = row.walkBegunStart, let begunAt = row.walkBegunAt else { return }
        let isProved = (step.isTop && step.page.isSnapshot) || (row.walkIsUnbroken && row.windowHigh != nil)
        if row.windowHigh == nil {
            try openWindow(&row, step)
        } else {
            if row.windowLow == nil { lowerToWhatIsShown(&row, step) }
            if let high = row.walkHigh, let time = row.walkHighTime, high > row.windowHigh ?? -1 {
                (row.windowHigh, row.windowHighTime) = (high, time)
            }
        }
        (row.closedStart, row.closedAt) = (begunStart, begunAt)
        row.closedServer = row.walkBegunServer ?? begunAt
        row.closingIsDue = !isProved
        let proof = isProved ? Proof(begunStart: begunStart, begunAt: begunAt, clearDownTo: step.clearDownTo) : nil
        try finish(&row, over: old, proof, heldUntil: heldUntil)
    }

    /// What a walk that reached its end is good for: all that had changed when this request began is stored.
    struct Proof {
        var begunStart: Int64
        var begunAt: Int64
        /// Down to which number its one answer showed, readably, all that there is.
        var clearDownTo: Int64?
    }

    /// Ends a walk that reached its end, and tells what it proved.
    func finish(
        _ row: inout ConversationRow, over old: ConversationRow, _ proof: Proof?, heldUntil: Int64?
    ) throws {
        guard let id = row.id else { return }
        // A first proof is asked for at once; one that failed, later.
        if proof != nil || !old.closingIsDue { getOn(&row) } else { standStill(&row) }
        row.walkDueAt = try due(row, over: old, held: heldUntil)
        endWalk(&row)
        if scope.traits.changes == .listing, old.windowHigh != nil { try cutAtYoungBreak(&row, readSince: old.closedServer) }
        try row.updateChanges(db, from: old)
        guard let proof else { return }
        try commitCoverage(row)
        try Outbox.walkClosed(
            conversation: id, begunStart: proof.begunStart, begunAt: proof.begunAt, clearDownTo: proof.clearDownTo, scope, moment,
            db)
    }

    /// The first answer is the window.
    private func openWindow(_ row: inout ConversationRow, _ step: Step) throws {
        let isEmpty = step.edges.isEmpty && step.page.rejects.isEmpty
        if let high = row.walkHigh, let highTime = row.walkHighTime, let low = row.walkLow, let lowTime = row.walkLowTime {
            (row.windowHigh, row.windowHighTime, row.windowLow, row.windowLowTime) = (high, highTime, low, lowTime)
        } else if isEmpty {
            // Nothing is there: whatever comes has a number above zero.
            (row.windowHigh, row.windowHighTime, row.windowLow, row.windowLowTime) = (0, 0, 0, 0)
        } else {
            return
        }
        row.backfillCursor = step.page.next?.rawValue
        allowBackfill(&row)
        if step.page.next == nil, !mayHideBelow(row, step.page) { try reachBottom(&row) }
    }

    /// The window of a user who has just become the account's begins at the first change that is shown to that user: at what was known
    /// before, if the walk has met it.
    private func lowerToWhatIsShown(_ row: inout ConversationRow, _ step: Step) {
        if step.isReached {
            (row.windowLow, row.windowLowTime) = (row.windowHigh, row.windowHighTime)
        } else {
            (row.windowLow, row.windowLowTime) = (row.walkLow, row.walkLowTime)
        }
        if row.windowLow != nil { allowBackfill(&row) }
    }

    /// Lists may lag and run out of order: what is as young as that may not be the lowest, unless it is the first of all.
    func mayHideBelow(_ row: ConversationRow, _ page: Page) -> Bool {
        guard let low = row.windowLow, low > 1, let time = row.windowLowTime else { return false }
        return isYoung(time, at: page.serverDate?.milliseconds ?? now)
    }

    /// Whether lists may not have shown at a time of the service all that was changed until another one.
    func isYoung(_ time: Int64, at server: Int64) -> Bool {
        let (age, overflow) = server.subtractingReportingOverflow(time)
        return !overflow && age < scope.traits.settleWindow.milliseconds
    }

    /// Everything created from the window's low end on is stored (R18).
    private func commitCoverage(_ row: ConversationRow) throws {
        guard let id = row.id, let lowTime = row.windowLowTime, let high = row.windowHighTime else { return }
        let low = row.bottom == nil ? lowTime : min(0, lowTime)
        guard low <= high else { return }
        try Coverage.change(id, identities: identities, db) { $0.insert(low...high) }
    }

    /// When the top is read again (R17, R22).
    private func due(_ row: ConversationRow, over old: ConversationRow, held: Int64?) throws -> Int64 {
        // Something asked for a walk while this one was under way.
        if old.walkDueAt > row.closedAt, old.walkDueAt <= now { return old.walkDueAt }
        var due = moment.now.advanced(try scope.topInterval(db))
        if let wait = freshnessWait(row) { due = min(due, afterBeginning(of: row, wait)) }
        if let lag = youngLag(row) { due = min(due, afterBeginning(of: row, lag)) }
        return min(due, held ?? due)
    }

    /// Lists may lag: what was changed less than a settle window before this walk may not have been in them yet. How
    /// long after the walk's beginning that is over, if anything was. An empty conversation has not shown even its own
    /// making: it is asked again at twice its age.
    private func youngLag(_ row: ConversationRow) -> Int64? {
        let settle = scope.traits.settleWindow.milliseconds
        guard row.windowHigh != 0 else {
            let age = row.closedServer.subtractingReportingOverflow(row.createdAt ?? row.closedServer).partialValue
            return max(settle, age)
        }
        let newest = max(row.windowHighTime ?? 0, row.lastMessageAt ?? 0)
        let age = row.closedServer.subtractingReportingOverflow(newest).partialValue
        return (0..<settle).contains(age) ? settle - age : nil
    }
}

extension Timestamp {
    func advanced(_ milliseconds: Int64) -> Int64 {
        (self + .milliseconds(milliseconds)).milliseconds
    }
}
