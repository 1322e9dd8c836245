internal import GRDB
package import TidemarkModel

/// How a person answers what the engine asks.
public enum Resolution: Hashable, Sendable {
    /// It arrived, as this message or conversation of the service.
    case arrived(String)
    /// It did not arrive: send it.
    case notSent
    /// An edit conflict: ours over theirs.
    case mine
    /// An edit conflict: leave theirs.
    case theirs
}

/// What a person can do with an intent (R10, cli.md).
package enum Act: Hashable, Sendable {
    case retry
    case skip
    case discard
    case edit(String)
    case resolve(Resolution)
}

extension MessageStore {
    /// Durable when it returns. Throws `StoreError` with `notFound` or `notAllowed` and what is possible instead.
    package func act(
        _ act: Act, on id: IntentID, _ scope: Scope, _ moment: Moment, using generator: inout some RandomNumberGenerator
    ) throws {
        try write(.full) { db in
            guard let intent = try IntentRow.fetchOne(db, key: id.number), intent.account == scope.account else {
                throw StoreError(.notFound, "There is no intent \(id) in this account.")
            }
            let acting = Acting(intent: intent, scope: scope, moment: moment, db: db)
            switch act {
            case .retry: try acting.retry()
            case .skip: try acting.skip()
            case .discard: try acting.discard()
            case .edit(let text): try acting.edit(text, newToken: Token.random(using: &generator))
            case .resolve(let resolution): try acting.resolve(resolution)
            }
        }
    }

    /// Lets a store that was copied or restored send again: first everything unsent is looked up (R16).
    package func adopt(_ scope: Scope, _ moment: Moment) throws {
        try write(.full) { db in
            try db.execute(sql: "UPDATE store SET isAdopted = 1")
            // The file was copied with all its accounts.
            let unsent = try IntentRow.fetchAll(db, sql: "SELECT * FROM intent WHERE state = 'queued' ORDER BY id")
            for intent in unsent where [.send, .edit, .createConversation, .rename].contains(intent.verb) {
                var owner = scope
                owner.account = intent.account
                try Outbox.doubtAdopted(intent, owner, moment, db)
            }
            try db.journal(JournalEntry(kind: "adopted", detail: "\(unsent.count) unsent"), scope, moment)
        }
    }

    /// Clears every backoff: something says that the way may be free again. What the service asked for, quarantines, and
    /// the wait of what the service does not show stay (R9).
    package func wakeOutbox(_ scope: Scope) throws {
        try write(.normal) { db in
            try db.execute(
                sql: "UPDATE account SET backoffUntil = 0, backoffStep = 0 WHERE id = ? AND backoffUntil > 0",
                arguments: [scope.account])
            try db.execute(
                sql: """
                    UPDATE lane SET backoffUntil = 0, backoffStep = 0 WHERE backoffUntil > 0
                        AND conversation IN (SELECT id FROM conversation WHERE account = ?)
                    """, arguments: [scope.account])
        }
    }

    /// A new credential: what stood still goes on.
    package func resume(_ scope: Scope, _ moment: Moment) throws {
        try write(.full) { db in
            try db.execute(
                sql: "UPDATE account SET stopReason = NULL, backoffUntil = 0, backoffStep = 0 WHERE id = ?",
                arguments: [scope.account])
            try db.journal(JournalEntry(kind: "resumed"), scope, moment)
        }
    }

    /// Stops the account before any request (R13).
    package func stop(_ reason: ParkReason, _ scope: Scope, _ moment: Moment) throws {
        try write(.full) { db in try Outbox.stop(reason, scope, moment, db) }
    }
}

extension Outbox {
    /// What a copied store holds as unsent may have been sent since. What waits for a create or a send is looked up too,
    /// as soon as that has told where.
    fileprivate static func doubtAdopted(
        _ intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        var doubtful = intent
        if intent.verb == .createConversation {
            doubtful.floor = try createFloor(scope, db)
        } else if intent.verb == .edit {
            // Its send is what is looked up; the edit is judged by its marker before it goes.
            let isBound = try Bool.fetchOne(
                db, sql: "SELECT remoteID IS NOT NULL FROM message WHERE id = ?", arguments: [intent.message])
            guard isBound == true else { return }
        } else {
            let high = try Int64.fetchOne(
                db, sql: "SELECT windowHigh FROM conversation WHERE id = ?", arguments: [intent.conversation])
            doubtful.floor = intent.floor ?? high ?? -1
        }
        doubtful.isFrozen = true
        try doubt(&doubtful, since: (moment.now - scope.traits.quarantine).milliseconds, scope, moment, db)
    }
}

