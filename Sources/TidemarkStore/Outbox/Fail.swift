internal import GRDB
internal import TidemarkModel

extension Outbox {
    /// What the failure of an intent's attempt, told by its number, means: asked of the policy, written to the gates and
    /// the intent.
    static func failed(
        _ attempt: Int, of intent: IntentRow, _ error: ServiceError, _ scope: Scope, _ moment: Moment,
        using generator: inout some RandomNumberGenerator, isRecovery: Bool = false, _ db: Database
    ) throws -> Settlement {
        // An answer to an attempt that is over, or that another holder of the lease has taken over, proves nothing.
        let isCurrent = try holdsGeneration(scope, db)
        guard intent.state == .transmitting, intent.attempts == attempt, isCurrent else {
            // What the service asks for holds, whatever became of the intent. To who has lost the lease it was said long ago.
            if isCurrent { try obeyRetryAfter(error, .done, intent.conversation, scope, moment, using: &generator, db) }
            return Settlement(outcome: .ignored)
        }
        let deadline = try endAttempt(attempt, of: intent, error, moment, db)
        // What a crash cut off may go on until its deadline; what has failed is over.
        let end = isRecovery ? max(try runsUntil(attempt, of: intent, deadline, scope, moment, db), 0) : moment.now.milliseconds
        var intent = intent
        let wasMaybe = intent.mayHaveLanded
        if error.certainty == .unknown { intent.mayHaveLanded = true }
        let lostAnswer = scope.traits.lostAnswer(of: intent.verb)
        let isRefusedAgain = try isRefusedAgain(intent, db)
        let circumstances = RetryPolicy.Circumstances(
            verb: intent.verb, lostAnswer: lostAnswer, mayHaveLanded: wasMaybe && !isRefusedAgain, isRefusedAgain: isRefusedAgain,
            isSettling: try isSettling(intent, scope, moment, db), identityChanges: scope.traits.identityChanges,
            age: moment.now - Timestamp(milliseconds: intent.firstAttemptAt ?? moment.now.milliseconds))
        let decision = RetryPolicy.decide(error, circumstances)
        try journal(intent, "failed", error.code.rawValue, status: error.status, scope, moment, db)
        try obeyRetryAfter(error, decision, intent.conversation, scope, moment, using: &generator, db)
        switch decision {
        case .again(let gate):
            intent.state = .queued
            if gate != .accountBackoff(counts: false), gate != .roomOpening { intent.failures += 1 }
            intent.detail = error.serviceMessage
            intent.reason = gate == .roomOpening ? ParkReason.roomClosed.rawValue : error.code.rawValue
            if error.code == .throttled {
                let wait = try SharedLimit(of: intent.verb, scope, moment, db)
                    .wait(in: intent.conversation, asked: error.retryAfter, using: &generator)
                intent.notBefore = (moment.now + wait).milliseconds
            }
            try intent.update(db)
            try close(gate, error, intent.conversation, scope, moment, using: &generator, db)
            return Settlement(outcome: .again)
        case .lookUp:
            // What was refused, and never anything else, can't land any more.
            let isOver = error.certainty == .notApplied && !wasMaybe
            try doubt(&intent, since: isOver ? end - scope.traits.quarantine.milliseconds : end, scope, moment, db)
            return Settlement(outcome: .inDoubt)
        case .ask:
            try ask(intent, .unprovable, scope, moment, db)
            return Settlement(outcome: .inDoubt)
        case .park(let reason):
            try park(intent, reason, error.serviceMessage, scope, moment, db)
            return Settlement(outcome: .parked)
        case .stopAccount(let reason):
            intent.state = .queued
            try intent.update(db)
            try stop(reason, scope, moment, db)
            return Settlement(outcome: .stopped, stop: reason)
        case .done:
            try wasSoAlready(intent, serverDate: error.serverDate, scope, moment, db)
            return Settlement(outcome: .done)
        }
    }

