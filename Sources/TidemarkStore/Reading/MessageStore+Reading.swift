internal import GRDB
package import TidemarkModel

extension MessageStore {
    /// The reads that are due, most urgent first, and when the next one falls due after `moment`.
    ///
    /// Planning is durable as far as numbers go: each request gets its start number here (R19). `busy` holds the keys of
    /// reads that are under way.
    package func planReads(
        _ scope: Scope, _ moment: Moment, busy: Set<ReadKey>, limit: Int
    ) throws -> (reads: [PlannedRead], nextDue: Timestamp?) {
        try write(.normal) { db in
            var planner = Planner(scope: scope, moment: moment, db: db, busy: busy, limit: limit)
            return try planner.plan()
        }
    }

    /// A walk over everything since a time (`startTime`). The caller performs it and goes on with the report's `next`
    /// until there is none.
    package func planRead(
        since: Timestamp, in conversation: ConversationID, _ scope: Scope, _ moment: Moment
    ) throws -> PlannedRead? {
        try write(.normal) { db in
            let planner = Planner(scope: scope, moment: moment, db: db, busy: [], limit: 1)
            return try planner.since(since, in: conversation)
        }
    }

    /// A read of one message that a closed walk no longer shows (R26).
    package func planReconcile(_ message: MessageID, _ scope: Scope, _ moment: Moment) throws -> PlannedRead? {
        try write(.normal) { db in
            let planner = Planner(scope: scope, moment: moment, db: db, busy: [], limit: 1)
            return try planner.reconcile(message)
        }
    }

    /// Applies a page: messages, cursor and coverage in one transaction (R17, R18).
    package func apply(
        _ page: Page, of read: PlannedRead, _ scope: Scope, _ moment: Moment
    ) throws -> ApplyReport {
        try write(.normal) { db in
            var reading = try Reading(scope, moment, db)
            reading.report.bytes = page.bytes
            try reading.noteSuccess(of: read)
            try reading.apply(page, of: read)
            try reading.finish()
            return reading.report
        }
    }

    /// A read failed. Closes the gates that its error names and says what else the engine must do.
    package func fail(
        _ error: ServiceError, of read: PlannedRead, _ scope: Scope, _ moment: Moment,
        using generator: inout some RandomNumberGenerator
    ) throws -> ReadFailure {
        try write(.normal) { db in
            try Reading(scope, moment, db).fail(error, of: read, using: &generator)
        }
    }

    /// Merges something pushed. It moves no cursor.
    package func apply(_ event: RemoteEvent, _ scope: Scope, _ moment: Moment) throws -> ApplyReport {
        try write(.normal) { db in
            var reading = try Reading(scope, moment, db)
            try reading.apply(event)
            try reading.finish()
            return reading.report
        }
    }

    /// Reconnected, or brought to the front: the list is due now and backoff is over. What the service asked to wait
    /// for stays.
    package func wakeReads(_ scope: Scope, _ moment: Moment) throws {
        try write(.normal) { db in try Reading.wake(scope, moment, db) }
    }

    /// Has the newest page of every conversation read again, changed or not.
    package func askForWalks(_ scope: Scope, _ moment: Moment) throws {
        try write(.normal) { db in
            try db.execute(
                sql: "UPDATE conversation SET walkDueAt = min(walkDueAt, ?) WHERE account = ? AND deletedAt IS NULL",
                arguments: [moment.now.milliseconds, scope.account])
        }
    }
}
