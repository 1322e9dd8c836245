internal import GRDB
internal import TidemarkModel

/// Whether an intent whose turn it is may go.
extension Claim {
    /// Whether an intent whose turn it is has all that it needs.
    func consider(_ intent: IntentRow, _ conversation: ConversationRow) throws -> Verdict {
        // One that was refused for its pace keeps its place: what comes after it in its lane waits with it.
        if !Outbox.isRefusedForPace(intent), let until = Outbox.ownWait(intent, scope, moment) { return .passUntil(until) }
        if let until = try quarantine(of: intent) { return .wait(until: until) }
        if try isPastLifetime(intent) { return .stop }
        if intent.verb == .createConversation { return try paced(intent, in: nil) }
        // A conversation that its create has not made yet: everything behind it waits.
        guard let remote = conversation.remoteID.map(RemoteConversationID.init) else { return try considerUnmade(intent) }
        // A person tried again what was parked because it is gone: it is no less gone.
        if conversation.deletedAt != nil, intent.verb != .deleteConversation {
            try Outbox.conversationGone(intent.conversation, scope, moment, db)
            return .stop
        }
        if let room = intent.roomSID, let present = conversation.roomSID, room != present {
            try Outbox.park(intent, .roomChanged, nil, scope, moment, db)
            // A parked send holds what comes after it (R10).
            return intent.verb == .send ? .stop : .pass
        }
        if try needsHighWater(intent, conversation) { return .stop }
        switch intent.verb {
        case .edit, .delete: return try considerChange(intent, remote)
        case .markRead: return try considerReadMark(intent, remote)
        case .send: return try considerSend(intent, remote)
        case .upload: return try considerUpload(intent, remote)
        case .createConversation, .rename, .addParticipants, .removeParticipant, .deleteConversation:
            return try paced(intent, in: remote)
        }
    }

    /// Until when what may still land holds up the next attempt, and what comes after it: a person said that it did not arrive.
    private func quarantine(of intent: IntentRow) throws -> Int64? {
        let end = try Quarantine.end(of: intent, scope, moment, db)
        guard max(end, intent.quarantineUntil) > now else { return nil }
        var held = intent
        held.quarantineUntil = end
        // A clock that was ahead has written it, or is now.
        if held.quarantineUntil != intent.quarantineUntil { try held.update(db) }
        return held.quarantineUntil
    }

    /// The service may have forgotten the token of a request that may have landed: look first (R11).
    private func isPastLifetime(_ intent: IntentRow) throws -> Bool {
        guard intent.mayHaveLanded, case .repeatable(let lifetime?) = scope.traits.lostAnswer(of: intent.verb),
            let first = intent.firstAttemptAt
        else { return false }
        // An attempt in the future was made before the clock was set back, by nobody knows how much.
        let age = moment.now - Timestamp(milliseconds: first)
        guard try age >= lifetime || age < Self.mostDisorder || hasPassed(lifetime, since: intent) else { return false }
        let ended = try Int64.fetchOne(
            db, cached: "SELECT max(coalesce(endedAt, deadline)) FROM attempt WHERE intent = ?", arguments: [intent.id])
        var doubtful = intent
        try Outbox.doubt(&doubtful, since: ended ?? now, scope, moment, db)
        return true
    }

    /// By the time since the machine's start, of which its last attempt has kept when it began: the wall clock may have been set while
    /// nobody looked.
    private func hasPassed(_ lifetime: Duration, since intent: IntentRow) throws -> Bool {
        let began = try Int64.fetchOne(
            db, cached: "SELECT begunMonotonic FROM attempt WHERE intent = ? ORDER BY number DESC LIMIT 1", arguments: [intent.id]
        )
        guard let began else { return false }
        let (lasted, isOver) = moment.monotonic.subtractingReportingOverflow(began)
        return isOver || .milliseconds(lasted) >= lifetime
    }

    /// Clocks of processes that share a store may be nudged this much.
    private static let mostDisorder: Duration = .seconds(-2)

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
    /// would have no floor (R2). Asks for that page. Who is out gets no page, and is refused instead.
    private func needsHighWater(_ intent: IntentRow, _ conversation: ConversationRow) throws -> Bool {
        guard scope.traits.history != .none, conversation.windowHigh == nil, conversation.membership == "member" else {
            return false
        }
        switch scope.traits.lostAnswer(of: intent.verb) {
        case .repeatable(nil), .blind: return false
        case .repeatable, .echoed, .recognisable: break
        }
        try db.execute(
            cached: "UPDATE conversation SET walkWanted = closedStart + 1 WHERE id = ? AND walkWanted <= closedStart",
            arguments: [conversation.id])
        return true
    }

    private func considerChange(_ intent: IntentRow, _ conversation: RemoteConversationID) throws -> Verdict {
        guard let id = intent.message, let row = try MessageRow.fetchOne(db, id: id) else {
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
        guard try !Outbox.isBeingDeleted(intent.conversation, db) else {
            // Nobody will ask how far it was read.
            try Outbox.end(intent, as: .cancelled, .superseded, scope, moment, db)
            return .pass
        }
        let others = try Int.fetchOne(
            db, cached: "SELECT count(*) FROM participant WHERE conversation = ? AND isPresent = 1",
            arguments: [intent.conversation])
        let target = try MessageRow.fetchOne(db, id: intent.message ?? 0)
        guard let target, let remote = target.remoteID.map(RemoteMessageID.init),
            (others ?? 0) <= scope.traits.maximumParticipantsForReceipts ?? .max
        else {
            // No receipts there, or nothing to point at: the mark stays here (R27).
            try Outbox.end(intent, as: .confirmed, nil, scope, moment, db)
            return .pass
        }
        return try paced(intent, in: conversation, on: remote)
    }

    func paced(
        _ intent: IntentRow, in conversation: RemoteConversationID?, on target: RemoteMessageID? = nil,
        instead complete: Delivery.Action? = nil
    ) throws -> Verdict {
        guard let action = try complete ?? intent.action(in: conversation, on: target) else {
            try Outbox.park(intent, .invalid, nil, scope, moment, db)
            return .pass
        }
        let next = [
            try Pacing.next(intent.verb, conversation: intent.conversation, scope, moment, db),
            try SharedLimit(of: intent.verb, scope, moment, db).opening(in: intent.conversation),
        ].compactMap(\.self).max()
        if let next, next > now { return .wait(until: next) }
        return .go(action, target: target?.rawValue)
    }
}
