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
        // Looking costs no write: most rounds find nothing to do.
        let outlook = try read { db in
            try Planner(scope: scope, moment: moment, db: db, busy: busy, limit: limit).outlook()
        }
        if case .idle(let nextDue) = outlook { return ([], nextDue) }
        return try write(.normal, touching: outlook.touched) { db in
            var planner = Planner(scope: scope, moment: moment, db: db, busy: busy, limit: limit)
            return try planner.plan(outlook)
        }
    }

    /// A walk over everything since a time (`startTime`). The caller performs it and goes on with the report's `next`
    /// until there is none.
    package func planRead(
        since: Timestamp, in conversation: ConversationID, _ scope: Scope, _ moment: Moment
    ) throws -> PlannedRead? {
        try write(.normal, touching: .nothing) { db in
            let planner = Planner(scope: scope, moment: moment, db: db, busy: [], limit: 1)
            return try planner.since(since, in: conversation)
        }
    }

    /// The conversations of the scope's extent in which something may have been created or changed since a time, the most recently
    /// active first: those with news by the list, whose stamps are whole seconds, and those whose walk is due.
    package func conversations(changedSince since: Timestamp, _ scope: Scope, _ moment: Moment) throws -> [ConversationID] {
        guard scope.traits.history != .none else { return [] }
        let times = GateTimes(scope, moment)
        let named: [(String, (any Bindable)?)] = [
            ("account", scope.account), ("since", since.advanced(-2000)), ("now", moment.now.milliseconds),
        ]
        return try read { db in
            try Int64.fetchAll(
                db,
                cached: """
                    SELECT id FROM conversation AS c WHERE \(Planner.live) \(scope.extent.condition(on: "c.id"))
                        AND (lastMessageAt IS NULL OR lastMessageAt >= :since
                            OR (\(Gate.top.opening(of: "walkDueAt"))) <= :now)
                    ORDER BY lastMessageAt IS NULL DESC, lastMessageAt DESC, id
                    """,
                arguments: Arguments(named: named, gates: times)
            ).map { ConversationID($0) }
        }
    }

    /// When a conversation may be read; `nil`: it is nothing to be read (unknown, left, deleted, not at the service yet).
    package func readGate(of conversation: ConversationID, _ scope: Scope, _ moment: Moment) throws -> Timestamp? {
        try read { db in
            guard let account = try AccountRow.fetchOne(db, id: scope.account), account.stopReason == nil,
                let row = try ConversationRow.fetchOne(db, id: conversation.number), row.account == scope.account,
                row.remoteID != nil, row.deletedAt == nil, row.membership == "member"
            else { return nil }
            let gates = [
                account.gate(scope, moment), Gate.backoff.opening(row.readsNotBefore, scope, moment),
                Gate.service.opening(row.readsServiceUntil, scope, moment),
            ]
            return gates.max().map { Timestamp(milliseconds: $0) }
        }
    }

    /// A read of one message that a closed walk no longer shows (R26).
    package func planReconcile(_ message: MessageID, _ scope: Scope, _ moment: Moment) throws -> PlannedRead? {
        try write(.normal, touching: .nothing) { db in
            let planner = Planner(scope: scope, moment: moment, db: db, busy: [], limit: 1)
            return try planner.reconcile(message)
        }
    }

    /// Applies a page: messages, cursor and coverage in one transaction (R17, R18).
    package func apply(
        _ page: Page, of read: PlannedRead, _ scope: Scope, _ moment: Moment
    ) throws -> ApplyReport {
        try write(.normal, touching: { $0.touched }) { db in
            var reading = try Reading(scope, moment, db)
            reading.report.bytes = page.bytes
            try reading.noteSuccess(of: read)
            try reading.apply(page, of: read)
            try reading.finish()
            return (report: reading.report, touched: reading.touched)
        }.report
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
        try write(.normal, touching: { $0.touched }) { db in
            var reading = try Reading(scope, moment, db)
            try reading.apply(event)
            try reading.finish()
            return (report: reading.report, touched: reading.touched)
        }.report
    }

    /// Reconnected, or brought to the front: the list is due now and backoff is over. What the service asked to wait
    /// for stays.
    package func wakeReads(_ scope: Scope, _ moment: Moment) throws {
        try write(.normal) { db in try Reading.wake(scope, moment, db) }
    }

    /// Has the newest page of every conversation in the scope's extent read again, changed or not.
    package func askForWalks(_ scope: Scope, _ moment: Moment) throws {
        try write(.normal) { db in
            try db.execute(
                cached: """
                    UPDATE conversation SET walkDueAt = min(walkDueAt, ?) WHERE account = ? AND deletedAt IS NULL
                        \(scope.extent.condition(on: "id"))
                    """, arguments: [moment.now.milliseconds, scope.account])
        }
    }

    /// Has older history of a conversation read, where its beginning is not proved.
    package func askForHistory(of conversation: ConversationID, _ scope: Scope) throws {
        try write(.normal) { db in
            try db.execute(
                cached: """
                    UPDATE conversation SET backfillIsDone = bottom IS NOT NULL, backfillPages = 0 WHERE id = ? AND account = ?
                    """, arguments: [conversation.number, scope.account])
            guard db.changesCount == 0 else { return }
            throw StoreError(.notFound, "There is no conversation \(conversation) in this account; `conversations` lists them.")
        }
    }
}
