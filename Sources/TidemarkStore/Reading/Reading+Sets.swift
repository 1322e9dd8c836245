internal import Foundation
internal import GRDB
internal import TidemarkModel

/// Participants and receipts: sets that are read by offset, each page over the last item of the one before (R23).
extension Reading {
    mutating func applyParticipants(_ page: Page, _ items: [Participant], of read: PlannedRead, _ id: Int64) throws {
        let removed = hasIntents ? try Outbox.justRemoved(in: id, scope, moment, db) : []
        for participant in items {
            let isOld = try removed.contains(participant.id) || read.request.startNumber <= acknowledgedStart(in: id)
            try list(participant, page.serverDate, isOld: isOld, in: id)
        }
        let members = items.map(\.id.rawValue)
        guard let set = try advance("participants", id, page, members, read) else { return }
        try close(set, page.serverDate)
        guard hasIntents, let begunStart = set.begunStart else { return }
        try Outbox.membersRead(Set(SetReadRow.list(set.members)), begunStart, in: id, scope, moment, db)
    }

    mutating func applyReceipts(_ page: Page, _ items: [Receipt], of read: PlannedRead, _ id: Int64) throws {
        for receipt in items { try merge(receipt, in: id) }
        guard var set = try advance("receipts", id, page, items.map(\.participant.rawValue), read) else { return }
        finish(&set)
        try set.update(db)
    }

    // MARK: Paging

    /// Takes one page into the open read. Returns the set when the read is complete.
    private func advance(
        _ kind: String, _ id: Int64, _ page: Page, _ items: [String], _ read: PlannedRead
    ) throws -> SetReadRow? {
        guard var set = try SetReadRow.of(kind, id, db) else { return nil }
        let skip = read.request.skip ?? 0
        guard skip == (set.skip ?? 0) else { return nil }
        var members = skip == 0 ? [] : SetReadRow.list(set.members)
        if skip == 0 {
            set.begunStart = read.request.startNumber
        } else if items.first != members.last {
            // Somebody came or went in front: what was read so far may have a hole.
            restart(&set, dueAt: moment.now.advanced(Freshness.slack))
            try set.update(db)
            return nil
        }
        let known = Set(members)
        let new = items.filter { !known.contains($0) }
        members += new
        set.members = SetReadRow.json(members)
        set.skip = max(0, members.count - 1)
        if page.next == nil { return set }
        // It leads nowhere: nothing new, or one item only, over which the next page can't overlap. The next try can hardly
        // do better: as seldom as after a failure.
        if new.isEmpty || set.skip == skip {
            restart(&set, dueAt: moment.now.advanced(10 * scope.configuration.setInterval.milliseconds))
        }
        try set.update(db)
        return nil
    }

    private func restart(_ set: inout SetReadRow, dueAt: Int64) {
        (set.skip, set.members, set.begunStart) = (nil, nil, nil)
        set.dueAt = dueAt
    }

    private func finish(_ set: inout SetReadRow) {
        (set.lastMembers, set.lastStart) = (set.members, set.begunStart)
        set.isStale = false
        restart(&set, dueAt: moment.now.advanced(scope.configuration.setInterval.milliseconds))
    }

    // MARK: Participants

    /// An addition applies at once, unless a message of the same second or later said that the person left.
    private func list(_ participant: Participant, _ date: Timestamp?, isOld: Bool, in id: Int64) throws {
        let limit = isOld ? Int64.min : date.map { $0.milliseconds - 1 } ?? Int64.max
        let earlier =
            try Int64?.fetchOne(
                db, cached: "SELECT shareHistoryTime FROM participant WHERE conversation = ? AND participant = ?",
                arguments: [id, participant.id.rawValue]) ?? nil
        try db.execute(
            cached: """
                INSERT INTO participant (conversation, participant, displayName, role, shareHistoryTime)
                VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT DO UPDATE SET displayName = coalesce(excluded.displayName, displayName),
                    role = coalesce(excluded.role, role),
                    shareHistoryTime = coalesce(excluded.shareHistoryTime, shareHistoryTime),
                    isPresent = CASE WHEN changedAt <= ?6 THEN 1 ELSE isPresent END
                """,
            arguments: [
                id, participant.id.rawValue, participant.displayName, participant.role,
                participant.shareHistoryTime?.milliseconds, limit,
            ])
        if identities.contains(participant.id.rawValue), let earlier, let now = participant.shareHistoryTime?.milliseconds,
            now < earlier
        {
            try reopenBottom(of: id)
        }
    }

    /// Who is not listed is gone only when two complete reads in a row say so, both begun after the last own change.
    private func close(_ set: SetReadRow, _ date: Timestamp?) throws {
        var set = set
        let members = Set(SetReadRow.list(set.members))
        let missing = try present(in: set.conversation).filter { !members.contains($0.participant) }
        if !missing.isEmpty {
            let acknowledged = try acknowledgedStart(in: set.conversation)
            let isSecond = members == set.lastMembers.map { Set(SetReadRow.list($0)) }
            guard isSecond, let last = set.lastStart, last > acknowledged, (set.begunStart ?? 0) > acknowledged else {
                (set.lastMembers, set.lastStart) = (set.members, set.begunStart)
                // A moment later: two answers of one moment are one witness.
                restart(&set, dueAt: moment.now.advanced(Freshness.slack))
                return try set.update(db)
            }
            for person in missing where date.map({ person.changedAt < $0.milliseconds }) ?? true {
                try leave(person.participant, set.conversation)
            }
        }
        finish(&set)
        try set.update(db)
    }

    private struct Present {
        var participant: String
        var changedAt: Int64
    }

    private func present(in conversation: Int64) throws -> [Present] {
        try db.all("SELECT participant, changedAt FROM participant WHERE conversation = ? AND isPresent = 1", [conversation]) {
            try Present(participant: $0[0], changedAt: $0[1])
        }
    }

    private func leave(_ participant: String, _ conversation: Int64) throws {
        try db.execute(
            cached: "UPDATE participant SET isPresent = 0 WHERE conversation = ? AND participant = ?",
            arguments: [conversation, participant])
        try db.journal(JournalEntry(kind: "participantGone", conversation: conversation, cause: "absence"), scope, moment)
    }

    /// The newest request that had begun when an own change of the participants was acknowledged.
    private func acknowledgedStart(in conversation: Int64) throws -> Int64 {
        guard hasIntents else { return -1 }
        return try Int64.fetchOne(
            db,
            cached: """
                SELECT max(acknowledgedStart) FROM intent WHERE account = ? AND conversation = ?
                    AND verb IN ('addParticipants', 'removeParticipant')
                """, arguments: [scope.account, conversation]) ?? -1
    }

    // MARK: Receipts

    mutating func merge(_ receipt: Receipt, in conversation: Int64) throws {
        try db.execute(
            cached: """
                INSERT INTO receipt (conversation, participant, message, readAt) VALUES (?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET message = excluded.message, readAt = excluded.readAt
                WHERE (excluded.readAt, excluded.message) > (readAt, message)
                """,
            arguments: [
                conversation, receipt.participant.rawValue, receipt.message.rawValue, receipt.readAt.milliseconds,
            ])
        guard identities.contains(receipt.participant.rawValue) else { return }
        let place = try MessageRow.find(receipt.message.rawValue, in: conversation, db)?.place ?? Int64(receipt.message.rawValue)
        guard let place else { return }
        try db.execute(
            cached: "UPDATE conversation SET remoteHorizon = ?1 WHERE id = ?2 AND remoteHorizon < ?1",
            arguments: [place, conversation])
        if db.changesCount > 0 { recount(conversation) }
    }
}
