internal import GRDB
package import TidemarkModel

/// Where there is no history, what was received without a break is all that is proved: each stretch of receiving is a row, and
/// its arrival numbers an interval of coverage. Two stretches are never joined, and nothing proves a beginning (R21).
extension Reading {
    /// From here on everything is received.
    mutating func receivingBegan(in conversation: Int64, room: String?) throws {
        try receivingEnded(in: conversation, .begunAgain)
        try openSession(at: try db.nextArrival(), in: conversation)
        try noteRoom(room, in: conversation)
    }

    private func openSession(at number: Int64, in conversation: Int64) throws {
        try db.execute(
            cached: "INSERT INTO receivingSession (conversation, firstArrival) VALUES (?, ?)", arguments: [conversation, number])
        try db.execute(
            cached: "INSERT OR REPLACE INTO coverage (conversation, low, high) VALUES (?1, ?2, ?2)",
            arguments: [conversation, number])
        try noteContact(in: conversation)
        try db.journal(JournalEntry(kind: "receiving", conversation: conversation), scope, moment)
    }

    /// Something may be missing from here on.
    func receivingEnded(in conversation: Int64, _ end: ReceivingEnd) throws {
        let open: [(id: Int64, first: Int64)] = try db.all(
            "SELECT id, firstArrival FROM receivingSession WHERE conversation = ? AND lastArrival IS NULL", [conversation]
        ) { try ($0[0], $0[1]) }
        for session in open {
            try db.execute(
                cached: """
                    UPDATE receivingSession SET endReason = ?, lastArrival = max(firstArrival, (
                        SELECT coalesce(max(high), 0) FROM coverage WHERE conversation = ? AND low >= ?)) WHERE id = ?
                    """, arguments: [end.rawValue, conversation, session.first, session.id])
            // A stretch in which nothing came proves nothing that anybody could see: one gap, not two.
            try db.execute(
                cached: """
                    DELETE FROM coverage WHERE conversation = ?1 AND low >= ?2 AND NOT EXISTS (
                        SELECT 1 FROM message WHERE conversation = ?1 AND place BETWEEN coverage.low AND coverage.high)
                    """, arguments: [conversation, session.first])
            try noteContact(in: conversation)
            try db.journal(
                JournalEntry(kind: "receivingEnded", conversation: conversation, cause: end.rawValue), scope, moment)
        }
        if end == .closed {
            // What is written from now on is meant for whatever room is opened next.
            try db.execute(cached: "UPDATE conversation SET roomSID = NULL WHERE id = ?", arguments: [conversation])
        }
    }

    /// A packet arrived: receiving goes on up to it. One that comes outside of any stretch begins the next.
    func extendReceiving(to number: Int64, in conversation: Int64) throws {
        guard let first = try openSession(in: conversation) else { return try openSession(at: number, in: conversation) }
        try db.execute(
            cached: """
                UPDATE coverage SET high = ?1 WHERE conversation = ?2 AND low = (
                    SELECT max(low) FROM coverage WHERE conversation = ?2) AND low >= ?3
                """, arguments: [number, conversation, first])
        try noteContact(in: conversation)
    }

    /// Something came that can't be read: before it and after it are two stretches.
    func breakReceiving(at number: Int64, in conversation: Int64) throws {
        if try openSession(in: conversation) == nil { try openSession(at: number, in: conversation) }
        try db.execute(
            cached: "INSERT OR REPLACE INTO coverage (conversation, low, high) VALUES (?1, ?2, ?2)",
            arguments: [conversation, number + 1])
    }

    /// What was sent has its place among what came. While nothing is received it stands alone.
    func addOwnPlace(_ number: Int64, in conversation: Int64) throws {
        if try openSession(in: conversation) != nil { return try extendReceiving(to: number, in: conversation) }
        try db.execute(
            cached: "INSERT OR REPLACE INTO coverage (conversation, low, high) VALUES (?1, ?2, ?2)",
            arguments: [conversation, number])
    }

    private func openSession(in conversation: Int64) throws -> Int64? {
        try Int64.fetchOne(
            db,
            cached: """
                SELECT firstArrival FROM receivingSession WHERE conversation = ? AND lastArrival IS NULL ORDER BY id DESC LIMIT 1
                """, arguments: [conversation])
    }

    /// Views say as of when.
    private func noteContact(in conversation: Int64) throws {
        try db.execute(
            cached: "UPDATE conversation SET closedAt = max(closedAt, ?) WHERE id = ?", arguments: [now, conversation])
    }

    /// The room is open, as this incarnation of it: what waits for it may go, what was written for another may not.
    private func noteRoom(_ room: String?, in conversation: Int64) throws {
        try db.execute(
            cached: "UPDATE lane SET backoffUntil = 0, backoffStep = 0 WHERE conversation = ?", arguments: [conversation])
        guard let room else { return }
        try db.execute(cached: "UPDATE conversation SET roomSID = ? WHERE id = ?", arguments: [room, conversation])
    }

    /// Ends every open stretch of an account: nobody receives any more, or nobody did since a crash.
    static func endReceiving(_ end: ReceivingEnd, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        let open = try Int64.fetchAll(
            db,
            cached: """
                SELECT DISTINCT s.conversation FROM receivingSession AS s JOIN conversation AS c ON c.id = s.conversation
                WHERE c.account = ? AND s.lastArrival IS NULL ORDER BY s.conversation
                """, arguments: [scope.account])
        guard !open.isEmpty else { return }
        let reading = try Reading(scope, moment, db)
        for conversation in open { try reading.receivingEnded(in: conversation, end) }
    }
}

extension MessageStore {
    /// Nobody receives any more, or nobody did since a crash: what comes next is behind a gap (R21).
    package func endReceiving(_ end: ReceivingEnd, _ scope: Scope, _ moment: Moment) throws {
        // Looking costs no write.
        let isOpen = try read { db in
            try Bool.fetchOne(
                db,
                cached: """
                    SELECT EXISTS (SELECT 1 FROM receivingSession AS s JOIN conversation AS c ON c.id = s.conversation
                        WHERE c.account = ? AND s.lastArrival IS NULL)
                    """, arguments: [scope.account])
        }
        guard isOpen == true else { return }
        try write(.normal) { db in try Reading.endReceiving(end, scope, moment, db) }
    }
}