/// One act on one intent.
private struct Acting {
    let intent: IntentRow
    let scope: Scope
    let moment: Moment
    let db: Database

    private var name: String { IntentID(intent.id ?? 0).description }
    private var isAsking: Bool { intent.state == .inDoubt && intent.asks }

    private func refuse(_ why: String) -> StoreError {
        StoreError(.notAllowed, "Intent \(name) \(why)")
    }

    func retry() throws {
        guard intent.state == .parked else {
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

    /// What stands in a conversation that nobody makes any more could never leave.
    private func requireConversation() throws {
        guard intent.verb != .createConversation else { return }
        let remote = try String.fetchOne(
            db, sql: "SELECT remoteID FROM conversation WHERE id = ?", arguments: [intent.conversation])
        guard remote == nil else { return }
        let isBeingMade = try Outbox.openIntents(in: intent.conversation, db).contains { $0.verb == .createConversation }
        guard isBeingMade else { throw refuse("belongs to a conversation that was discarded; discard it too.") }
    }

    private func requeue(_ intent: IntentRow) throws {
        try requireConversation()
        var intent = intent
        intent.state = .queued
        intent.reason = nil
        intent.detail = nil
        intent.asks = false
        intent.isSkipped = false
        intent.isOverlaid = true
        intent.notBefore = 0
        intent.doubtStart = nil
        // What was in vain so far is not held against the new try.
        try db.execute(
            sql: "UPDATE attempt SET code = NULL WHERE intent = ? AND code = ?", arguments: [intent.id, Outbox.stillThere])
        // A person has decided: what is there now is what it is based on.
        if intent.verb == .edit {
            intent.baseVersion = try Int64.fetchOne(
                db, sql: "SELECT version FROM message WHERE id = ?", arguments: [intent.message])
        }
        try intent.update(db)
        try db.execute(
            sql: "UPDATE lane SET backoffUntil = 0, backoffStep = 0, parkReason = NULL WHERE conversation = ?",
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

    /// A changed text is a new wish with a new token in the old one's place; should the old one land after all, its
    /// copy is deleted (R4).
    func edit(_ text: String, newToken: Token) throws {
        guard intent.state == .parked || intent.state == .queued, intent.verb == .send || intent.verb == .edit else {
            throw refuse("can't be edited; only parked or queued sends and edits can.")
        }
        try Enqueue(
            wish: .edit(MessageID(0), text: text, metadata: [:]), token: newToken, scope: scope, moment: moment, db: db
        ).requireText(text)
        var changed = intent
        var body = try intent.decodedBody
        if intent.verb == .send { body.message?.text = text } else { body.text = text }
        changed.body = try body.json()
        if intent.attempts > 0 {
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO tokenTombstone (account, token, conversation, intent, madeAt) VALUES (?, ?, ?, ?, ?)
                    """,
                arguments: [intent.account, intent.token, intent.conversation, intent.id, moment.now.milliseconds])
        }
        // What was done with the old text says nothing of the new one.
        try db.execute(sql: "UPDATE attempt SET target = NULL WHERE intent = ?", arguments: [intent.id])
        changed.floor = nil
        changed.firstAttemptAt = nil
        changed.acknowledgedAt = nil
        changed.token = newToken.rawValue
        changed.mayHaveLanded = false
        changed.isFrozen = false
        if intent.verb == .send {
            try db.execute(
                sql: "UPDATE message SET text = ?, token = ? WHERE id = ? AND remoteID IS NULL",
                arguments: [text, newToken.rawValue, intent.message])
        }
        try requeue(changed)
    }

    func resolve(_ resolution: Resolution) throws {
        switch resolution {
        case .arrived(let remote):
            guard intent.state == .inDoubt || intent.state == .parked && intent.mayHaveLanded, !remote.isEmpty else {
                throw refuse("asks for nothing that could have arrived.")
            }
            try arrived(remote)
        case .notSent:
            guard intent.state == .inDoubt else { throw refuse("is not in doubt; use `retry`.") }
            var decided = intent
            decided.firstAttemptAt = nil
            try requeue(decided)
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

    /// A person has seen what it made.
    private func arrived(_ remote: String) throws {
        switch intent.verb {
        case .send:
            let seen = try MessageRow.filter(sql: "conversation = ? AND remoteID = ?", arguments: [intent.conversation, remote])
                .fetchOne(db)
            if let seen, try !seen.isOwn || Outbox.sendIntent(of: seen, db) != nil {
                throw refuse("can't have made that message: it is somebody else's or another send's.")
            }
            try Outbox.bind(intent, to: remote, scope, moment, db)
        case .createConversation:
            let isTaken = try Bool.fetchOne(
                db,
                sql: """
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
