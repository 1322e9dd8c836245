internal import GRDB
internal import TidemarkModel

/// What a failed read closes. A read writes nothing, so it is always repeated; the question is when.
extension Reading {
    func fail(
        _ error: ServiceError, of read: PlannedRead, using generator: inout some RandomNumberGenerator
    ) throws -> ReadFailure {
        if isOfAnotherUser(read) { return .nothing }
        switch error.code {
        case .cancelled: return .nothing
        case .unauthenticated: return .stopAccount(.needsCredential)
        // Whoever it is now is asked before anything else is.
        case .wrongIdentity where scope.traits.identityChanges && read.isTogether, .historyDenied where read.isTogether:
            return try failTogether(error, of: read, using: &generator)
        case .wrongIdentity where scope.traits.identityChanges: try backOff(.lane, read, using: &generator)
        case .wrongIdentity: return .stopAccount(.wrongIdentity)
        case .throttled: try throttle(error, read, using: &generator)
        case .historyDenied: try historyDenied(read, error, using: &generator)
        default:
            if let asked = error.retryAfter { try wait(asked, error.scope, read) }
            if read.isTogether, error.scope == .lane || isRefusal(error) {
                return try failTogether(error, of: read, using: &generator)
            }
            if cursorDied(error, read) {
                try restart(read)
                try backOff(.lane, read, using: &generator)
            } else if isRefusal(error) {
                try refused(error, read, using: &generator)
            } else {
                try backOff(error.scope, read, using: &generator)
            }
        }
        return .nothing
    }

    /// The user is in it and may not look: nothing of it is proved, nothing in doubt can be found, and from here on pushes alone
    /// tell what is said.
    private func historyDenied(
        _ read: PlannedRead, _ error: ServiceError, using generator: inout some RandomNumberGenerator
    ) throws {
        guard let id = read.conversation?.number, let old = try ConversationRow.fetchOne(db, id: id) else {
            return try backOff(.lane, read, using: &generator)
        }
        var row = old
        row.backfillIsDone = true
        // Who is out of it is refused the same way: that shows in the conversation itself.
        row.detailsAreStale = true
        if read.purpose == .catchUp {
            let server = error.serverDate?.milliseconds ?? read.begunAt.milliseconds
            if row.windowHigh == nil {
                (row.windowHigh, row.windowHighTime) = (server, server)
            }
            (row.closedStart, row.closedAt, row.closedServer) = (read.request.startNumber, read.begunAt.milliseconds, server)
            row.closingIsDue = false
            row.walkDueAt = moment.now.advanced(scope.configuration.topInterval.milliseconds)
            endWalk(&row)
        }
        try row.updateChanges(db, from: old)
        if read.purpose == .catchUp { try Outbox.nobodyCanLook(in: id, scope, moment, db) }
        try db.journal(JournalEntry(kind: "historyDenied", conversation: id, status: error.status), scope, moment)
    }

    private func isRefusal(_ error: ServiceError) -> Bool {
        [.forbidden, .notFound, .invalid, .tooLarge, .unsupported].contains(error.code)
    }

    /// A stored link may die (R22); that says nothing about its conversation.
    private func cursorDied(_ error: ServiceError, _ read: PlannedRead) -> Bool {
        guard read.request.cursor != nil else { return false }
        return [400, 404, 410].contains(error.status) || [.invalid, .notFound, .untrustedCursor].contains(error.code)
    }

    private func restart(_ read: PlannedRead) throws {
        guard let id = read.conversation?.number else {
            // What was listed already looks unchanged now: only the whole list is proof.
            return try db.execute(
                cached: "UPDATE account SET listCursor = NULL, listBegunStart = NULL, listIsSweep = 1 WHERE id = ?",
                arguments: [scope.account])
        }
        guard let old = try ConversationRow.fetchOne(db, id: id) else { return }
        var row = old
        if read.purpose == .catchUp, row.walkCursor == read.request.cursor?.rawValue {
            endWalk(&row)
            row.walkDueAt = min(row.walkDueAt, now)
        }
        if read.purpose == .backfill, row.backfillCursor == read.request.cursor?.rawValue { row.backfillCursor = nil }
        try row.updateChanges(db, from: old)
        try db.journal(JournalEntry(kind: "walkRestarted", conversation: id, cause: "cursor"), scope, moment)
    }

