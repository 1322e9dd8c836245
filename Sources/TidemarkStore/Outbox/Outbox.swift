internal import GRDB
internal import TidemarkModel

/// What the outbox does with what is observed. The merge calls these inside its own transaction.
enum Outbox {
    /// The own message that a copy seen for the first time belongs to, by its token: the row to bind the copy to.
    static func echo(of remote: RemoteMessage, in conversation: Int64, _ scope: Scope, _ db: Database) throws -> Int64? {
        guard let token = remote.token, let sender = remote.sender, try isOwn(sender, scope, db) else { return nil }
        return try Int64.fetchOne(
            db,
            sql: """
                SELECT m.id FROM intent AS i JOIN message AS m ON m.id = i.message
                WHERE i.account = ? AND i.token = ? AND i.verb = 'send' AND m.conversation = ? AND m.remoteID IS NULL
                """, arguments: [scope.account, token.rawValue, conversation])
    }

    static func isOwn(_ participant: ParticipantID, _ scope: Scope, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM identity WHERE account = ? AND participant = ?)",
            arguments: [scope.account, participant.rawValue]) ?? false
    }

    /// A copy was merged. `startNumber` is the number of the request that showed it, `nil` for a push.
    ///
    /// Proof of an effect settles its intent in whatever state it is (R14).
    static func observed(
        _ message: MessageRow, startNumber: Int64?, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        if message.isOwn {
            try observedSend(message, scope, moment, db)
            try observedCopyOfDeleted(message, scope, moment, db)
        }
        let changes = try IntentRow.fetchAll(
            db,
            sql: """
                SELECT * FROM intent WHERE message IN (SELECT id FROM message WHERE id = ?1
                    UNION SELECT id FROM message WHERE conversation = ?2 AND token = ?3 AND isOwn = 1)
                AND verb IN ('edit', 'delete') AND state IN (\(openStates)) ORDER BY id
                """, arguments: [message.id, message.conversation, message.token])
        for change in changes {
            if change.verb == .edit {
                try observedEdit(change, message, startNumber, scope, moment, db)
            } else {
                try observedDelete(change, message, startNumber, scope, moment, db)
            }
        }
        if message.kind == MessageKind.topicUpdated.rawValue {
            try observedRename(message, startNumber, scope, moment, db)
        }
    }

    // MARK: Sends

    /// The token came back: the send landed, whatever its answer was.
    private static func observedSend(_ message: MessageRow, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        guard message.remoteID != nil else { return }
        let byToken = try message.token.flatMap { token in
            try IntentRow.fetchOne(
                db, sql: "SELECT * FROM intent WHERE account = ? AND token = ? AND verb = 'send'",
                arguments: [scope.account, token])
        }
        // Bound by its id already, and now seen (a service that gives no token back).
        guard let intent = try byToken ?? boundSend(of: message, db) else {
            return try observedTombstoned(message, scope, moment, db)
        }
        switch intent.state {
        case .cancelled:
            try deleteLandedCopy(intent, message.remoteID ?? "", message, scope, moment, db)
        case .confirmed:
            if intent.message != message.id {
                try journal(intent, "folded", "a second copy bears its token", scope, moment, db)
            }
        case .queued, .transmitting, .inDoubt, .sent, .parked:
            var settled = intent
            settled.remoteTarget = message.remoteID
            settled.mayHaveLanded = true
            settled.acknowledgedAt = intent.acknowledgedAt ?? moment.now.milliseconds
            settled.detail = nil
            try end(settled, as: .confirmed, nil, scope, moment, db)
        }
    }

    private static func boundSend(of message: MessageRow, _ db: Database) throws -> IntentRow? {
        try IntentRow.fetchOne(
            db, sql: "SELECT * FROM intent WHERE message = ? AND verb = 'send' AND remoteTarget = ?",
            arguments: [message.id, message.remoteID])
    }

    /// A copy with the token of a send whose intent is another one by now (an edited, renewed token) is deleted.
    private static func observedTombstoned(
        _ message: MessageRow, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        guard let token = message.token,
            let owner = try Int64.fetchOne(
                db, sql: "SELECT intent FROM tokenTombstone WHERE account = ? AND token = ?", arguments: [scope.account, token]),
            var intent = try IntentRow.fetchOne(db, key: owner)
        else { return }
        intent.token = token
        try deleteLandedCopy(intent, message.remoteID ?? "", message, scope, moment, db)
    }

    /// A further copy of a message that its user has deleted goes too (R5).
    private static func observedCopyOfDeleted(
        _ message: MessageRow, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        guard let token = message.token, message.deletedAt == nil, let remote = message.remoteID else { return }
        guard
            let earlier = try IntentRow.fetchOne(
                db,
                sql: """
                    SELECT * FROM intent WHERE verb = 'delete' AND state IN ('sent', 'confirmed') AND message IN (
                        SELECT id FROM message WHERE conversation = ? AND token = ? AND isOwn = 1 AND id <> ?) LIMIT 1
                    """, arguments: [message.conversation, token, message.id]),
            try openIntents(on: message.id ?? 0, .delete, db).isEmpty
        else { return }
        try deleteLandedCopy(earlier, remote, message, scope, moment, db)
    }

    // MARK: Edits and deletes

    private static func observedEdit(
        _ intent: IntentRow, _ message: MessageRow, _ startNumber: Int64?, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        let copies = try copies(of: message, db)
        let live = copies.filter { $0.deletedAt == nil }
        if live.isEmpty, message.deletedAt != nil {
            return try end(intent, as: .cancelled, .superseded, scope, moment, db)
        }
        if message.editMarker == intent.token {
            let done = try Set(acceptedTargets(of: intent, db))
            let isWhole = live.allSatisfy { copy in
                copy.editMarker == intent.token || copy.remoteID.map(done.contains) == true
            }
            if isWhole { try end(intent, as: .confirmed, nil, scope, moment, db) }
            return
        }
        // A later change than ours, seen by a request that began after ours was acknowledged (R19).
        if intent.state == .sent, let startNumber, let acknowledged = intent.acknowledgedStart, startNumber > acknowledged,
            let version = message.version, version > intent.baseVersion ?? -1
        {
            try end(intent, as: .confirmed, nil, scope, moment, db)
        }
    }

    private static func observedDelete(
        _ intent: IntentRow, _ message: MessageRow, _ startNumber: Int64?, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        let live = try copies(of: message, db).filter { $0.deletedAt == nil && $0.remoteID != nil }
        if live.isEmpty, message.deletedAt != nil {
            return try end(intent, as: .confirmed, nil, scope, moment, db)
        }
        // Alive in an answer to a request that began after the delete was settled: it did not take (R8).
        if intent.state == .sent, message.deletedAt == nil, let startNumber, let acknowledged = intent.acknowledgedStart,
            startNumber > acknowledged, let target = message.remoteID
        {
            var reopened = intent
            reopened.state = .queued
            reopened.failures += 1
            reopened.notBefore =
                moment.now.milliseconds + scope.configuration.backoffCeiling(step: min(reopened.failures, 8)).milliseconds
            try reopened.update(db)
            try db.execute(
                sql: "UPDATE attempt SET outcome = 'notApplied' WHERE intent = ? AND target = ? AND outcome = 'accepted'",
                arguments: [intent.id, target])
            try journal(reopened, "reopened", "seen alive after it was deleted", scope, moment, db)
        }
    }

    // MARK: Renames

    private static func observedRename(
        _ message: MessageRow, _ startNumber: Int64?, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        guard let initiator = message.initiator, try isOwn(ParticipantID(initiator), scope, db) else { return }
        let renames = try IntentRow.fetchAll(
            db, sql: "SELECT * FROM intent WHERE conversation = ? AND verb = 'rename' AND state = 'inDoubt' ORDER BY id",
            arguments: [message.conversation])
        for intent in renames where try intent.decodedBody.topic == message.topic {
            guard (message.sequence ?? 0) > intent.floor ?? -1 else { continue }
            try end(intent, as: .confirmed, nil, scope, moment, db)
        }
    }
}
