internal import GRDB
internal import TidemarkModel

/// How long absence proves nothing after an answer was lost (R3).
enum Quarantine {
    /// No attempt that has begun lasts longer than its request may, and no quarantine longer than that and itself.
    static func longest(_ scope: Scope) -> Duration {
        scope.configuration.requestTimeout + scope.traits.quarantine
    }

    /// When absence begins to prove something.
    static func end(of intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database) throws -> Int64 {
        let latest = (moment.now + longest(scope)).milliseconds
        let passed = try passedEnd(of: intent, scope, moment, db) ?? intent.quarantineUntil
        return min(max(intent.quarantineUntil, passed), latest)
    }

    /// Its end by the time that has really passed since its last attempt began. A program that was not running when the wall clock was
    /// set forward knows of it only by this. `nil`: nothing to tell by, or no more than clocks drift.
    private static func passedEnd(of intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database) throws -> Int64? {
        guard intent.quarantineUntil > 0 else { return nil }
        let began: (wall: Int64, monotonic: Int64)? = try db.first(
            """
            SELECT begunAt, begunMonotonic FROM attempt WHERE intent = ? AND outcome IN ('open', 'unknown') ORDER BY number DESC LIMIT 1
            """, [intent.id]
        ) { (try $0[0], try $0[1]) }
        guard let began else { return nil }
        // The time since the machine's start: after a restart it begins anew, and the quarantine lasts as long as one can at the most.
        let (lasted, isOver) = moment.monotonic.subtractingReportingOverflow(began.monotonic)
        let longest = longest(scope).milliseconds
        guard !isOver, lasted >= 0, lasted < longest, intent.quarantineUntil >= began.wall else { return nil }
        // One that seems longer was lengthened by whoever saw the clock being set.
        guard intent.quarantineUntil - began.wall <= longest else { return nil }
        let end = moment.now.advanced(intent.quarantineUntil - began.wall - lasted)
        return end - intent.quarantineUntil >= leastDifference ? end : nil
    }

    /// Clocks are nudged by less than this.
    private static let leastDifference: Int64 = 1_000

    /// Whether a walk that began then may not count. A quarantine that lasts longer than any can was written by a clock
    /// that was ahead and was set back: when it began can't be told any more, so it lasts from now on as long as one can. One that
    /// ends before its time has passed was shortened by a clock that was set forward.
    static func holds(
        _ intent: IntentRow, begunAt: Int64, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws -> Bool {
        let end = try end(of: intent, scope, moment, db)
        guard begunAt < max(end, intent.quarantineUntil) else { return false }
        var held = intent
        if intent.quarantineUntil != end {
            held.quarantineUntil = end
            held.doubtStart = try db.lastStartNumber()
            try held.update(db)
        }
        try Outbox.wantLookUp(held, notBefore: held.quarantineUntil, scope, moment, db)
        return true
    }
}

extension MessageStore {
    /// The wall clock was set while the engine ran, forward by this much, or back if it is negative.
    package func clockWasSet(by jump: Duration, _ scope: Scope, _ moment: Moment) throws {
        if jump > .zero {
            try clockAdvanced(by: jump, scope, moment)
        } else {
            try clockSetBack(by: jump, scope, moment)
        }
    }

    /// What has passed by the clock has not passed. A quarantine and an attempt that were not over last as long as they
    /// would have.
    private func clockAdvanced(by jump: Duration, _ scope: Scope, _ moment: Moment) throws {
        let former = (moment.now - jump).milliseconds
        let isHeld = try read { db in
            try Bool.fetchOne(
                db,
                cached: """
                    SELECT EXISTS (SELECT 1 FROM intent WHERE account = ? AND state IN (\(Outbox.openStates))
                        AND (state = 'transmitting' OR state IN ('inDoubt', 'queued') AND quarantineUntil > ?))
                    """, arguments: [scope.account, former]) ?? false
        }
        guard isHeld else { return }
        try write(.full) { db in
            try db.execute(
                cached: """
                    UPDATE intent SET quarantineUntil = min(quarantineUntil + ?, ?)
                    WHERE account = ? AND state IN (\(Outbox.openStates)) AND +state IN ('inDoubt', 'queued') AND quarantineUntil > ?
                    """,
                arguments: [
                    jump.milliseconds, (moment.now + Quarantine.longest(scope)).milliseconds, scope.account, former,
                ])
            try db.execute(
                cached: """
                    UPDATE attempt SET deadline = min(deadline + ?, ?) WHERE outcome = 'open' AND deadline > ?
                        AND intent IN (SELECT id FROM intent
                            WHERE account = ? AND state IN (\(Outbox.openStates)) AND +state = 'transmitting')
                    """,
                arguments: [
                    jump.milliseconds, (moment.now + scope.configuration.requestTimeout).milliseconds, former, scope.account,
                ])
            try db.journal(JournalEntry(kind: "clockAdvanced", detail: "\(jump.milliseconds) ms"), scope, moment)
        }
    }
}