    // MARK: Gates

    private func throttle(
        _ error: ServiceError, _ read: PlannedRead, using generator: inout some RandomNumberGenerator
    ) throws {
        if error.scope == .lane, let id = read.conversation?.number {
            let until =
                try Int64.fetchOne(
                    db, cached: "SELECT readsServiceUntil FROM conversation WHERE id = ?", arguments: [id]) ?? 0
            let isFurther = until > 0 && now - min(until, now) < 2 * scope.configuration.furtherThrottle.milliseconds
            let wait = scope.configuration.throttle(step: isFurther ? 2 : 1, asked: error.retryAfter, using: &generator)
            return try self.wait(wait, .lane, read)
        }
        let step =
            1
            + (try Int.fetchOne(
                db, cached: "SELECT serviceStep FROM account WHERE id = ?", arguments: [scope.account]) ?? 0)
        let wait = scope.configuration.throttle(step: step, asked: error.retryAfter, using: &generator)
        try db.execute(cached: "UPDATE account SET serviceStep = ? WHERE id = ?", arguments: [min(step, 1000), scope.account])
        try self.wait(wait, .account, read)
    }

    /// What the service asked for is never cut short.
    private func wait(_ wait: Duration, _ reach: ServiceError.Scope, _ read: PlannedRead) throws {
        let isLane = reach == .lane && read.conversation != nil
        let (table, gate) = isLane ? ("conversation", "readsServiceUntil") : ("account", "serviceUntil")
        let id = isLane ? read.conversation?.number : scope.account
        let asked = try Int64.fetchOne(db, cached: "SELECT \(gate) FROM \(table) WHERE id = ?", arguments: [id]) ?? 0
        let until = max(Gate.service.opening(asked, scope, moment), moment.now.advanced(wait.milliseconds))
        try db.execute(cached: "UPDATE \(table) SET \(gate) = ? WHERE id = ?", arguments: [until, id])
    }

    func backOff(
        _ reach: ServiceError.Scope, _ read: PlannedRead, using generator: inout some RandomNumberGenerator
    ) throws {
        let table = reach == .lane ? (read.conversation == nil ? "list" : "conversation") : "account"
        if table == "list" {
            let wait = scope.configuration.backoff(step: 5, using: &generator)
            return try db.execute(
                cached: "UPDATE account SET listDueAt = ? WHERE id = ?",
                arguments: [moment.now.advanced(max(wait.milliseconds, 1000)), scope.account])
        }
        let (gate, stepName) = table == "account" ? ("backoffUntil", "backoffStep") : ("readsNotBefore", "readsStep")
        let id = table == "account" ? scope.account : read.conversation?.number ?? 0
        let waiting: (until: Int64, step: Int)? = try db.first(
            "SELECT \(gate), \(stepName) FROM \(table) WHERE id = ?", [id]
        ) { (try $0[0], try $0[1]) }
        guard let (until, known) = waiting else { return }
        // Several reads that were under way together failed once.
        guard Gate.backoff.opening(until, scope, moment) <= read.begunAt.milliseconds || known == 0 else { return }
        let step = min(known + 1, 1000)
        let wait = scope.configuration.backoff(step: step, using: &generator).milliseconds
        try db.execute(
            cached: "UPDATE \(table) SET \(gate) = ?, \(stepName) = ? WHERE id = ?",
            arguments: [moment.now.advanced(max(wait, 1)), step, id])
    }

    // MARK: Refusals

