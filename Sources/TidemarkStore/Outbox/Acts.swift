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
            guard let intent = try IntentRow.fetchOne(db, id: id.number), intent.account == scope.account else {
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
            try db.execute(cached: "UPDATE store SET isAdopted = 1")
            // The file was copied with all its accounts.
            let unsent = try IntentRow.fetchAll(db, cached: "\(IntentRow.selection) WHERE state = 'queued' ORDER BY id")
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
                cached: "UPDATE account SET backoffUntil = 0, backoffStep = 0 WHERE id = ? AND backoffUntil > 0",
                arguments: [scope.account])
            try db.execute(
                cached: """
                    UPDATE lane SET backoffUntil = 0, backoffStep = 0 WHERE backoffUntil > 0
                        AND conversation IN (SELECT id FROM conversation WHERE account = ?)
                    """, arguments: [scope.account])
        }
    }

    /// A new credential: what stood still goes on.
    package func resume(_ scope: Scope, _ moment: Moment) throws {
        try write(.full) { db in
            try db.execute(
                cached: "UPDATE account SET stopReason = NULL, backoffUntil = 0, backoffStep = 0 WHERE id = ?",
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
                db, cached: "SELECT remoteID IS NOT NULL FROM message WHERE id = ?", arguments: [intent.message])
            guard isBound == true else { return }
        } else {
            let high = try Int64.fetchOne(
                db, cached: "SELECT windowHigh FROM conversation WHERE id = ?", arguments: [intent.conversation])
            doubtful.floor = intent.floor ?? high ?? -1
        }
        doubtful.isFrozen = true
        try doubt(&doubtful, since: (moment.now - scope.traits.quarantine).milliseconds, scope, moment, db)
    }
}
