internal import GRDB
internal import TidemarkModel

extension Reading {
    mutating func apply(_ page: Page, of read: PlannedRead) throws {
        guard !isOfAnotherUser(read) else { return try applyToldToAnother(page, of: read) }
        guard read.purpose != .list else {
            guard case .conversations(let items) = page.items else { return }
            try keep(page.rejects, subject: "conversations", in: nil, hole: nil)
            return try applyList(page, items, of: read)
        }
        if read.isTogether { return try applyTogether(page, of: read) }
        guard let id = try target(of: read) else { return }
        touched = .conversation(ConversationID(id))
        switch page.items {
        case .conversations(let items): try applyDetails(items, page, of: read, id)
        case .messages(let items): try apply(items, page, of: read, id)
        case .participants(let items):
            try keep(page.rejects, subject: "participants", in: id, hole: nil)
            try applyParticipants(page, items, of: read, id)
        case .receipts(let items):
            try keep(page.rejects, subject: "receipts", in: id, hole: nil)
            try applyReceipts(page, items, of: read, id)
        }
    }

    /// The row that a read is about: two rows of one conversation may have become one while it was under way.
    private func target(of read: PlannedRead) throws -> Int64? {
        switch read.request.subject {
        case .conversations: nil
        case .conversation(let remote), .messages(let remote), .message(_, let remote), .participants(let remote),
            .receipts(let remote):
            try findConversation(remote)
        }
    }

    mutating func apply(_ items: [RemoteMessage], _ page: Page, of read: PlannedRead, _ id: Int64) throws {
        if case .message = read.request.subject { isOfOne = true }
        let wanted = read.purpose == .catchUp ? try leavingOutForgotten(items, in: id) : items
        for item in wanted { try merge(item, .page, in: id, startNumber: read.request.startNumber) }
        let isListing = if case .messages = read.request.subject { true } else { false }
        let hole = isListing && !page.rejects.isEmpty ? try hole(in: page, items, of: read, id) : nil
        try keep(page.rejects, subject: isListing ? "messages" : "message", in: id, hole: hole)
        switch read.purpose {
        case .catchUp:
            try applyCatchUp(page, items, of: read, id)
            if report.received > 0 { try markStale("receipts", of: id) }
        case .backfill: try applyBackfill(page, items, of: read, id)
        case .since(let state): try applySince(page, items, state, of: read, ConversationID(id))
        default: break
        }
    }

    /// What a prune took stays away: a page of what is newest may list it once more. What was changed since is news; and a backfill asks
    /// for all of it.
    private func leavingOutForgotten(_ items: [RemoteMessage], in id: Int64) throws -> [RemoteMessage] {
        guard let row = try ConversationRow.fetchOne(db, id: id), row.bottom == nil, row.backfillIsDone,
            let high = row.windowHigh, let lowTime = row.windowLowTime
        else { return items }
        return try items.filter { item in
            guard let sequence = item.sequence, sequence <= high, Merge.effectiveVersion(of: item) <= lowTime else { return true }
            // A look-up goes further down, for what may be our own.
            let isOwn = item.token != nil || item.sender.map { identities.contains($0.rawValue) } ?? true
            if hasIntents, isOwn { return true }
            return try MessageRow.find(item.id.rawValue, in: id, db) != nil
        }
    }

    // MARK: Another user

    /// Whether it was asked as a user who the account no longer is: what was shown to one user proves nothing of what is shown to
    /// another (R13).
    func isOfAnotherUser(_ read: PlannedRead) -> Bool {
        guard let asked = read.request.identity, let current = scope.identity else { return false }
        return asked != current
    }

    /// What was told is so, and that is all: a walk since a time begins anew.
    private mutating func applyToldToAnother(_ page: Page, of read: PlannedRead) throws {
        if case .messages(let items) = page.items, let id = try target(of: read) {
            for item in items { try merge(item, .page, in: id, startNumber: nil) }
        }
        for (remote, items) in page.furtherMessages.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            guard let id = try findConversation(remote) else { continue }
            for item in items { try merge(item, .page, in: id, startNumber: nil) }
        }
        guard case .since(let state) = read.purpose else { return }
        var request = read.request
        (request.cursor, request.identity) = (nil, scope.identity)
        request.startNumber = try db.nextStartNumber()
        report.next = PlannedRead(
            key: read.key, purpose: .since(SinceWalk(since: state.since)), request: request, conversation: read.conversation,
            begunAt: moment.now)
    }

    /// Where a reject without a place may stand: somewhere between the changes around this page.
    private func hole(
        in page: Page, _ items: [RemoteMessage], of read: PlannedRead, _ id: Int64
    ) throws -> ClosedRange<Int64>? {
        guard let row = try ConversationRow.fetchOne(db, id: id) else { return nil }
        let low = items.map(Merge.effectiveVersion).min() ?? 0
        let newest = (page.serverDate ?? moment.now).advanced(1000)
        let above: Int64? =
            switch read.purpose {
            case .backfill: row.backfillCursor == nil ? nil : row.windowLowTime
            case .catchUp: read.request.cursor == nil ? nil : row.walkLowTime
            default: nil
            }
        let high = above.map { $0 - 1 } ?? max(newest, items.map(Merge.effectiveVersion).max() ?? 0)
        return low...max(low, high)
    }
}
