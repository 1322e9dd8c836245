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
                        AND (SELECT account FROM conversation WHERE id = lane.conversation) = ?
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
