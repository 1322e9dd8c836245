internal import GRDB
package import TidemarkModel

/// What a claim found to do.
package struct Claims: Sendable {
    package var deliveries: [Delivery] = []
    /// When something that waits at a gate falls due; `nil`: nothing waits for a time.
    package var nextDue: Timestamp?
}

extension MessageStore {
    /// Takes the next intents whose turn it is, at most one a lane and slot, and commits each as `transmitting` with
    /// its attempt before it is returned: what happens after that, a crash included, finds the mark.
    package func claim(_ scope: Scope, _ moment: Moment, limit: Int) throws -> Claims {
        guard limit > 0 else { return Claims() }
        // Looking costs no write: most rounds find nothing to do.
        guard try read({ db in try Claim(scope: scope, moment: moment, db: db).hasQueued() }) else { return Claims() }
        return try write(.full) { db in
            try Claim(scope: scope, moment: moment, db: db).run(limit: limit)
        }
    }
}

/// One round of claiming.
struct Claim {
    let scope: Scope
    let moment: Moment
    let db: Database

    private var now: Int64 { moment.now.milliseconds }

    func hasQueued() throws -> Bool {
        try Bool.fetchOne(
            db,
            sql:
                """
                SELECT EXISTS (SELECT 1 FROM intent WHERE account = ? AND state IN (\(Outbox.openStates)) AND state = 'queued'
                    \(scope.extent.condition(on: "conversation")))
                """, arguments: [scope.account]) ?? false
    }

    func run(limit: Int) throws -> Claims {
        var claims = Claims()
        guard try scope.holdsLease(moment, db), let account = try AccountRow.fetchOne(db, key: scope.account),
            account.stopReason == nil, try Bool.fetchOne(db, sql: "SELECT isAdopted FROM store") == true
        else { return claims }
        guard try scope.isOfAccount(db) else {
            try Outbox.stop(.wrongIdentity, scope, moment, db)
            return claims
        }
        let gate = account.gate(scope, moment)
        guard gate <= now else {
            claims.wait(until: gate)
            return claims
        }
        let lanes = try Int64.fetchAll(
            db,
            sql: """
                SELECT conversation FROM intent WHERE account = ? AND state IN (\(Outbox.openStates)) AND state = 'queued'
                    \(scope.extent.condition(on: "conversation"))
                GROUP BY conversation ORDER BY min(id)
                """, arguments: [scope.account])
        for lane in lanes where claims.deliveries.count < limit {
            try claim(lane: lane, into: &claims, limit: limit)
        }
        return claims
    }

    private func claim(lane conversation: Int64, into claims: inout Claims, limit: Int) throws {
        guard let row = try ConversationRow.fetchOne(db, key: conversation) else { return }
        let lane = try LaneRow.of(conversation, db)
        let gate = lane.gate(scope, moment)
        guard gate <= now else { return claims.wait(until: gate) }
        for slot in ["verb <> 'markRead'", "verb = 'markRead'"] where claims.deliveries.count < limit {
            try claim(slot: slot, of: row, into: &claims)
        }
    }

    private func claim(slot: String, of conversation: ConversationRow, into claims: inout Claims) throws {
        var queue = Lane()
        // Ended rows are passed over by the index, and the walk stops at the first that may go or that holds the rest.
        let cursor = try IntentRow.fetchCursor(
            db,
            sql: """
                SELECT * FROM intent WHERE account = ? AND conversation = ? AND \(slot)
                    AND state IN (\(Outbox.openStates)) AND state <> 'sent' ORDER BY id
                """, arguments: [scope.account, conversation.id])
        while let intent = try cursor.next() {
            let entry = Lane.Entry(
                verb: intent.verb, state: intent.state, asks: intent.asks, isSkipped: intent.isSkipped,
                notBefore: intent.notBefore)
            switch queue.step(entry) {
            case .pass: continue
            case .stop: return
            case .consider:
                switch try consider(intent, conversation) {
                case .go(let action, let target):
                    claims.deliveries.append(try transmit(intent, conversation, action, target))
                    return
                case .pass: continue
                case .stop: return
                case .wait(let until):
                    claims.wait(until: until)
                    return
                case .passUntil(let until):
                    claims.wait(until: until)
                }
            }
        }
    }

