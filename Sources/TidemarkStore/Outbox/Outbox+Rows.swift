internal import GRDB
internal import TidemarkModel

extension Outbox {
    /// States in which an intent still needs the service, a person or an observation: those of the index of open intents.
    ///
    /// A statement that names them uses that index, and SQLite need not test them again. Who then wants one of them writes
    /// `AND +state = …`: without the sign SQLite would test that one against all of them, in a table made for it each time. Where
    /// another index is used, ``isOpen`` is the same without such a table.
    static let openStates = "'queued', 'transmitting', 'inDoubt', 'sent', 'parked'"

    static let isOpen = "state NOT IN ('confirmed', 'cancelled')"

    static func openIntents(on message: Int64, _ verb: Verb, _ db: Database) throws -> [IntentRow] {
        try IntentRow.fetchAll(
            db, cached: "\(IntentRow.selection) WHERE message = ? AND verb = ? AND \(isOpen) ORDER BY id",
            arguments: [message, verb.rawValue])
    }

    static func openIntents(in conversation: Int64, _ db: Database) throws -> [IntentRow] {
        try IntentRow.fetchAll(
            db,
            cached: """
                \(IntentRow.selection) WHERE account = (SELECT account FROM conversation WHERE id = ?1) AND conversation = ?1
                    AND state IN (\(openStates)) ORDER BY id
                """, arguments: [conversation])
    }

    /// A delete of the message, whichever of its copies it was said of.
    static func openDelete(on row: MessageRow, _ db: Database) throws -> IntentRow? {
        try copies(of: row, db).compactMap(\.id).flatMap { try openIntents(on: $0, .delete, db) }.last
    }

    /// The edits of the message that are not over, whichever of its copies they were said of, oldest first.
    static func openEdits(of row: MessageRow, _ db: Database) throws -> [IntentRow] {
        try copies(of: row, db).compactMap(\.id).flatMap { try openIntents(on: $0, .edit, db) }
            .sorted { ($0.id ?? 0) < ($1.id ?? 0) }
    }

