internal import Foundation
internal import GRDB
internal import TidemarkModel

/// What messages of the conversation itself change: its topic and who is in it. Each is compared by its version, so
/// that any order ends alike.
extension Reading {
    mutating func applySystemMessage(_ remote: RemoteMessage, in conversation: Int64) throws {
        guard remote.deletedAt == nil else { return }
        let version = Merge.effectiveVersion(of: remote)
        switch remote.kind {
        case .topicUpdated:
            guard let topic = remote.topic else { return }
            try setTopic(topic, version, of: conversation)
        case .participantAdded:
            for participant in remote.participants { try add(participant, version, to: conversation) }
        case .participantRemoved:
            for participant in remote.participants { try remove(participant.id, version, from: conversation) }
        default: return
        }
    }

    func setTopic(_ topic: String, _ version: Int64, of conversation: Int64) throws {
        try db.execute(
            cached: "UPDATE conversation SET topic = ?1, topicVersion = ?2 WHERE id = ?3 AND topicVersion < ?2",
            arguments: [topic, version, conversation])
        if hasIntents, db.changesCount > 0 { try Outbox.topicTold(version, of: conversation, scope, moment, db) }
    }

    private func add(_ participant: Participant, _ version: Int64, to conversation: Int64) throws {
        try db.execute(
            cached: """
                INSERT INTO participant (conversation, participant, displayName, role, shareHistoryTime, isPresent, changedAt)
                VALUES (?, ?, ?, ?, ?, 1, ?)
                ON CONFLICT DO UPDATE SET isPresent = 1, changedAt = excluded.changedAt,
                    displayName = coalesce(excluded.displayName, displayName), role = coalesce(excluded.role, role),
                    shareHistoryTime = coalesce(excluded.shareHistoryTime, shareHistoryTime)
                WHERE excluded.changedAt > changedAt
                """,
            arguments: [
                conversation, participant.id.rawValue, participant.displayName, participant.role,
                participant.shareHistoryTime?.milliseconds, version,
            ])
        guard db.changesCount > 0 else { return }
        try membershipChanged(of: participant.id, isIn: true, version, conversation)
    }

    /// Of two messages with one version the removal wins, in any order.
    private func remove(_ participant: ParticipantID, _ version: Int64, from conversation: Int64) throws {
        try db.execute(
            cached: """
                INSERT INTO participant (conversation, participant, isPresent, changedAt) VALUES (?, ?, 0, ?)
                ON CONFLICT DO UPDATE SET isPresent = 0, changedAt = excluded.changedAt WHERE excluded.changedAt >= changedAt
                """, arguments: [conversation, participant.rawValue, version])
        guard db.changesCount > 0 else { return }
        try membershipChanged(of: participant, isIn: false, version, conversation)
    }

    private func membershipChanged(
        of participant: ParticipantID, isIn: Bool, _ version: Int64, _ conversation: Int64
    ) throws {
        try markStale("participants", of: conversation)
        if isIn {
            // What missed others before is no witness that those who came since are missing (R23).
            try db.execute(
                cached:
                    "UPDATE setRead SET lastMembers = NULL, lastStart = NULL WHERE conversation = ? AND kind = 'participants'",
                arguments: [conversation])
        }
        if hasIntents {
            try Outbox.membershipTold(participant, isIn: isIn, version, in: conversation, scope, moment, db)
        }
        guard identities.contains(participant.rawValue) else { return }
        try db.execute(
            cached: "UPDATE conversation SET membership = ? WHERE id = ?", arguments: [isIn ? "member" : "left", conversation])
        if isIn {
            try reopenBottom(of: conversation)
        } else if hasIntents {
            try Outbox.left(conversation, scope, moment, db)
        }
        try Coverage.change(conversation, identities: identities, db) { _ in }
        try db.journal(JournalEntry(kind: isIn ? "joined" : "left", conversation: conversation, cause: "message"), scope, moment)
    }

    /// "The end of what I may see" is no beginning any more once one may see more (R25).
    func reopenBottom(of conversation: Int64) throws {
        guard let row = try ConversationRow.fetchOne(db, id: conversation), row.bottom == "visibleEnd" else { return }
        try db.execute(
            cached: """
                UPDATE conversation SET bottom = NULL, backfillCursor = NULL, backfillIsDone = 0, backfillPages = 0 WHERE id = ?
                """, arguments: [conversation])
        try Coverage.change(conversation, identities: identities, db) { coverage in
            guard let low = row.windowLowTime, low > Int64.min else { return }
            coverage.remove(Int64.min...(low - 1))
        }
    }

    func markStale(_ kind: String, of conversation: Int64) throws {
        guard kind != "receipts" || scope.traits.listsReceipts else { return }
        try db.execute(
            cached: "INSERT INTO setRead (conversation, kind) VALUES (?, ?) ON CONFLICT DO UPDATE SET isStale = 1",
            arguments: [conversation, kind])
    }
}

/// How a membership message names people in its row.
enum MembershipMessage {
    static func participants(json: String?) -> [Participant] {
        guard let json else { return [] }
        return PlainJSON.participants(json) ?? (try? JSONDecoder().decode([Participant].self, from: Data(json.utf8))) ?? []
    }
}