    private enum Verdict {
        case go(Delivery.Action, target: String?)
        case pass
        case stop
        case wait(until: Int64)
        /// It waits, and what comes after it does not.
        case passUntil(Int64)
    }

    /// Whether an intent whose turn it is has all that it needs.
    private func consider(_ intent: IntentRow, _ conversation: ConversationRow) throws -> Verdict {
        if let until = Outbox.ownWait(intent, scope, moment) { return .passUntil(until) }
        if try isPastLifetime(intent) { return .stop }
        if intent.verb == .createConversation { return try paced(intent, in: nil) }
        // A conversation that its create has not made yet: everything behind it waits.
        guard let remote = conversation.remoteID.map(RemoteConversationID.init) else { return try considerUnmade(intent) }
        if try needsHighWater(intent, conversation) { return .stop }
        switch intent.verb {
        case .edit, .delete: return try considerChange(intent, remote)
        case .markRead: return try considerReadMark(intent, remote)
        case .createConversation, .send, .rename, .addParticipants, .removeParticipant, .deleteConversation:
            return try paced(intent, in: remote)
        }
    }

    /// The service may have forgotten the token of a request that may have landed: look first (R11).
    private func isPastLifetime(_ intent: IntentRow) throws -> Bool {
        guard intent.mayHaveLanded, case .repeatable(let lifetime?) = scope.traits.lostAnswer(of: intent.verb),
            let first = intent.firstAttemptAt, moment.now - Timestamp(milliseconds: first) >= lifetime
        else { return false }
        let ended = try Int64.fetchOne(
            db, sql: "SELECT max(coalesce(endedAt, deadline)) FROM attempt WHERE intent = ?", arguments: [intent.id])
        var doubtful = intent
        try Outbox.doubt(&doubtful, since: ended ?? now, scope, moment, db)
        return true
    }

    /// Deleting a conversation whose create was refused: there is nothing to make and nothing to delete.
    private func considerUnmade(_ intent: IntentRow) throws -> Verdict {
        guard intent.verb == .deleteConversation,
            let create = try Outbox.openIntents(in: intent.conversation, db).first(where: { $0.verb == .createConversation }),
            create.state == .parked, Outbox.isUnsent(create)
        else { return .stop }
        try Outbox.end(intent, as: .confirmed, nil, scope, moment, db)
        try Outbox.cancel(create, .cancelledByUser, scope, moment, db)
        return .pass
    }

    /// A verb that can't be repeated is not tried before one page has given the conversation a high-water: a look-up
    /// would have no floor (R2). Asks for that page.
    private func needsHighWater(_ intent: IntentRow, _ conversation: ConversationRow) throws -> Bool {
        guard scope.traits.history != .none, conversation.windowHigh == nil else { return false }
        switch scope.traits.lostAnswer(of: intent.verb) {
        case .repeatable(nil), .blind: return false
        case .repeatable, .echoed, .recognisable: break
        }
        try db.execute(
            sql: "UPDATE conversation SET walkWanted = closedStart + 1 WHERE id = ? AND walkWanted <= closedStart",
            arguments: [conversation.id])
        return true
    }

    private func considerChange(_ intent: IntentRow, _ conversation: RemoteConversationID) throws -> Verdict {
        guard let id = intent.message, let row = try MessageRow.fetchOne(db, key: id) else {
            try Outbox.end(intent, as: .cancelled, .parentCancelled, scope, moment, db)
            return .pass
        }
        // Its send has not told where it is yet.
        let copies = try Outbox.copies(of: row, db).filter { $0.remoteID != nil }
        guard !copies.isEmpty else { return .pass }
        let live = copies.filter { $0.deletedAt == nil }
        guard !live.isEmpty else {
            let isDelete = intent.verb == .delete
            try Outbox.end(intent, as: isDelete ? .confirmed : .cancelled, isDelete ? nil : .superseded, scope, moment, db)
            return .pass
        }
        if intent.verb == .edit, try hasConflict(intent, row) {
            try Outbox.park(intent, .conflict, nil, scope, moment, db)
            return .pass
        }
        let done = try Set(Outbox.acceptedTargets(of: intent, db))
        let open = live.filter { copy in
            !done.contains(copy.remoteID ?? "") && (intent.verb == .delete || copy.editMarker != intent.token)
        }
        guard let target = open.first?.remoteID.map(RemoteMessageID.init) else {
            try Outbox.acknowledge(intent, serverDate: nil, scope, moment, db)
            return .pass
        }
        return try paced(intent, in: conversation, on: target)
    }

