internal import GRDB
internal import TidemarkModel

/// One answer of a feed that tells of several conversations.
extension Reading {
    /// Where the answer holds all that there is, each conversation's window and coverage move as if it had been asked for alone, in one
    /// transaction. Where it does not, or where something in it could be any of theirs, it proves nothing: what it tells is merged, and
    /// each is asked for alone.
    mutating func applyTogether(_ page: Page, of read: PlannedRead) throws {
        guard case .messages(let first) = page.items else { return }
        let isWhole = page.next == nil && page.rejects.isEmpty
        var told: Set<ConversationID> = []
        for (index, alone) in read.alone.enumerated() {
            guard case .messages(let remote) = alone.request.subject, let id = try findConversation(remote) else { continue }
            told.insert(ConversationID(id))
            let items = index == 0 ? first : page.furtherMessages[remote] ?? []
            let before = report
            // Each proof looks at what its own conversation was shown.
            earliestChange = .max
            if try isWhole && isCurrent(alone, id) {
                var own = page
                (own.items, own.furtherMessages) = (.messages(items), [:])
                try apply(items, own, of: alone, id)
            } else {
                for item in items { try merge(item, .page, in: id, startNumber: read.request.startNumber) }
                if !isWhole { try askAlone(id, since: read) }
            }
            if report.isMore(than: before) { report.conversationsTold.append(ConversationID(id)) }
        }
        touched = .conversations(told)
    }

    /// Whether nothing was walked there since it was asked.
    private func isCurrent(_ read: PlannedRead, _ id: Int64) throws -> Bool {
        guard let row = try ConversationRow.fetchOne(db, id: id) else { return false }
        return row.walkBegunStart == nil && row.closedStart < read.request.startNumber
    }

    /// What is wrong with one of them holds the others up no longer than one request: each is asked for alone, and what comes of that
    /// concerns it alone.
    func askAlone(_ id: Int64, since read: PlannedRead) throws {
        try db.execute(
            cached: """
                UPDATE conversation SET walkWanted = closedStart + 1, walkNotBefore = 0
                WHERE id = ?1 AND walkWanted <= closedStart AND closedStart < ?2
                """, arguments: [id, read.request.startNumber])
    }

    /// Who is asked for as what user, and whether the service is there at all, concerns all of them; anything else may be the
    /// fault of one.
    func failTogether(
        _ error: ServiceError, of read: PlannedRead, using generator: inout some RandomNumberGenerator
    ) throws -> ReadFailure {
        for alone in read.alone {
            guard let id = alone.conversation?.number else { continue }
            if error.code == .wrongIdentity {
                try backOff(.lane, alone, using: &generator)
            } else {
                try askAlone(id, since: read)
            }
        }
        return .nothing
    }
}

extension ApplyReport {
    fileprivate func isMore(than other: ApplyReport) -> Bool {
        (received, edited, deleted) != (other.received, other.edited, other.deleted)
    }
}
