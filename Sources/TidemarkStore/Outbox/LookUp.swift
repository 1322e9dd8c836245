internal import GRDB
internal import TidemarkModel

/// Judging what is in doubt, once a walk has shown all that there is (R2, R3, R6, R7, R11).
extension Outbox {
    /// A walk that began with request `begunStart` at `begunAt` reached the window: what it did not show is not there.
    ///
    /// `clearDownTo`: its one answer showed, and could read, everything from the newest change down to this number.
    static func walkClosed(
        conversation: Int64, begunStart: Int64, begunAt: Int64, clearDownTo: Int64? = nil, _ scope: Scope, _ moment: Moment,
        _ db: Database
    ) throws {
        let doubtful = try IntentRow.fetchAll(
            db,
            cached: """
                \(IntentRow.selection) WHERE account = ? AND conversation = ? AND state IN (\(openStates)) AND +state = 'inDoubt' AND asks = 0
                    AND verb <> 'createConversation' ORDER BY id
                """, arguments: [scope.account, conversation])
        for found in doubtful where begunStart > found.doubtStart ?? 0 {
            // What became of an earlier one may have ended this one, or moved it to another row of its message.
            guard let id = found.id, let intent = try IntentRow.fetchOne(db, id: id), intent.state == .inDoubt, !intent.asks
            else { continue }
            if try settleFound(intent, scope, moment, db) { continue }
            // What is found settles at once; absence counts after the quarantine only (R3).
            if try Quarantine.holds(intent, begunAt: begunAt, scope, moment, db) { continue }
            guard try isClear(above: intent, clearDownTo, db) else {
                try lookAgain(intent, orAsk: .unreadable, scope, moment, db)
                continue
            }
            guard try reachesFloor(of: intent, clearDownTo, scope, db) else {
                try lookAgain(intent, orAsk: .unprovable, scope, moment, db)
                continue
            }
            switch intent.verb {
            case .send: try judgeAbsentSend(intent, scope, moment, db)
            case .edit: try judgeAbsentEdit(intent, scope, moment, db)
            default: try sendAgain(intent, scope, moment, db)
            }
        }
    }

    /// Judged by what is stored: it may have been seen before the answer was lost, and no later walk shows it again.
    private static func settleFound(_ intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database) throws -> Bool {
        switch intent.verb {
        case .send: try findSend(intent, scope, moment, db)
        case .edit: try findEdit(intent, scope, moment, db)
        case .rename: try findRename(intent, scope, moment, db)
        default: false
        }
    }

    static func sendAgain(_ intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        if try isTakenBack(intent, db) {
            // Its token stays: a copy that lands all the same is deleted (R4).
            return intent.verb == .send
                ? try cancel(intent, .cancelledByUser, scope, moment, db)
                : try end(intent, as: .cancelled, .superseded, scope, moment, db)
        }
        var intent = intent
        intent.state = .queued
        intent.doubtStart = nil
        (intent.notBefore, intent.failures, intent.quarantineUntil) = (0, 0, 0)
        // The token's lifetime begins anew with the next attempt.
        intent.firstAttemptAt = nil
        try intent.update(db)
        try journal(intent, "queued", "proved absent", scope, moment, db)
    }

    /// Whether the user has meanwhile deleted what an absent intent is about. To send it now would show it to everybody first.
    private static func isTakenBack(_ intent: IntentRow, _ db: Database) throws -> Bool {
        guard intent.verb != .createConversation else { return false }
        return try Bool.fetchOne(
            db,
            cached: """
                SELECT EXISTS (SELECT 1 FROM intent WHERE account = ?1 AND conversation = ?2 AND id > ?3
                    AND state IN ('queued', 'transmitting', 'inDoubt')
                    AND (verb = 'deleteConversation' OR (verb = 'delete' AND message = ?4 AND ?5 IN ('send', 'edit'))))
                """, arguments: [intent.account, intent.conversation, intent.id, intent.message, intent.verb.rawValue]) ?? false
    }

    /// Whether everything down to an intent's floor was read. A walk ends at what was read before it; where a copied store had read
    /// nothing when it was copied, what it may have sent stands anywhere down to the beginning (R16).
    private static func reachesFloor(
        of intent: IntentRow, _ clearDownTo: Int64?, _ scope: Scope, _ db: Database
    ) throws -> Bool {
        let floor = intent.floor ?? -1
        if scope.traits.history == .sinceJoin, intent.verb == .send || intent.verb == .edit {
            // To who may be shown nothing at all, nothing is absent unless something as old is shown.
            return try Bool.fetchOne(
                db, cached: "SELECT coalesce(windowLow <= ?, 0) FROM conversation WHERE id = ?",
                arguments: [floor, intent.conversation]) ?? false
        }
        guard intent.verb == .send, floor < 0, clearDownTo.map({ $0 > floor }) ?? true else { return true }
        return try Bool.fetchOne(
            db, cached: "SELECT bottom IS NOT NULL FROM conversation WHERE id = ?", arguments: [intent.conversation]) ?? false
    }

