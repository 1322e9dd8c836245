internal import GRDB

/// What is said to be proved must be possible.
extension StoreCheck {
    static let ofCoverage: [StoreCheck] = [
        .mended(
            .coverage,
            """
            SELECT c.account, c.id, NULL, NULL, v.low FROM coverage AS v JOIN conversation AS c ON c.id = v.conversation
            WHERE v.low > v.high
            """, { _ in "A proved stretch ends before it begins." }, by: "forgets it; `sync` proves it anew"
        ) { hit, db in
            try db.execute(
                cached: "DELETE FROM coverage WHERE conversation = ? AND low = ? AND low > high",
                arguments: [hit.conversation, hit.number])
        },
        .mended(
            .coverage,
            """
            SELECT c.account, c.id, NULL, NULL, count(*) FROM coverage AS v JOIN conversation AS c ON c.id = v.conversation
            WHERE EXISTS (SELECT 1 FROM coverage AS o
                WHERE o.conversation = v.conversation AND o.low < v.low AND o.high >= v.low)
            GROUP BY c.id
            """, { "\($0.number) proved stretches overlap another one." }, by: "joins them"
        ) { hit, db in
            guard let conversation = hit.conversation else { return }
            let joined = try Coverage.of(conversation, db)
            try db.execute(cached: "DELETE FROM coverage WHERE conversation = ?", arguments: [conversation])
            try joined.write(conversation, over: Coverage(), db)
        },
        .mended(
            .coverage,
            """
            SELECT c.account, c.id, NULL, NULL, count(*) FROM coverage AS v JOIN conversation AS c ON c.id = v.conversation
            WHERE c.remoteID IS NULL GROUP BY c.id
            """, { _ in "History counts as proved that the service has never shown: the conversation is not there yet." },
            by: "forgets the proof"
        ) { hit, db in try db.execute(cached: "DELETE FROM coverage WHERE conversation = ?", arguments: [hit.conversation]) },
        .mended(
            .coveredHole,
            """
            SELECT c.account, c.id, NULL, NULL, r.id FROM reject AS r JOIN conversation AS c ON c.id = r.conversation
            WHERE r.holeLow <= r.holeHigh AND EXISTS (SELECT 1 FROM coverage AS v
                WHERE v.conversation = c.id AND v.low <= r.holeHigh AND v.high >= r.holeLow)
            """, { _ in "Where something could not be read, nothing is proved, and the store says it is." },
            by: "shows a gap there"
        ) { hit, db in
            guard let conversation = hit.conversation else { return }
            try Coverage.change(conversation, identities: [], db) { _ in }
        },
        .mended(
            .window,
            // Of a feed the low end is a place and the high end the time of a change: what is newest tells.
            """
            SELECT account, id, NULL, NULL, windowLow FROM conversation WHERE windowLow > windowHigh
                AND coalesce(windowLow = windowLowTime AND windowLowTime <= windowHighTime, 0) = 0
            """,
            { _ in "The stretch of changes that was read ends before it begins." },
            by: "forgets it with what it proved; `sync` reads it again"
        ) { hit, db in
            try db.execute(cached: "DELETE FROM coverage WHERE conversation = ?", arguments: [hit.conversation])
            try db.execute(
                cached: "UPDATE conversation SET \(ConversationRow.unread) WHERE id = ?", arguments: [hit.conversation])
        },
        .mended(
            .session,
            """
            SELECT c.account, c.id, NULL, NULL, s.id FROM receivingSession AS s JOIN conversation AS c ON c.id = s.conversation
            WHERE s.lastArrival IS NULL AND EXISTS (SELECT 1 FROM receivingSession AS o
                WHERE o.conversation = s.conversation AND o.id > s.id)
            """, { _ in "Messages count as received without a break although receiving began anew." }, by: "ends the older one"
        ) { hit, db in
            try db.execute(
                cached: """
                    UPDATE receivingSession SET lastArrival = firstArrival, endReason = 'verified' WHERE id = ? AND lastArrival IS NULL
                    """, arguments: [hit.number])
        },
    ]
}

extension ConversationRow {
    /// Assignments: as if nothing of it had been read. Its messages stay.
    static let unread = """
        windowLow = NULL, windowLowTime = NULL, windowHigh = NULL, windowHighTime = NULL, bottom = NULL, walkCursor = NULL,
        walkHigh = NULL, walkHighTime = NULL, walkLow = NULL, walkLowTime = NULL, walkBegunStart = NULL, walkBegunAt = NULL,
        walkBegunServer = NULL, walkIsUnbroken = 1, walkPages = 0, backfillCursor = NULL, backfillIsDone = 0, backfillPages = 0,
        closingIsDue = 0, walkDueAt = 0, walkWanted = max(walkWanted, closedStart + 1)
        """
}
