internal import GRDB
internal import TidemarkModel

/// The walk below the window, towards the beginning.
extension Reading {
    /// Extends the window downwards: at once, as what moved up meanwhile stands above the window now. A walk whose
    /// cursor died comes down from the top again, through what is known.
    func applyBackfill(_ page: Page, _ items: [RemoteMessage], of read: PlannedRead, _ id: Int64) throws {
        guard let old = try ConversationRow.fetchOne(db, key: id), let low = old.windowLow else { return }
        guard old.bottom == nil, !old.backfillIsDone, old.backfillCursor == read.request.cursor?.rawValue else { return }
        var row = old
        let edges = Walk.edges(items.map { ($0.sequence, Merge.effectiveVersion(of: $0)) })
        if let lowest = edges.last, lowest.sequence < low {
            (row.windowLow, row.windowLowTime) = (lowest.sequence, lowest.time)
            row.backfillPages += 1
        }
        row.backfillCursor = page.next?.rawValue
        if page.next == nil {
            reachBottom(&row)
        } else if isDeepEnough(row) {
            row.backfillIsDone = true
        } else if page.next == read.request.cursor {
            // The service stands still: an empty page proves nothing, so the same place is asked again, later.
            row.readsStep += 1
            row.readsNotBefore =
                moment.now.milliseconds + scope.configuration.backoffCeiling(step: row.readsStep).milliseconds
        }
        if row.backfillIsDone { row.closingIsDue = true }
        try row.updateChanges(db, from: old)
    }

    private func isDeepEnough(_ row: ConversationRow) -> Bool {
        let limit = scope.configuration.historyPages ?? scope.configuration.maximumPagesPerWalk
        return row.backfillPages >= limit
    }
}
