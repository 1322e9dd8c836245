internal import GRDB
internal import TidemarkModel

/// Changes of a conversation that the service has acknowledged and no read has shown yet. They are over, and views go on
/// showing them: until a read that began later shows them, too, or something newer, or the settle window is over and it
/// shows something else (P7, R19). Such an intent is `sent`, settled and overlaid.
extension Outbox {
    static let standingVerbs: Set<Verb> = [.rename, .addParticipants, .removeParticipant, .deleteConversation]

    private static func standing(_ verbs: [Verb], in conversation: Int64, _ db: Database) throws -> [IntentRow] {
        try IntentRow.fetchAll(
            db,
            cached: """
                \(IntentRow.selection) WHERE account = (SELECT account FROM conversation WHERE id = ?1) AND conversation = ?1
                    AND state IN (\(openStates)) AND +state = 'sent' AND settledAt IS NOT NULL ORDER BY id
                """, arguments: [conversation]
        ).filter { verbs.contains($0.verb) }
    }

    /// Lists may lag: what differs proves nothing yet.
    static func isYoung(_ intent: IntentRow, _ scope: Scope, _ moment: Moment) -> Bool {
        guard let acknowledgedAt = intent.acknowledgedAt else { return false }
        return (.zero..<scope.traits.settleWindow).contains(moment.now - Timestamp(milliseconds: acknowledgedAt))
    }

    /// Whether a message of that version came after the intent. The service's date is a whole second.
    private static func isNewer(_ version: Int64, than intent: IntentRow, _ db: Database) throws -> Bool {
        let date = try Int64.fetchOne(
            db, cached: "SELECT max(serverDate) FROM attempt WHERE intent = ?", arguments: [intent.id])
        guard let said = date ?? intent.acknowledgedAt else { return true }
        return version > Timestamp(milliseconds: said).advanced(999)
    }

    // MARK: Topics

    /// A message, or a push that has a version, told of a topic.
    static func topicTold(
        _ version: Int64, of conversation: Int64, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        for rename in try standing([.rename], in: conversation, db) where try isNewer(version, than: rename, db) {
            try end(rename, as: .confirmed, nil, scope, moment, db)
        }
    }

    /// Whether a topic that the list or the details show, which have no version, is as new as our last rename.
    static func believes(
        _ topic: String, of row: ConversationRow, _ startNumber: Int64, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws -> Bool {
        let last = try IntentRow.fetchOne(
            db,
            cached: """
                \(IntentRow.selection) WHERE conversation = ? AND verb = 'rename' AND acknowledgedAt IS NOT NULL
                ORDER BY id DESC LIMIT 1
                """, arguments: [row.id])
        // A message that came after it decides instead.
        guard let last, let id = row.id, try !isNewer(row.topicVersion, than: last, db) else { return true }
        guard startNumber > last.acknowledgedStart ?? -1 else { return false }
        guard try last.decodedBody.topic == topic || !isYoung(last, scope, moment) else { return false }
        for rename in try standing([.rename], in: id, db) { try end(rename, as: .confirmed, nil, scope, moment, db) }
        return true
    }

    // MARK: Deleted conversations

    static func seenAlive(
        _ conversation: Int64, _ startNumber: Int64, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        for delete in try standing([.deleteConversation], in: conversation, db)
        where startNumber > delete.acknowledgedStart ?? -1 && !isYoung(delete, scope, moment) {
            try end(delete, as: .confirmed, nil, scope, moment, db)
        }
    }

    /// What can't be read any more after we deleted it is deleted.
    static func isDeletedByUs(_ conversation: Int64, _ startNumber: Int64, _ db: Database) throws -> Bool {
        try standing([.deleteConversation], in: conversation, db).contains { startNumber > $0.acknowledgedStart ?? -1 }
    }

    // MARK: Participants

    private static let membershipVerbs: [Verb] = [.addParticipants, .removeParticipant]

    /// Whom an intent adds or removes.
    private static func people(of intent: IntentRow) throws -> Set<ParticipantID> {
        let body = try intent.decodedBody
        return Set(body.participants?.map(\.id) ?? []).union(body.participant.map { [$0] } ?? [])
    }

    /// A message told that somebody came or went: what is newer than our change ends it for that person.
    static func membershipTold(
        _ participant: ParticipantID, isIn: Bool, _ version: Int64, in conversation: Int64, _ scope: Scope,
        _ moment: Moment, _ db: Database
    ) throws {
        for intent in try standing(membershipVerbs, in: conversation, db)
        where try (intent.verb == .addParticipants) != isIn && isNewer(version, than: intent, db) {
            try leaveOut([participant.rawValue], of: intent, scope, moment, db)
        }
    }

    /// Takes people out of what an acknowledged intent shows: those whom the service refused, or who changed since.
    static func leaveOut(
        _ gone: Set<String>, of intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        guard !gone.isEmpty, var intent = try IntentRow.fetchOne(db, id: intent.id), intent.state == .sent else { return }
        var body = try intent.decodedBody
        body.participants?.removeAll { gone.contains($0.id.rawValue) }
        if let one = body.participant, gone.contains(one.rawValue) { body.participant = nil }
        guard body.participant != nil || body.participants?.isEmpty == false else {
            return try end(intent, as: .confirmed, nil, scope, moment, db)
        }
        intent.body = try body.json()
        try intent.update(db)
    }

    /// A complete read of the participants, begun with that request, showed these.
    static func membersRead(
        _ members: Set<String>, _ begunStart: Int64, in conversation: Int64, _ scope: Scope, _ moment: Moment,
        _ db: Database
    ) throws {
        // A later change of the same person decides.
        var later: Set<ParticipantID> = []
        for intent in try standing(membershipVerbs, in: conversation, db).reversed() {
            let people = try people(of: intent).subtracting(later)
            later.formUnion(people)
            guard begunStart > intent.acknowledgedStart ?? -1 else { continue }
            let isAdd = intent.verb == .addParticipants
            let differing = people.filter { members.contains($0.rawValue) != isAdd }
            if !differing.isEmpty, isYoung(intent, scope, moment) { continue }
            // Who is not listed is gone only when two reads in a row say so (R23).
            if !isAdd, differing.isEmpty, try !people.allSatisfy({ try !isPresent($0, in: conversation, db) }) { continue }
            try end(intent, as: .confirmed, nil, scope, moment, db)
        }
    }

    private static func isPresent(_ participant: ParticipantID, in conversation: Int64, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db, cached: "SELECT isPresent FROM participant WHERE conversation = ? AND participant = ?",
            arguments: [conversation, participant.rawValue]) ?? false
    }

    /// Whom we removed so short ago that a read may still list them.
    static func justRemoved(
        in conversation: Int64, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws -> Set<ParticipantID> {
        let now = moment.now.milliseconds
        let intents = try IntentRow.fetchAll(
            db,
            cached: """
                \(IntentRow.selection) WHERE conversation = ? AND verb IN ('addParticipants', 'removeParticipant')
                    AND acknowledgedAt > ? AND acknowledgedAt <= ? ORDER BY id
                """, arguments: [conversation, now - scope.traits.settleWindow.milliseconds, now])
        var removed: Set<ParticipantID> = []
        for intent in intents {
            let people = try people(of: intent)
            removed = intent.verb == .removeParticipant ? removed.union(people) : removed.subtracting(people)
        }
        return removed
    }
}