    /// Puts an intent in doubt: the next work of its lane is a look-up, at once; absence counts only in a walk that
    /// begins after the quarantine (R3).
    static func doubt(
        _ intent: inout IntentRow, since end: Int64, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        intent.state = .inDoubt
        intent.asks = false
        intent.mayHaveLanded = true
        intent.doubtStart = try db.lastStartNumber()
        // No attempt that has begun lasts longer than this, whatever a clock that was set back makes of its deadline.
        let latest = (moment.now + scope.configuration.requestTimeout).milliseconds
        intent.quarantineUntil = (Timestamp(milliseconds: min(end, latest)) + scope.traits.quarantine).milliseconds
        intent.notBefore = 0
        intent.failures = 0
        try intent.update(db)
        try journal(intent, "inDoubt", nil, scope, moment, db)
        if try endIfNobodyCanLook(in: intent.conversation, scope, moment, db) { return }
        // Nothing is ever listed there: only a person can tell.
        guard scope.traits.history != .none else { return try ask(intent, .unprovable, scope, moment, db) }
        try wantLookUp(intent, notBefore: 0, scope, moment, db)
    }

    static func wantLookUp(
        _ intent: IntentRow, notBefore: Int64, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        if intent.verb == .createConversation {
            // The list is everybody's: nothing in doubt puts it off.
            try db.execute(
                cached: "UPDATE account SET listDueAt = min(listDueAt, ?) WHERE id = ?",
                arguments: [max(notBefore, moment.now.milliseconds), scope.account])
        } else {
            try db.execute(
                cached: "UPDATE conversation SET walkWanted = ?, walkNotBefore = ? WHERE id = ?",
                arguments: [try db.lastStartNumber() + 1, notBefore, intent.conversation])
        }
    }

    static func stop(_ reason: ParkReason, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        try db.execute(
            cached: "UPDATE account SET stopReason = ? WHERE id = ?", arguments: [reason.rawValue, scope.account])
        try db.journal(JournalEntry(kind: "stopped", cause: reason.rawValue), scope, moment)
    }

    /// Closes the attempt and tells its deadline.
    private static func endAttempt(
        _ attempt: Int, of intent: IntentRow, _ error: ServiceError, _ moment: Moment, _ db: Database
    ) throws -> Int64 {
        let deadline = try Int64.fetchOne(
            db, cached: "SELECT deadline FROM attempt WHERE intent = ? AND number = ?",
            arguments: [intent.id, attempt])
        try db.execute(
            cached: """
                UPDATE attempt SET endedAt = ?, outcome = ?, status = ?, code = ?, serverDate = ? WHERE intent = ? AND number = ?
                """,
            arguments: [
                moment.now.milliseconds, error.certainty.rawValue, error.status, error.code.rawValue,
                error.serverDate?.milliseconds, intent.id, attempt,
            ])
        return deadline ?? moment.now.milliseconds
    }

