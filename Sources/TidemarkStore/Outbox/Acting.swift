internal import GRDB
internal import TidemarkModel

/// One act on one intent.
struct Acting {
    let intent: IntentRow
    let scope: Scope
    let moment: Moment
    let db: Database

    var name: String { IntentID(intent.id ?? 0).description }
    var isAsking: Bool { intent.state == .inDoubt && intent.asks }

    func refuse(_ why: String) -> StoreError {
        StoreError(.notAllowed, "Intent \(name) \(why)")
    }

    func retry() throws {
        guard try intent.state == .parked || isHeldByLane else {
            if isAsking { throw refuse("is in doubt: say what became of it with `resolve` before it is sent again.") }
            throw refuse("is not parked; it goes on by itself.")
        }
        // It was set aside before it was known whether it had landed.
        if intent.mayHaveLanded, intent.doubtStart != nil {
            try requireConversation()
            var doubtful = intent
            return try Outbox.doubt(&doubtful, since: moment.now.milliseconds, scope, moment, db)
        }
        try requeue(intent)
    }

    /// Its conversation is gone, and all that is queued in it stands still with it (R10).
    private var isHeldByLane: Bool {
        get throws { try intent.state == .queued && LaneRow.of(intent.conversation, db).parkReason != nil }
    }

    /// What stands in a conversation that nobody makes any more could never leave.
    private func requireConversation() throws {
        guard intent.verb != .createConversation else { return }
        let remote = try String.fetchOne(
            db, cached: "SELECT remoteID FROM conversation WHERE id = ?", arguments: [intent.conversation])
        guard remote == nil else { return }
        let isBeingMade = try Outbox.openIntents(in: intent.conversation, db).contains { $0.verb == .createConversation }
        guard isBeingMade else { throw refuse("belongs to a conversation that was discarded; discard it too.") }
    }

    func requeue(_ intent: IntentRow, after quarantineUntil: Int64 = 0) throws {
        try requireConversation()
        var intent = intent
        intent.state = .queued
        intent.reason = nil
        intent.detail = nil
        intent.asks = false
        intent.isSkipped = false
        intent.isOverlaid = true
        intent.notBefore = 0
        intent.quarantineUntil = quarantineUntil
        intent.doubtStart = nil
        // What was in vain so far is not held against the new try.
        try db.execute(
            cached: "UPDATE attempt SET code = NULL WHERE intent = ? AND code = ?", arguments: [intent.id, Outbox.stillThere])
        // A person has decided: what is there now is what it is based on.
        if intent.verb == .edit {
            intent.baseVersion = try Int64.fetchOne(
                db, cached: "SELECT version FROM message WHERE id = ?", arguments: [intent.message])
        }
        // Trying again means the room that has the name now.
        intent.roomSID = try String.fetchOne(
            db, cached: "SELECT roomSID FROM conversation WHERE id = ?", arguments: [intent.conversation])
        try intent.update(db)
        try db.execute(
            cached: "UPDATE lane SET backoffUntil = 0, backoffStep = 0, parkReason = NULL WHERE conversation = ?",
            arguments: [intent.conversation])
        try Outbox.journal(intent, "queued", "retried by the user", scope, moment, db)
    }

    func skip() throws {
        guard intent.state == .parked || isAsking else { throw refuse("is neither parked nor asking; nothing waits for it.") }
        var skipped = intent
        skipped.isSkipped = true
        try skipped.update(db)
        try Outbox.journal(skipped, "skipped", nil, scope, moment, db)
    }

    func discard() throws {
        // A message without one of its files is not what was written: they go together.
        if intent.verb == .upload, intent.state != .confirmed, intent.state != .cancelled,
            let send = try Outbox.send(of: intent, db)
        {
            return try Acting(intent: send, scope: scope, moment: moment, db: db).discard()
        }
        switch intent.state {
        case .queued, .parked, .inDoubt:
            try Outbox.cancel(intent, .cancelledByUser, scope, moment, db)
        case .transmitting:
            throw refuse("is on its way right now; try again in a moment.")
        case .sent, .confirmed:
            throw refuse("has been sent; delete what it made instead.")
        case .cancelled:
            return
        }
    }
}