    private func refused(
        _ error: ServiceError, _ read: PlannedRead, using generator: inout some RandomNumberGenerator
    ) throws {
        guard let id = read.conversation?.number else { return try backOff(.lane, read, using: &generator) }
        switch read.purpose {
        case .list, .catchUpTogether: return
        // What a write was acknowledged for, or a closed walk no longer shows, and nobody knows by its id (R26).
        case .reconcile, .confirm:
            if error.code == .notFound { try provedAbsent(read, error, id) }
        case .participants, .receipts:
            let kind = read.purpose == .participants ? "participants" : "receipts"
            try db.execute(
                cached: "UPDATE setRead SET dueAt = ?, skip = NULL, members = NULL WHERE conversation = ? AND kind = ?",
                arguments: [moment.now.advanced(10 * scope.configuration.setInterval.milliseconds), id, kind])
        case .details:
            try detailsRefused(error, read, id, using: &generator)
        case .catchUp, .backfill, .since:
            try db.execute(cached: "UPDATE conversation SET detailsAreStale = 1 WHERE id = ?", arguments: [id])
            try backOff(.lane, read, using: &generator)
        }
    }

    /// The conversation itself is refused: no longer ours to read, unless it is too young to be known everywhere (R8).
    private func detailsRefused(
        _ error: ServiceError, _ read: PlannedRead, _ id: Int64, using generator: inout some RandomNumberGenerator
    ) throws {
        guard let row = try ConversationRow.fetchOne(db, id: id) else { return }
        let server = error.serverDate?.milliseconds ?? now
        let made = try row.createdAt ?? lastHeard(id) ?? (row.listedHash == nil ? now : 0)
        let isOld = Timestamp(milliseconds: made).advanced(scope.traits.settleWindow.milliseconds) <= server || row.readsStep >= 6
        guard isOld, error.code == .notFound || error.code == .forbidden else {
            return try backOff(.lane, read, using: &generator)
        }
        if try Outbox.isDeletedByUs(id, read.request.startNumber, db) {
            try db.execute(
                cached: "UPDATE conversation SET deletedAt = ?, detailsAreStale = 0 WHERE id = ?", arguments: [server, id])
            try db.journal(
                JournalEntry(kind: "conversationGone", conversation: id, cause: "refused", status: error.status), scope, moment)
            return try Outbox.conversationGone(id, scope, moment, db)
        }
        try db.execute(cached: "UPDATE conversation SET membership = 'left', detailsAreStale = 0 WHERE id = ?", arguments: [id])
        try db.journal(JournalEntry(kind: "left", conversation: id, cause: "refused", status: error.status), scope, moment)
        try Outbox.left(id, scope, moment, db)
    }

    /// What only a push told of is as young as the newest of it, by the service's clock.
    private func lastHeard(_ conversation: Int64) throws -> Int64? {
        try Int64.fetchOne(db, cached: "SELECT max(place) FROM message WHERE conversation = ?", arguments: [conversation])
    }

    /// A message that was stored, is missing from a closed walk and unknown by its id is gone; never while it is young (R26). What
    /// its user did to it and nothing has shown is over with it.
    private func provedAbsent(_ read: PlannedRead, _ error: ServiceError, _ id: Int64) throws {
        guard case .message(let remote, _) = read.request.subject,
            let old = try MessageRow.find(remote.rawValue, in: id, db), let version = old.version
        else { return }
        var row = old
        if old.deletedAt == nil {
            let server = error.serverDate?.milliseconds ?? now
            guard Timestamp(milliseconds: version).advanced(scope.traits.settleWindow.milliseconds) <= server else { return }
            (row.deletedAt, row.deletedBy, row.text, row.metadata) = (server, "absence", "", nil)
            try row.write(over: old, db)
            try Unread.recount(id, db)
            try db.journal(JournalEntry(kind: "deleted", conversation: id, message: row.id, cause: "absence"), scope, moment)
        }
        try Outbox.observed(row, startNumber: read.request.startNumber, isListed: false, scope, moment, db)
    }
}
