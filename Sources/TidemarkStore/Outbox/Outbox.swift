internal import GRDB
internal import TidemarkModel

/// What the outbox does with what is observed. The merge calls these inside its own transaction.
enum Outbox {
    /// The own message that a copy seen for the first time belongs to, by its token: the row to bind the copy to.
    static func echo(of remote: RemoteMessage, in conversation: Int64, _ scope: Scope, _ db: Database) throws -> Int64? {
        guard let token = remote.token, let sender = remote.sender, try isOwn(sender, scope, db) else { return nil }
        return try Int64.fetchOne(
            db,
            cached: """
                SELECT m.id FROM intent AS i JOIN message AS m ON m.id = i.message
                WHERE i.account = ? AND i.token = ? AND i.verb = 'send' AND m.conversation = ? AND m.remoteID IS NULL
                """, arguments: [scope.account, token.rawValue, conversation])
    }

    static func isOwn(_ participant: ParticipantID, _ scope: Scope, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db, cached: "SELECT EXISTS (SELECT 1 FROM identity WHERE account = ? AND participant = ?)",
            arguments: [scope.account, participant.rawValue]) ?? false
    }

    /// A copy was merged. `startNumber` is the number of the request that showed it, `nil` for a push.
    ///
    /// Proof of an effect settles its intent in whatever state it is (R14).
    static func observed(
        _ message: MessageRow, startNumber: Int64?, isListed: Bool = true, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        guard message.isOwn else { return }
        let message = try observedSend(message, scope, moment, db)
        try observedEdits(message, startNumber, isListed: isListed, scope, moment, db)
        try observedDeletes(message, startNumber, scope, moment, db)
    }

    // MARK: Sends

    /// The token came back: the send landed, whatever its answer was. Returns the row that the copy stands in now.
    private static func observedSend(
        _ message: MessageRow, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws -> MessageRow {
        guard let remote = message.remoteID else { return message }
        // Bound by its id already, and now seen (a service that gives no token back).
        guard
            let intent =
                try send(withTokenOf: message, scope, db) ?? boundSend(of: message, db) ?? send(withFilesOf: message, scope, db)
        else {
            try observedTombstoned(message, scope, moment, db)
            return message
        }
        switch intent.state {
        case .cancelled:
            try deleteLandedCopy(intent, remote, message, scope, moment, db)
        case .confirmed:
            if intent.message != message.id {
                try journal(intent, "folded", "a second copy bears its token", scope, moment, db)
            }
        case .queued, .transmitting, .inDoubt, .sent, .parked:
            var settled = intent
            settled.remoteTarget = remote
            settled.mayHaveLanded = true
            settled.acknowledgedAt = intent.acknowledgedAt ?? moment.now.milliseconds
            settled.detail = nil
            try end(settled, as: .confirmed, nil, scope, moment, db)
            return try joinEcho(of: settled, message, db)
        }
        return message
    }

    private static func send(withTokenOf message: MessageRow, _ scope: Scope, _ db: Database) throws -> IntentRow? {
        guard let token = message.token else { return nil }
        return try IntentRow.fetchOne(
            db, cached: "\(IntentRow.selection) WHERE account = ? AND token = ? AND verb = 'send'",
            arguments: [scope.account, token])
    }

    private static func boundSend(of message: MessageRow, _ db: Database) throws -> IntentRow? {
        try IntentRow.fetchOne(
            db, cached: "\(IntentRow.selection) WHERE message = ? AND verb = 'send' AND remoteTarget = ?",
            arguments: [message.id, message.remoteID])
    }

    /// A copy that was first seen without its token has a row of its own: it becomes the user's message.
    private static func joinEcho(of intent: IntentRow, _ message: MessageRow, _ db: Database) throws -> MessageRow {
        guard let id = intent.message, id != message.id, let echo = try MessageRow.fetchOne(db, id: id), echo.remoteID == nil
        else { return message }
        try absorb(message, into: echo, db)
        return try MessageRow.fetchOne(db, id: id) ?? message
    }

    /// A copy with the token of a send whose intent is another one by now (an edited, renewed token) is deleted.
    private static func observedTombstoned(
        _ message: MessageRow, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        guard let token = message.token,
            let owner = try Int64.fetchOne(
                db, cached: "SELECT intent FROM tokenTombstone WHERE account = ? AND token = ?",
                arguments: [scope.account, token]),
            var intent = try IntentRow.fetchOne(db, id: owner)
        else { return }
        intent.token = token
        try deleteLandedCopy(intent, message.remoteID ?? "", message, scope, moment, db)
    }
}
