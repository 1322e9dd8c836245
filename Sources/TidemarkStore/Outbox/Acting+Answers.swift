internal import GRDB
internal import TidemarkModel

/// What a person says in words or of fact: another text, or what became of it.
extension Acting {
    /// A changed text is a new wish with a new token in the old one's place; should the old one land after all, its
    /// copy is deleted (R4).
    func edit(_ text: String, newToken: Token) throws {
        guard intent.state == .parked || intent.state == .queued, intent.verb == .send || intent.verb == .edit else {
            throw refuse("can't be edited; only parked or queued sends and edits can.")
        }
        try Enqueue(
            wish: .edit(MessageID(0), text: text, metadata: [:]), token: newToken, scope: scope, moment: moment, db: db
        ).requireText(text, mayBeEmpty: try hasFiles)
        var changed = intent
        var body = try intent.decodedBody
        if intent.verb == .send { body.message?.text = text } else { body.text = text }
        changed.body = try body.json()
        // A copied store has not seen every attempt (R16).
        if intent.attempts > 0 || intent.mayHaveLanded {
            try db.execute(
                cached: """
                    INSERT OR IGNORE INTO tokenTombstone (account, token, conversation, intent, madeAt) VALUES (?, ?, ?, ?, ?)
                    """,
                arguments: [intent.account, intent.token, intent.conversation, intent.id, moment.now.milliseconds])
        }
        // What was done with the old text says nothing of the new one.
        try db.execute(cached: "UPDATE attempt SET target = NULL WHERE intent = ?", arguments: [intent.id])
        changed.floor = nil
        changed.firstAttemptAt = nil
        changed.acknowledgedAt = nil
        changed.token = newToken.rawValue
        changed.mayHaveLanded = false
        changed.isFrozen = false
        if intent.verb == .send {
            try db.execute(
                cached: "UPDATE message SET text = ?, token = ? WHERE id = ? AND remoteID IS NULL",
                arguments: [text, newToken.rawValue, intent.message])
        }
        try requeue(changed)
    }

    private var hasFiles: Bool {
        get throws { try MessageRow.fetchOne(db, id: intent.message)?.attachments != nil }
    }

    func resolve(_ resolution: Resolution) throws {
        switch resolution {
        case .arrived(let remote):
            guard intent.state == .inDoubt || intent.state == .parked && intent.mayHaveLanded, !remote.isEmpty else {
                throw refuse("asks for nothing that could have arrived.")
            }
            try arrived(remote)
        case .notSent:
            guard intent.state == .inDoubt else {
                throw refuse("is not in doubt: what is parked goes on with `retry`, what is queued by itself.")
            }
            var decided = intent
            decided.firstAttemptAt = nil
            // Who looks within the quarantine may look too early: what lands until it is over is still found (R3).
            try requeue(decided, after: Quarantine.end(of: intent, scope, moment, db))
        case .mine:
            guard isConflict else { throw refuse("is no edit conflict.") }
            try requeue(intent)
        case .theirs:
            guard isConflict else { throw refuse("is no edit conflict.") }
            try Outbox.cancel(intent, .cancelledByUser, scope, moment, db)
        }
    }

    private var isConflict: Bool {
        intent.verb == .edit && intent.state == .parked && intent.reason == ParkReason.conflict.rawValue
    }

    /// Where nothing is ever listed nobody but the person tells of it: it stands where it was said (R21).
    private func takePlace() throws {
        guard scope.traits.ordering == .arrival,
            let row = try MessageRow.fetchOne(db, id: intent.message), row.remoteID != nil, row.place == nil
        else { return }
        let number = try db.nextArrival()
        try Reading(scope, moment, db).addOwnPlace(number, in: intent.conversation)
        try db.execute(cached: "UPDATE message SET place = ?1, sort = ?1 WHERE id = ?2", arguments: [number, row.id])
    }

    /// A person has seen what it made.
    private func arrived(_ remote: String) throws {
        switch intent.verb {
        case .send:
            let seen = try MessageRow.fetchOne(
                db, where: "conversation = ? AND remoteID = ?", arguments: [intent.conversation, remote])
            if let seen, try !seen.isOwn || Outbox.sendIntent(of: seen, db) != nil {
                throw refuse("can't have made that message: it is somebody else's or another send's.")
            }
            try Outbox.bind(intent, to: remote, scope, moment, db)
            try takePlace()
        case .createConversation:
            let isTaken = try Bool.fetchOne(
                db,
                cached: """
                    SELECT EXISTS (SELECT 1 FROM conversation AS c JOIN intent AS i ON i.conversation = c.id
                        WHERE c.account = ? AND c.remoteID = ? AND i.verb = 'createConversation')
                    """, arguments: [scope.account, remote])
            guard isTaken != true else { throw refuse("can't have made that conversation: another create has.") }
            try Outbox.adopt(remote, by: intent, createdAt: nil, scope, moment, db)
        default:
            try Outbox.acknowledge(intent, serverDate: nil, scope, moment, db)
        }
    }
}
