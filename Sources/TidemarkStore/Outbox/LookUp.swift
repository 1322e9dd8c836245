internal import GRDB
internal import TidemarkModel

/// Judging what is in doubt, once a walk has shown all that there is (R2, R3, R6, R7, R11).
extension Outbox {
    /// A walk that began with request `begunStart` at `begunAt` reached the window: what it did not show is not there.
    static func walkClosed(
        conversation: Int64, begunStart: Int64, begunAt: Int64, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        let doubtful = try IntentRow.fetchAll(
            db,
            sql: """
                SELECT * FROM intent WHERE account = ? AND conversation = ? AND state = 'inDoubt' AND asks = 0
                    AND verb <> 'createConversation' ORDER BY id
                """, arguments: [scope.account, conversation])
        for intent in doubtful where begunStart > intent.doubtStart ?? 0 {
            // Found would have been settled when it was merged. Absence counts after the quarantine only.
            if begunAt < intent.quarantineUntil {
                try wantLookUp(intent, notBefore: intent.quarantineUntil, scope, moment, db)
                continue
            }
            switch intent.verb {
            case .send: try judgeSend(intent, scope, moment, db)
            case .edit: try judgeEdit(intent, scope, moment, db)
            default: try sendAgain(intent, scope, moment, db)
            }
        }
    }

    private static func sendAgain(_ intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        var intent = intent
        intent.state = .queued
        intent.doubtStart = nil
        try intent.update(db)
        try journal(intent, "queued", "proved absent", scope, moment, db)
    }

    private static func judgeSend(_ intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        if case .recognisable = scope.traits.lostAnswer(of: .send),
            let twin = try unboundOwn(above: intent, db).first(where: { $0.deletedAt == nil && $0.text == equalText(intent) })
        {
            try journal(intent, "recognised", "an equal own text counts as ours", scope, moment, db)
            try bind(intent, to: twin.remoteID ?? "", scope, moment, db)
            return
        }
        // An own item that may have lost its token: whether it is ours can't be told (R6).
        let isUnprovable = try unboundOwn(above: intent, db).contains { row in
            row.deletedAt != nil || row.editedAt != nil || row.isUnreadable
        }
        guard isUnprovable else { return try sendAgain(intent, scope, moment, db) }
        var asking = intent
        asking.asks = true
        asking.reason = ParkReason.unprovable.rawValue
        try asking.update(db)
        try journal(asking, "asks", ParkReason.unprovable.rawValue, scope, moment, db)
    }

    private static func equalText(_ intent: IntentRow) -> String? {
        (try? intent.decodedBody)?.message?.text
    }

    /// Own messages above an intent's floor that bear no token and belong to no intent.
    static func unboundOwn(above intent: IntentRow, _ db: Database) throws -> [MessageRow] {
        try MessageRow.fetchAll(
            db,
            sql: """
                SELECT * FROM message AS m WHERE conversation = ? AND token IS NULL AND remoteID IS NOT NULL
                    AND (isOwn = 1 OR isUnreadable = 1 OR (sender IS NULL AND deletedAt IS NOT NULL))
                    AND coalesce(sequence, 9223372036854775807) > ?
                    AND coalesce(kind, 'text') IN ('text', 'html')
                    AND NOT EXISTS (SELECT 1 FROM intent AS i WHERE i.message = m.id AND i.verb = 'send')
                ORDER BY place, id
                """, arguments: [intent.conversation, intent.floor ?? -1])
    }

    private static func judgeEdit(_ intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        guard let row = try MessageRow.fetchOne(db, key: intent.message ?? 0) else {
            return try end(intent, as: .cancelled, .parentCancelled, scope, moment, db)
        }
        let copies = try copies(of: row, db).filter { $0.deletedAt == nil }
        guard !copies.isEmpty else { return try end(intent, as: .cancelled, .superseded, scope, moment, db) }
        let target = try String.fetchOne(
            db, sql: "SELECT target FROM attempt WHERE intent = ? ORDER BY number DESC LIMIT 1", arguments: [intent.id])
        let copy = copies.first { $0.remoteID == target } ?? copies[0]
        if copy.editMarker == intent.token { return try end(intent, as: .confirmed, nil, scope, moment, db) }
        if copy.id == row.id, let version = copy.version, version > intent.baseVersion ?? -1 {
            return try park(intent, .conflict, nil, scope, moment, db)
        }
        try sendAgain(intent, scope, moment, db)
    }