    /// When an attempt that a crash, or a program that stands still, left behind is over. Whoever takes it over may not have run when the
    /// wall clock was set forward: the time since the machine's start tells how long it has lasted. After a restart of the machine that
    /// begins anew, and the end is at most as late as that of an attempt that begins now.
    private static func runsUntil(
        _ attempt: Int, of intent: IntentRow, _ deadline: Int64, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws -> Int64 {
        let began: (wall: Int64, monotonic: Int64)? = try db.first(
            "SELECT begunAt, begunMonotonic FROM attempt WHERE intent = ? AND number = ?", [intent.id, attempt]
        ) { (try $0[0], try $0[1]) }
        guard let began else { return deadline }
        let (lasted, isOver) = moment.monotonic.subtractingReportingOverflow(began.monotonic)
        guard !isOver, lasted >= 0, deadline >= began.wall else { return deadline }
        let left = max(0, deadline - began.wall - lasted)
        let latest = (moment.now + scope.configuration.requestTimeout).milliseconds
        return max(deadline, min(moment.now.advanced(left), latest))
    }

    private static func holdsGeneration(_ scope: Scope, _ db: Database) throws -> Bool {
        let current = try Int64.fetchOne(db, cached: "SELECT generation FROM lease WHERE account = ?", arguments: [scope.account])
        return current == nil || current == scope.generation
    }

    /// Whether what the intent is about was written by us so short ago that the service may not know it yet (R8).
    private static func isSettling(
        _ intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws -> Bool {
        let joined = try Int64.fetchOne(
            db,
            cached: """
                SELECT max(acknowledgedAt) FROM intent
                WHERE conversation = ? AND id <> ? AND verb IN ('createConversation', 'addParticipants')
                """, arguments: [intent.conversation, intent.id])
        let written = try Int64.fetchOne(
            db, cached: "SELECT max(acknowledgedAt) FROM intent WHERE message = ? AND id <> ?",
            arguments: [intent.message, intent.id])
        let observed = try Int64.fetchOne(db, cached: "SELECT place FROM message WHERE id = ?", arguments: [intent.message])
        // The place is the service's time: a local clock that is behind it must not make the window endless.
        return [joined, written, observed].compactMap { $0 }.contains { written in
            (.zero..<scope.traits.settleWindow).contains(moment.now - Timestamp(milliseconds: written))
        }
    }

    /// Whether a refusal after the last lost answer has been looked up already: the next one is final (R12).
    private static func isRefusedAgain(_ intent: IntentRow, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db,
            cached: """
                SELECT EXISTS (SELECT 1 FROM attempt WHERE intent = ?1 AND number < ?2 AND code = 'invalid' AND number > coalesce(
                    (SELECT max(number) FROM attempt WHERE intent = ?1 AND number < ?2 AND outcome = 'unknown'), 0))
                """, arguments: [intent.id, intent.attempts]) ?? false
    }

    /// What the service asks for holds beside whatever else follows from a failure (R9).
    private static func obeyRetryAfter(
        _ error: ServiceError, _ decision: RetryPolicy.Decision, _ conversation: Int64, _ scope: Scope, _ moment: Moment,
        using generator: inout some RandomNumberGenerator, _ db: Database
    ) throws {
        guard let asked = error.retryAfter, asked > .zero else { return }
        switch decision {
        case .again(.laneThrottle), .again(.accountThrottle): return
        case .again, .lookUp, .ask, .park, .stopAccount, .done:
            try close(
                error.scope == .lane ? .laneThrottle : .accountThrottle, error, conversation, scope, moment, using: &generator, db
            )
        }
    }

    private static func close(
        _ gate: RetryPolicy.Gate, _ error: ServiceError, _ conversation: Int64, _ scope: Scope, _ moment: Moment,
        using generator: inout some RandomNumberGenerator, _ db: Database
    ) throws {
        var lane = try LaneRow.of(conversation, db)
        let configuration = scope.configuration
        switch gate {
        case .laneBackoff, .roomOpening:
            lane.backoffStep += 1
            lane.backoffUntil = (moment.now + configuration.backoff(step: lane.backoffStep, using: &generator)).milliseconds
            try lane.save(db)
        case .laneThrottle:
            lane.serviceStep += 1
            let wait = configuration.throttle(step: lane.serviceStep, asked: error.retryAfter, using: &generator)
            lane.serviceUntil = max(
                Gate.service.opening(lane.serviceUntil, scope, moment), (moment.now + wait).milliseconds)
            try lane.save(db)
        case .accountBackoff, .accountThrottle:
            try Gates.close(
                gate == .accountThrottle ? .service : .backoff, error, scope, moment, using: &generator, db)
        }
    }
}

/// The gates of a whole account, which its reads close too.
enum Gates {
    enum Kind {
        case backoff
        case service
    }

    static func close(
        _ kind: Kind, _ error: ServiceError, _ scope: Scope, _ moment: Moment,
        using generator: inout some RandomNumberGenerator, _ db: Database
    ) throws {
        guard let old = try AccountRow.fetchOne(db, id: scope.account) else { return }
        var account = old
        switch kind {
        case .backoff:
            account.backoffStep += 1
            let wait = scope.configuration.backoff(step: account.backoffStep, using: &generator)
            account.backoffUntil = (moment.now + wait).milliseconds
        case .service:
            account.serviceStep += 1
            let wait = scope.configuration.throttle(step: account.serviceStep, asked: error.retryAfter, using: &generator)
            account.serviceUntil = max(
                Gate.service.opening(account.serviceUntil, scope, moment), (moment.now + wait).milliseconds)
        }
        try account.updateChanges(db, from: old)
    }
}