    /// Whether nothing was listed above an intent's floor of which not even the id is known: it could be what was lost (R24).
    private static func isClear(above intent: IntentRow, _ clearDownTo: Int64?, _ db: Database) throws -> Bool {
        if let clearDownTo, clearDownTo <= intent.floor ?? -1 { return true }
        let holds = try Bool.fetchOne(
            db,
            cached: """
                SELECT EXISTS (SELECT 1 FROM reject WHERE account = ? AND conversation = ? AND subject = 'messages'
                    AND coalesce(remoteID, '') = '' AND (holeHigh IS NULL OR holeHigh >= ?))
                """,
            arguments: [intent.account, intent.conversation, try floorMessage(of: intent, db)?.version ?? .min])
        return holds == false
    }

    /// What stood on top when an intent was first claimed: it tells the service's time of the floor.
    private static func floorMessage(of intent: IntentRow, _ db: Database) throws -> MessageRow? {
        try MessageRow.fetchOne(
            db, cached: "\(MessageRow.selection) WHERE conversation = ? AND sequence <= ? ORDER BY sequence DESC LIMIT 1",
            arguments: [intent.conversation, intent.floor ?? -1])
    }

    // MARK: Sends

    /// The token would have been settled when it was merged; what is left is an equal text (R12).
    private static func findSend(_ intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database) throws -> Bool {
        if let keys = try fileKeys(of: intent, scope, db) {
            // An equal text with other files is another message.
            guard let remote = try bearer(of: keys, for: intent, db)?.remoteID else { return false }
            try journal(intent, "recognised", "an own message bears its file", scope, moment, db)
            try bind(intent, to: remote, scope, moment, db)
            return true
        }
        let hasFiles = try hasFiles(intent, db)
        // Its files may have been sent from the store that this one is a copy of, under keys that nobody knows here.
        guard !hasFiles || scope.traits.attachments?.identifySends != true else { return false }
        guard case .recognisable = scope.traits.lostAnswer(of: .send), let text = try intent.decodedBody.message?.text else {
            return false
        }
        let same = SameText(text)
        let twin = try newOwn(above: intent, scope, db).first { row in
            row.isOwn && row.deletedAt == nil && same.matches(row.text) && hasFiles == (row.attachments != nil)
        }
        guard let remote = twin?.remoteID else { return false }
        try journal(intent, "recognised", "an equal own text counts as ours", scope, moment, db)
        try bind(intent, to: remote, scope, moment, db)
        return true
    }

    private static func judgeAbsentSend(_ intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        // Who changes a message leaves its files in it; who deletes it does not.
        let hasKeys = try fileKeys(of: intent, scope, db) != nil && leftWithItsKeys(intent, db)
        // An own item that may have lost its token: whether it is ours can't be told (R6).
        let isUnprovable = try newOwn(above: intent, scope, db).contains { row in
            row.deletedAt != nil || row.editedAt != nil && !hasKeys || row.isUnreadable
        }
        guard !isUnprovable, try hasKeys || mayRepeat(intent, scope, db) else {
            return try ask(intent, .unprovable, scope, moment, db)
        }
        try sendAgain(intent, scope, moment, db)
    }