    /// Somebody else changed the message since the edit was written (R7). Our own earlier edits are no conflict.
    private func hasConflict(_ intent: IntentRow, _ row: MessageRow) throws -> Bool {
        // Without markers nobody can tell whose a newer version is. And what was done once only goes on to late copies.
        guard case .echoed = scope.traits.lostAnswer(of: .edit), intent.acknowledgedAt == nil else { return false }
        return try Outbox.isForeignChange(row, since: intent, scope, db)
    }

    private func considerReadMark(_ intent: IntentRow, _ conversation: RemoteConversationID) throws -> Verdict {
        let others = try Int.fetchOne(
            db, sql: "SELECT count(*) FROM participant WHERE conversation = ? AND isPresent = 1",
            arguments: [intent.conversation])
        let target = try MessageRow.fetchOne(db, key: intent.message ?? 0)
        guard let target, let remote = target.remoteID.map(RemoteMessageID.init),
            (others ?? 0) <= scope.traits.maximumParticipantsForReceipts ?? .max
        else {
            // No receipts there, or nothing to point at: the mark stays here (R27).
            try Outbox.end(intent, as: .confirmed, nil, scope, moment, db)
            return .pass
        }
        return try paced(intent, in: conversation, on: remote)
    }

    private func paced(
        _ intent: IntentRow, in conversation: RemoteConversationID?, on target: RemoteMessageID? = nil
    ) throws -> Verdict {
        guard let action = try intent.action(in: conversation, on: target) else {
            try Outbox.park(intent, .invalid, nil, scope, moment, db)
            return .pass
        }
        if let next = try Pacing.next(intent.verb, conversation: intent.conversation, scope, moment, db), next > now {
            return .wait(until: next)
        }
        return .go(action, target: target?.rawValue)
    }

    /// The durable in-flight mark.
    private func transmit(
        _ intent: IntentRow, _ conversation: ConversationRow, _ action: Delivery.Action, _ target: String?
    ) throws -> Delivery {
        var intent = intent
        intent.state = .transmitting
        intent.isFrozen = true
        intent.attempts += 1
        intent.reason = nil
        intent.detail = nil
        if intent.verb != .createConversation {
            intent.floor = intent.floor ?? conversation.windowHigh ?? -1
        } else if intent.firstAttemptAt == nil {
            intent.floor = try Outbox.createFloor(scope, db)
        }
        intent.firstAttemptAt = intent.firstAttemptAt ?? now
        if intent.verb == .edit, let message = intent.message {
            // From here on, newer than this means: changed by somebody else, or by us.
            intent.baseVersion =
                try Int64.fetchOne(db, sql: "SELECT version FROM message WHERE id = ?", arguments: [message])
                ?? intent.baseVersion
        }
        try intent.update(db)
        let deadline = moment.now + scope.configuration.requestTimeout
        let attempt = AttemptRow(
            intent: intent.id ?? 0, number: intent.attempts, account: intent.account, conversation: intent.conversation,
            verb: intent.verb.rawValue, identity: scope.identity?.rawValue, generation: scope.generation,
            floor: conversation.windowHigh, startNumber: try db.nextStartNumber(), target: target, begunAt: now,
            begunMonotonic: moment.monotonic, deadline: deadline.milliseconds)
        try attempt.insert(db)
        try Outbox.journal(intent, "transmitting", intent.verb.rawValue, scope, moment, db)
        return Delivery(
            intent: IntentID(intent.id ?? 0), attempt: intent.attempts, token: Token(intent.token), action: action,
            identity: scope.identity, deadline: deadline)
    }
}

extension Claims {
    mutating func wait(until due: Int64) {
        let due = Timestamp(milliseconds: due)
        nextDue = min(nextDue ?? due, due)
    }
}
