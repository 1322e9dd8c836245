internal import GRDB
internal import TidemarkModel

/// Forgetting old messages of one conversation.
struct Pruning {
    let conversation: Int64
    /// What was created and last changed before it goes.
    let cutoff: Int64
    let db: Database

    /// What stands below everything that stays: an old message that was edited since stays where it is, with all above it.
    private var condition: String {
        """
        m.conversation = :conversation AND m.remoteID IS NOT NULL AND m.version IS NOT NULL AND m.deletedAt IS NULL
            AND m.place IS NOT NULL AND m.place < :border AND m.createdAt < :cutoff AND coalesce(m.editedAt, m.createdAt) < :cutoff
            AND NOT EXISTS (SELECT 1 FROM intent AS i WHERE i.message = m.id AND i.\(Outbox.isOpen))
        """
    }

    func run() throws -> Int {
        let border =
            try Int64.fetchOne(
                db,
                cached: """
                    SELECT min(place) FROM message WHERE conversation = ? AND place IS NOT NULL AND createdAt >= ? AND sort IS NOT NULL
                    """, arguments: [conversation, cutoff]) ?? .max
        let named = Arguments(named: [("conversation", conversation), ("border", border), ("cutoff", cutoff)])
        let found = try db.first(
            "SELECT count(*), max(m.place), max(m.sequence) FROM message AS m WHERE \(condition)", named
        ) { try (count: $0[0] as Int, place: $0[1] as Int64?, sequence: $0[2] as Int64?) }
        guard let found, found.count > 0, let place = found.place else { return 0 }
        try forgetWords(named)
        try db.execute(
            cached: """
                DELETE FROM packet WHERE conversation = :conversation AND remoteID IN (
                    SELECT m.remoteID FROM message AS m WHERE \(condition))
                """, arguments: named)
        try db.execute(cached: "DELETE FROM message AS m WHERE \(condition)", arguments: named)
        try forgetProof(upTo: place, found.sequence)
        try Unread.recount(conversation, db)
        return found.count
    }

    /// Intents that are over stay, so that their tokens are known for ever; what they said goes with their messages.
    private func forgetWords(_ named: Arguments) throws {
        try db.execute(
            cached: """
                UPDATE intent SET body = '{}' WHERE message IN (SELECT m.id FROM message AS m WHERE \(condition))
                    AND NOT \(Outbox.isOpen)
                """, arguments: named)
    }

    /// Below what stays nothing is proved any more, and no sync reads it again by itself: a backfill does, if somebody asks for it.
    private func forgetProof(upTo place: Int64, _ sequence: Int64?) throws {
        let old = try Coverage.of(conversation, db)
        var coverage = old
        coverage.remove(.min...place)
        try coverage.write(conversation, over: old, db)
        guard let row = try ConversationRow.fetchOne(db, id: conversation), row.windowHigh != nil else { return }
        // The window holds only what it can prove: the changes above the newest one that went.
        let lowest = try db.first(
            """
            SELECT sequence, version FROM message WHERE conversation = ? AND sequence > ? AND version IS NOT NULL
            ORDER BY sequence LIMIT 1
            """, [conversation, max(sequence ?? -1, (row.windowLow ?? 0) - 1)]
        ) { try (sequence: $0[0] as Int64, version: $0[1] as Int64) }
        var changed = row
        (changed.bottom, changed.backfillCursor, changed.backfillIsDone, changed.backfillPages) = (nil, nil, true, 0)
        let (next, _) = place.addingReportingOverflow(1)
        if let lowest, lowest.sequence <= row.windowHigh ?? .max {
            (changed.windowLow, changed.windowLowTime) = (lowest.sequence, max(lowest.version, next))
        } else {
            (changed.windowLow, changed.windowLowTime) = (row.windowHigh, max(row.windowHighTime ?? next, next))
        }
        if let high = changed.windowHighTime { changed.windowLowTime = min(changed.windowLowTime ?? high, max(high, next)) }
        try changed.updateChanges(db, from: row)
    }
}