    // MARK: Creates

    /// A conversation was seen for the first time that no row is bound to. Repeating a create inside its lifetime
    /// gives its id, and the rows are merged then; beyond it the whole list is judged. So nothing is bound by a look.
    static func creation(of remote: RemoteConversation, _ scope: Scope, _ moment: Moment, _ db: Database) throws -> Int64? {
        nil
    }

    /// A walk over the list ended: creates in doubt are judged by what stands in it (R11).
    static func listClosed(begunStart: Int64, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        let doubtful = try IntentRow.fetchAll(
            db,
            sql: """
                SELECT * FROM intent WHERE account = ? AND state = 'inDoubt' AND asks = 0 AND verb = 'createConversation'
                ORDER BY id
                """, arguments: [scope.account])
        for intent in doubtful where begunStart > intent.doubtStart ?? 0 {
            guard moment.now.milliseconds >= intent.quarantineUntil else {
                try wantLookUp(intent, notBefore: intent.quarantineUntil, scope, moment, db)
                continue
            }
            try judgeCreate(intent, scope, moment, db)
        }
    }

    private static func judgeCreate(_ intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        let candidates = try createCandidates(for: intent, db)
        // Who made a conversation is in its details: wait until they are read.
        let unknown = candidates.filter { $0.createdBy == nil }
        guard unknown.isEmpty else {
            for candidate in unknown {
                try db.execute(sql: "UPDATE conversation SET detailsAreStale = 1 WHERE id = ?", arguments: [candidate.id])
            }
            return try wantLookUp(
                intent, notBefore: (moment.now + scope.configuration.confirmAfter).milliseconds, scope, moment, db)
        }
        let own = try candidates.filter { try isOwn(ParticipantID($0.createdBy ?? ""), scope, db) }
        switch own.count {
        case 0:
            var again = intent
            // The token's lifetime begins anew with the next attempt.
            again.firstAttemptAt = nil
            try sendAgain(again, scope, moment, db)
        case 1:
            try adopt(own[0].remoteID ?? "", by: intent, createdAt: nil, scope, moment, db)
        default:
            var asking = intent
            asking.asks = true
            asking.reason = ParkReason.severalCandidates.rawValue
            try asking.update(db)
            try journal(asking, "asks", ParkReason.severalCandidates.rawValue, scope, moment, db)
        }
    }

    /// Conversations with the topic of a create that were first seen after it was wanted.
    static func createCandidates(for intent: IntentRow, _ db: Database) throws -> [ConversationRow] {
        let topic = try intent.decodedBody.topic ?? ""
        return try ConversationRow.fetchAll(
            db,
            sql: """
                SELECT * FROM conversation AS c WHERE account = ? AND id > ? AND topic = ? AND remoteID IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM intent AS i WHERE i.conversation = c.id AND i.verb = 'createConversation')
                ORDER BY id
                """, arguments: [intent.account, intent.conversation, topic])
    }

    /// The conversation was deleted at the service: its lane parks once (R10).
    static func conversationGone(_ conversation: Int64, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        for intent in try openIntents(in: conversation, db) {
            switch (intent.verb, intent.state) {
            case (.deleteConversation, _):
                try end(intent, as: .confirmed, nil, scope, moment, db)
            case (_, .sent):
                // It was done; that it can't be seen any more changes nothing.
                try end(intent, as: .confirmed, nil, scope, moment, db)
            case (_, .queued), (_, .inDoubt):
                try park(intent, .conversationGone, nil, scope, moment, db)
            default:
                continue
            }
        }
        var lane = try LaneRow.of(conversation, db)
        lane.parkReason = ParkReason.conversationGone.rawValue
        try lane.save(db)
    }
}