    /// The user has deleted the conversation, and the service has not refused that.
    static func isBeingDeleted(_ conversation: Int64, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db,
            cached: """
                SELECT EXISTS (SELECT 1 FROM intent WHERE conversation = ? AND verb = 'deleteConversation'
                    AND state NOT IN ('parked', 'cancelled'))
                """, arguments: [conversation]) ?? false
    }

    /// The send that an own message came from.
    static func sendIntent(of row: MessageRow, _ db: Database) throws -> IntentRow? {
        try IntentRow.fetchOne(
            db, cached: "\(IntentRow.selection) WHERE message = ? AND verb = 'send' ORDER BY id LIMIT 1", arguments: [row.id])
    }

    /// Nothing of it can be at the service: only then may it be changed or cancelled (R4).
    static func isUnsent(_ intent: IntentRow) -> Bool {
        !intent.mayHaveLanded && (intent.state == .queued || intent.state == .parked)
    }

    /// It stands in the queue and nothing of it can be at the service: what follows may be folded into it.
    static func isWaiting(_ intent: IntentRow) -> Bool {
        isUnsent(intent) && intent.state == .queued
    }

    /// The rows that are copies of one own message: those with its token (R5).
    static func copies(of row: MessageRow, _ db: Database) throws -> [MessageRow] {
        guard let token = row.token, row.isOwn else { return [row] }
        return try MessageRow.fetchAll(
            db, cached: "\(MessageRow.selection) WHERE conversation = ? AND token = ? AND isOwn = 1 ORDER BY place, id",
            arguments: [row.conversation, token])
    }

    /// Ends an intent.
    static func end(
        _ intent: IntentRow, as state: IntentRow.State, _ reason: ParkReason? = nil, _ scope: Scope, _ moment: Moment,
        _ db: Database
    ) throws {
        var intent = intent
        intent.state = state
        intent.reason = reason?.rawValue
        intent.asks = false
        intent.settledAt = moment.now.milliseconds
        intent.isOverlaid = false
        intent.confirmAt = nil
        try intent.update(db)
        try journal(intent, state.rawValue, reason?.rawValue, scope, moment, db)
        if state == .confirmed, intent.verb == .send { try releaseCopies(of: intent, moment, db) }
        if state == .confirmed { try supersedeOlder(than: intent, scope, moment, db) }
    }

    /// A text, a topic or a read mark that is there stands for the earlier ones that a person was asked about: done now, they
    /// would undo it, and shown, they would hide it.
    static func supersedeOlder(than done: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        guard [.edit, .rename, .markRead].contains(done.verb) else { return }
        for older in try openIntents(in: done.conversation, db)
        where older.verb == done.verb && older.id ?? 0 < done.id ?? 0 && (older.state == .parked || older.state == .inDoubt) {
            guard done.verb != .edit || older.message == done.message else { continue }
            try end(older, as: .cancelled, .superseded, scope, moment, db)
        }
    }

    /// Takes an intent back. What may have left keeps its token as a tombstone, so that a copy that turns up is deleted
    /// (R4). Intents that waited for it are parked: nothing goes silently.
    static func cancel(
        _ intent: IntentRow, _ reason: ParkReason, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        if intent.verb == .send {
            try cancelUploads(of: intent, reason, scope, moment, db)
            if intent.attempts > 0 || intent.mayHaveLanded {
                try db.execute(
                    cached: """
                        INSERT OR IGNORE INTO tokenTombstone (account, token, conversation, intent, madeAt)
                        VALUES (?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        intent.account, intent.token, intent.conversation, intent.id, moment.now.milliseconds,
                    ])
            }
            try db.execute(
                cached: "DELETE FROM message WHERE id = ? AND remoteID IS NULL", arguments: [intent.message])
        }
        // Nothing could ever leave from it. Should the service have made it, its answer or a list opens it again.
        if intent.verb == .createConversation {
            try db.execute(
                cached: "UPDATE conversation SET deletedAt = ? WHERE id = ? AND remoteID IS NULL",
                arguments: [moment.now.milliseconds, intent.conversation])
        }
        try end(intent, as: .cancelled, reason, scope, moment, db)
        if intent.verb == .createConversation {
            try parkUnmade(in: intent.conversation, scope, moment, db)
        } else {
            try orphan(dependantsOf: intent, scope, moment, db)
        }
    }

    /// What was written into a conversation that will not be made. A copied store has such in doubt as well (R16): without a
    /// conversation nobody can look it up, so it is not waited for.
    private static func parkUnmade(
        in conversation: Int64, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        for dependant in try openIntents(in: conversation, db)
        where dependant.state == .queued || dependant.state == .inDoubt {
            try park(dependant, .parentCancelled, nil, scope, moment, db)
        }
    }

    private static func orphan(
        dependantsOf intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        for dependant in try IntentRow.fetchAll(db, where: "parent = ?", arguments: [intent.id])
        where isUnsent(dependant) && dependant.state == .queued {
            if intent.verb == .send, dependant.verb != .send {
                // An edit or a delete of a message that will not be: nothing is left to do.
                try end(dependant, as: .cancelled, .parentCancelled, scope, moment, db)
            } else {
                try park(dependant, .parentCancelled, nil, scope, moment, db)
            }
        }
    }

    /// Sets an intent aside until a person says more.
    static func park(
        _ intent: IntentRow, _ reason: ParkReason, _ detail: String?, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        var intent = intent
        intent.state = .parked
        intent.reason = reason.rawValue
        intent.detail = detail
        intent.asks = false
        intent.isSkipped = false
        intent.confirmAt = nil
        try intent.update(db)
        try journal(intent, "parked", reason.rawValue, scope, moment, db)
    }

    static func journal(
        _ intent: IntentRow, _ kind: String, _ cause: String?, status: Int? = nil, _ scope: Scope, _ moment: Moment,
        _ db: Database
    ) throws {
        try db.journal(
            JournalEntry(
                kind: kind, conversation: intent.conversation, message: intent.message, intent: intent.id, cause: cause,
                attempt: intent.attempts, status: status), scope, moment)
    }
}