    /// Whether its last attempt bore the keys that its files have now. A copied store may have sent it under others before it was
    /// copied, and what is uploaded since tells nothing of that one (R16).
    private static func leftWithItsKeys(_ send: IntentRow, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db,
            cached: """
                SELECT coalesce((SELECT max(startNumber) FROM attempt WHERE intent = ?1) > coalesce((
                    SELECT max(a.startNumber) FROM attempt AS a JOIN intent AS u ON u.id = a.intent
                    WHERE u.message = ?2 AND u.verb = 'upload'), 0), 0)
                """, arguments: [send.id, send.message]) ?? false
    }

    private static func hasFiles(_ send: IntentRow, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db, cached: "SELECT EXISTS (SELECT 1 FROM attachment WHERE message = ?)", arguments: [send.message]) ?? false
    }

    /// A service that gives no token back may still be at work on a request when no request should be: whether what is not there is
    /// sent once more is the program's to say, unless the user has taken it back meanwhile.
    private static func mayRepeat(_ intent: IntentRow, _ scope: Scope, _ db: Database) throws -> Bool {
        guard case .recognisable = scope.traits.lostAnswer(of: .send) else { return true }
        return try scope.configuration.absentSends == .resend || isTakenBack(intent, db)
    }

    /// Those of them that were made since: where changes are numbered by their time an old message that was changed stands above the
    /// floor too.
    private static func newOwn(above intent: IntentRow, _ scope: Scope, _ db: Database) throws -> [MessageRow] {
        let own = try unboundOwn(above: intent, db)
        guard scope.traits.changes == .feed, let floor = intent.floor else { return own }
        return own.filter { $0.place.map { $0 > floor } ?? true }
    }

    /// Own messages above an intent's floor that bear no token and belong to no intent.
    ///
    /// What has no number (a placeholder, a tombstone of which only the id is known) counts if it was heard of after the
    /// intent was written, and was not made well before what stood at the floor: by the service's clock, in which places are.
    static func unboundOwn(above intent: IntentRow, _ db: Database) throws -> [MessageRow] {
        let place = try floorMessage(of: intent, db)?.place ?? .min
        let (earliest, isBelowAll) = place.subtractingReportingOverflow(clockSlack)
        return try MessageRow.fetchAll(
            db,
            cached: """
                \(MessageRow.selection) AS m WHERE id IN (
                        SELECT id FROM message WHERE conversation = ?1 AND sequence > ?2
                        UNION ALL SELECT id FROM message WHERE conversation = ?1 AND sequence IS NULL)
                    AND token IS NULL AND remoteID IS NOT NULL
                    AND (sequence IS NOT NULL OR (id > ?3 AND (place IS NULL OR place >= ?4)))
                    AND (isOwn = 1 OR isUnreadable = 1 OR (sender IS NULL AND deletedAt IS NOT NULL))
                    AND coalesce(kind, 'text') IN ('text', 'html')
                    AND NOT EXISTS (SELECT 1 FROM intent AS i WHERE i.message = m.id AND i.verb = 'send')
                ORDER BY place, id
                """,
            arguments: [intent.conversation, intent.floor ?? -1, intent.message ?? 0, isBelowAll ? .min : earliest])
    }

    /// How far the clocks of a service's own machines may be apart, in milliseconds.
    private static let clockSlack: Int64 = 60_000

    // MARK: Edits and renames

    private static func findEdit(_ intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database) throws -> Bool {
        guard let row = try MessageRow.fetchOne(db, id: intent.message ?? 0) else {
            try end(intent, as: .cancelled, .parentCancelled, scope, moment, db)
            return true
        }
        let live = try copies(of: row, db).filter { $0.deletedAt == nil }
        guard let copy = try lookedUp(live, intent, db) else {
            try end(intent, as: .cancelled, .superseded, scope, moment, db)
            return true
        }
        if copy.editMarker == intent.token {
            try landed(intent, on: copy, live, scope, moment, db)
            return true
        }
        guard try isRecognised(copy, as: intent, scope) else { return false }
        try end(intent, as: .confirmed, nil, scope, moment, db)
        return true
    }

    /// The copy that the lost request was about.
    private static func lookedUp(_ live: [MessageRow], _ intent: IntentRow, _ db: Database) throws -> MessageRow? {
        let target = try String.fetchOne(
            db, cached: "SELECT target FROM attempt WHERE intent = ? ORDER BY number DESC LIMIT 1", arguments: [intent.id])
        return live.first { $0.remoteID == target } ?? live.first
    }

    private static func judgeAbsentEdit(_ intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        // Its base is the version of this row; another copy has versions of its own.
        if let row = try MessageRow.fetchOne(db, id: intent.message ?? 0), row.deletedAt == nil,
            try isForeignChange(row, since: intent, scope, db)
        {
            return try park(intent, .conflict, nil, scope, moment, db)
        }
        try sendAgain(intent, scope, moment, db)
    }

    /// The newest own rename above the floor is the lost one if it is equal. Others' renames after it change nothing
    /// of that; an own other one says that ours, which came after it, is not there.
    private static func findRename(_ intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database) throws -> Bool {
        let newest = try MessageRow.fetchOne(
            db,
            cached: """
                \(MessageRow.selection) WHERE conversation = ?1 AND sequence > ?2 AND kind = 'topicUpdated'
                    AND initiator IN (SELECT participant FROM identity WHERE account = ?3) ORDER BY sequence DESC LIMIT 1
                """, arguments: [intent.conversation, intent.floor ?? -1, scope.account])
        guard let newest, try newest.topic == intent.decodedBody.topic else { return false }
        try end(intent, as: .confirmed, nil, scope, moment, db)
        return true
    }

    /// The conversation was deleted at the service: its lane parks once (R10). If the user did it, nothing of it is left to do.
    static func conversationGone(_ conversation: Int64, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        let isOurs = try isBeingDeleted(conversation, db)
        for intent in try openIntents(in: conversation, db) {
            switch (intent.verb, intent.state) {
            case (.deleteConversation, _):
                try end(intent, as: .confirmed, nil, scope, moment, db)
            case (_, .sent):
                // It was done; that it can't be seen any more changes nothing.
                try end(intent, as: .confirmed, nil, scope, moment, db)
            case (.markRead, .queued):
                // Nobody will ask how far it was read.
                try end(intent, as: .cancelled, .superseded, scope, moment, db)
            case (_, .queued) where isOurs, (_, .inDoubt) where isOurs:
                // The user wanted it gone, with all that is in it: there is nothing to ask.
                try cancel(intent, .superseded, scope, moment, db)
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
