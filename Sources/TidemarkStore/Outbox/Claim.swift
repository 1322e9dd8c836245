internal import GRDB
package import TidemarkModel

/// What a claim found to do.
package struct Claims: Sendable {
    package var deliveries: [Delivery] = []
    /// When something that waits at a gate falls due; `nil`: nothing waits for a time.
    package var nextDue: Timestamp?
    /// Whose views may look different now.
    var touched = Touched.nothing

    /// Something of a lane was written.
    mutating func touch(_ conversation: Int64) {
        guard case .conversations(let known) = touched else {
            return touched = .conversations([ConversationID(conversation)])
        }
        touched = .conversations(known.union([ConversationID(conversation)]))
    }
}

extension MessageStore {
    /// Takes the next intents whose turn it is, at most one a lane and slot, and commits each as `transmitting` with
    /// its attempt before it is returned: what happens after that, a crash included, finds the mark.
    package func claim(_ scope: Scope, _ moment: Moment, limit: Int) throws -> Claims {
        guard limit > 0 else { return Claims() }
        // Looking costs no write: most rounds find nothing to do.
        guard try read({ db in try Claim(scope: scope, moment: moment, db: db).hasQueued() }) else { return Claims() }
        let claims = try write(.full, touching: { $0.touched }) { db in
            try Claim(scope: scope, moment: moment, db: db).run(limit: limit)
        }
        return claims.placed(in: shelf)
    }
}

/// One round of claiming.
struct Claim {
    let scope: Scope
    let moment: Moment
    let db: Database

    var now: Int64 { moment.now.milliseconds }

    func hasQueued() throws -> Bool {
        try Bool.fetchOne(db, cached: Self.isAnyQueued(scope.extent), arguments: [scope.account]) ?? false
    }

    private static let isAnyQueued = ScopedSQL { extent in
        """
        SELECT EXISTS (SELECT 1 FROM intent WHERE account = ? AND state IN (\(Outbox.openStates)) AND +state = 'queued'
            \(extent.condition(on: "conversation")))
        """
    }
    private static let queuedLanes = ScopedSQL { extent in
        """
        SELECT conversation FROM intent WHERE account = ? AND state IN (\(Outbox.openStates)) AND +state = 'queued'
            \(extent.condition(on: "conversation"))
        GROUP BY conversation ORDER BY min(id)
        """
    }

    func run(limit: Int) throws -> Claims {
        var claims = Claims()
        guard try scope.holdsLease(moment, db), let account = try AccountRow.fetchOne(db, id: scope.account),
            account.stopReason == nil, try Bool.fetchOne(db, cached: "SELECT isAdopted FROM store") == true
        else { return claims }
        guard try scope.isOfAccount(db) else {
            try Outbox.stop(.wrongIdentity, scope, moment, db)
            claims.touched = .everything
            return claims
        }
        let gate = account.gate(scope, moment)
        guard gate <= now else {
            claims.wait(until: gate)
            return claims
        }
        let lanes = try Int64.fetchAll(db, cached: Self.queuedLanes(scope.extent), arguments: [scope.account])
        for lane in lanes where claims.deliveries.count < limit {
            let written = db.totalChangesCount
            try claim(lane: lane, into: &claims, limit: limit)
            if db.totalChangesCount != written { claims.touch(lane) }
        }
        return claims
    }

    private func claim(lane conversation: Int64, into claims: inout Claims, limit: Int) throws {
        guard let row = try ConversationRow.fetchOne(db, id: conversation) else { return }
        let lane = try LaneRow.of(conversation, db)
        let gate = lane.gate(scope, moment)
        guard gate <= now else { return claims.wait(until: gate) }
        for slot in Self.slots where claims.deliveries.count < limit {
            try claim(slot: slot, of: row, into: &claims)
        }
    }

    /// Read marks and files wait for nobody, and nobody for them but a file's own message (R10).
    private static let slots = ["verb NOT IN ('markRead', 'upload')", "verb = 'markRead'", "verb = 'upload'"].map { slot in
        // Ended rows are passed over by the index.
        SQLText(
            once: """
                \(IntentRow.selection) WHERE account = ? AND conversation = ? AND \(slot)
                    AND state IN (\(Outbox.openStates)) AND state <> 'sent' ORDER BY id
                """)
    }

    private func claim(slot: SQLText, of conversation: ConversationRow, into claims: inout Claims) throws {
        var queue = Lane()
        // The walk stops at the first that may go or that holds the rest.
        let cursor = try IntentRow.fetchCursor(db, cached: slot, arguments: [scope.account, conversation.id])
        while let intent = try cursor.next() {
            let entry = Lane.Entry(
                verb: intent.verb, state: intent.state, asks: intent.asks, isSkipped: intent.isSkipped)
            switch queue.step(entry) {
            case .pass: continue
            case .stop: return
            case .consider:
                switch try consider(intent, conversation) {
                case .go(let action, let target):
                    claims.deliveries.append(try transmit(intent, conversation, action, target))
                    return
                case .pass: continue
                case .hold: queue.holdOrdered()
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

    enum Verdict {
        case go(Delivery.Action, target: String?)
        case pass
        /// It waits for its files: the messages behind it wait too.
        case hold
        case stop
        case wait(until: Int64)
        /// It waits, and what comes after it does not.
        case passUntil(Int64)
    }
}

extension Claims {
    mutating func wait(until due: Int64) {
        let due = Timestamp(milliseconds: due)
        nextDue = min(nextDue ?? due, due)
    }
}
