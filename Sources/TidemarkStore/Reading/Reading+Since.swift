internal import GRDB
internal import TidemarkModel

/// A walk bounded by `startTime`: it proves what was created since then, and neither moves the high-water nor proves a
/// beginning (R18).
extension Reading {
    mutating func applySince(
        _ page: Page, _ items: [RemoteMessage], _ state: SinceWalk, of read: PlannedRead, _ id: ConversationID
    ) throws {
        var state = state
        let made = items.compactMap(\.place).filter { $0 >= state.since.milliseconds }
        if let lowest = made.min() { state.lowest = min(state.lowest ?? lowest, lowest) }
        guard scope.traits.changes == .listing else { return try applySinceFeed(page, items, state, of: read, id) }
        let isTop = read.request.cursor == nil
        if isTop { (state.head, state.low, state.ceiling) = (nil, nil, nil) }
        let edges = Walk.edges(items.map { ($0.sequence, Merge.effectiveVersion(of: $0)) })
        let isReached = state.known.map { known in edges.last.map { $0.sequence <= known.sequence } ?? false } ?? false
        try holdSinceBack(&state, edges, page, id)
        if state.head == nil { state.head = edges.first }
        state.low = edges.last ?? state.low
        state.pages += 1
        guard isReached || page.next == nil else {
            return try continueSince(state, page.next, read, id)
        }
        if isTop && page.isSnapshot { return try commit(state, id) }
        (state.known, state.head) = (state.head, nil)
        try continueSince(state, nil, read, id)
    }

    /// A feed of what changed since then, in any order: one answer that holds all of it proves it, or a second pass that shows
    /// nothing which the first should have shown.
    private mutating func applySinceFeed(
        _ page: Page, _ items: [RemoteMessage], _ walk: SinceWalk, of read: PlannedRead, _ id: ConversationID
    ) throws {
        var state = walk
        let isTop = read.request.cursor == nil
        if isTop {
            (state.head, state.isUnbroken) = (nil, true)
            state.begun = page.serverDate?.milliseconds ?? read.begunAt.milliseconds
        }
        if let before = state.begunBefore, earliestChange <= before { state.isUnbroken = false }
        let newest = max(state.head?.time ?? .min, items.map(Merge.effectiveVersion).max() ?? .min)
        if newest > .min { state.head = Edge(sequence: newest, time: newest) }
        state.pages += 1
        guard page.next == nil else { return try continueSince(state, page.next, read, id) }
        if isTop && page.isSnapshot { return try commit(state, id) }
        if let before = state.begunBefore, state.isUnbroken {
            state.ceiling = min(newest, before)
            return try commit(state, id)
        }
        state.begunBefore = state.begun
        try continueSince(state, nil, read, id)
    }

    private func holdSinceBack(_ state: inout SinceWalk, _ edges: [Edge], _ page: Page, _ id: ConversationID) throws {
        let server = page.serverDate?.milliseconds ?? now
        let chain = (state.low.map { [$0] } ?? []) + edges.filter { $0.sequence < state.low?.sequence ?? Int64.max }
        let hold = try Walk.hold(chain, now: server, settle: scope.traits.settleWindow.milliseconds) { above, below in
            try isExplained(above, below, in: id.number)
        }
        if let hold { state.ceiling = hold.edge.time }
    }

    private mutating func continueSince(
        _ state: SinceWalk, _ cursor: TidemarkModel.Cursor?, _ read: PlannedRead, _ id: ConversationID
    ) throws {
        guard state.pages < scope.configuration.maximumPagesPerWalk, cursor == nil || cursor != read.request.cursor
        else { return }
        var request = read.request
        request.cursor = cursor
        request.startNumber = try db.nextStartNumber()
        report.next = PlannedRead(
            key: read.key, purpose: .since(state), request: request, conversation: id, begunAt: moment.now)
    }

    private func commit(_ state: SinceWalk, _ id: ConversationID) throws {
        // Who is shown only some of it, or is not who it was before, knows no more than what was shown.
        let isShownAll = scope.traits.history != .sinceJoin && identities.count < 2
        guard let low = isShownAll ? state.since.milliseconds : state.lowest, let high = state.ceiling ?? state.head?.time,
            low <= high
        else { return }
        try Coverage.change(id.number, identities: identities, db) { $0.insert(low...high) }
    }
}
