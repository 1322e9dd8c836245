internal import GRDB
internal import TidemarkModel

/// Judging creates in doubt, beyond the lifetime of their token (R11).
extension Outbox {
    /// A walk over the list ended: creates in doubt are judged by what stands in it (R11).
    static func listClosed(begunStart: Int64, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        let doubtful = try IntentRow.fetchAll(
            db,
            cached: """
                \(IntentRow.selection) WHERE account = ? AND state IN (\(openStates)) AND +state = 'inDoubt' AND asks = 0
                    AND verb = 'createConversation'
                ORDER BY id
                """, arguments: [scope.account])
        for intent in doubtful where begunStart > intent.doubtStart ?? 0 {
            if try Quarantine.holds(intent, begunAt: moment.now.milliseconds, scope, moment, db) { continue }
            // This walk may have begun before the quarantine's end; the next one has not (R3).
            guard intent.quarantineUntil == 0 else {
                var fenced = intent
                fenced.quarantineUntil = 0
                fenced.doubtStart = try db.lastStartNumber()
                try fenced.update(db)
                try wantLookUp(fenced, notBefore: 0, scope, moment, db)
                continue
            }
            try judgeCreate(intent, scope, moment, db)
        }
    }

    private static func judgeCreate(_ intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        if let remote = try homeOfSends(into: intent, db) {
            return try adopt(remote, by: intent, createdAt: nil, scope, moment, db)
        }
        let candidates = try createCandidates(for: intent, db)
        // Who made a conversation is in its details: wait until they are read, if they ever can be.
        let unknown = candidates.filter { $0.createdBy == nil }
        guard unknown.isEmpty else {
            if ownWait(intent, scope, moment) == nil {
                for candidate in unknown {
                    try db.execute(cached: "UPDATE conversation SET detailsAreStale = 1 WHERE id = ?", arguments: [candidate.id])
                }
            }
            return try lookAgain(intent, orAsk: .unprovable, scope, moment, db)
        }
        let own = try candidates.filter { try isOwn(ParticipantID($0.createdBy ?? ""), scope, db) }
        guard let remote = own.first?.remoteID else {
            guard try !mayHaveBeenRenamed(intent, scope, db) else {
                return try lookAgain(intent, orAsk: .unprovable, scope, moment, db)
            }
            return try sendAgain(intent, scope, moment, db)
        }
        // Before a list was read, what is seen for the first time may be years old.
        guard own.count == 1, intent.floor != nil else {
            return try ask(intent, .severalCandidates, scope, moment, db)
        }
        try adopt(remote, by: intent, createdAt: nil, scope, moment, db)
    }

    /// Where a message stands that was written into the conversation that a create made: nothing of it leaves before the create has
    /// told where it goes. A store that became an older copy has forgotten that.
    private static func homeOfSends(into create: IntentRow, _ db: Database) throws -> String? {
        try String.fetchOne(
            db,
            cached: """
                SELECT c.remoteID \(unboundSince) AND c.id IN (
                    SELECT m.conversation FROM intent AS s JOIN message AS m ON m.token = s.token AND m.isOwn = 1
                    WHERE s.account = ?1 AND s.conversation = ?3 AND s.verb = 'send') ORDER BY c.id LIMIT 1
                """, arguments: [create.account, 0, create.conversation])
    }

    /// The newest conversation that is known; `nil` while no whole list was read: then nothing is known to be new.
    static func createFloor(_ scope: Scope, _ db: Database) throws -> Int64? {
        try Int64.fetchOne(
            db,
            cached: """
                SELECT (SELECT max(id) FROM conversation) FROM account WHERE id = ? AND sweptAt IS NOT NULL
                """, arguments: [scope.account])
    }

    /// Conversations first seen after a create's first attempt began, and bound to none, that have its topic or had it once:
    /// anybody in it may have renamed it since.
    static func createCandidates(for intent: IntentRow, _ db: Database) throws -> [ConversationRow] {
        try ConversationRow.fetchAll(
            db, cached: "SELECT c.* \(unboundSince) AND (c.topic = ?3 OR \(hadTopic)) ORDER BY c.id",
            arguments: [intent.account, intent.floor ?? intent.conversation, try intent.decodedBody.topic ?? ""])
    }

    /// Whether a conversation that may be a create's has another topic now, and what it was called first is not read yet, or told by no
    /// message of it: not every service writes topics into the history (Avaya).
    private static func mayHaveBeenRenamed(_ intent: IntentRow, _ scope: Scope, _ db: Database) throws -> Bool {
        guard scope.traits.history != .none else { return false }
        let makers = try String?.fetchAll(
            db,
            cached: """
                SELECT c.createdBy \(unboundSince) AND c.topic <> ?3 AND NOT \(hadTopic)
                    AND c.deletedAt IS NULL AND (c.bottom IS NULL AND c.backfillIsDone = 0 OR NOT \(tellsTopic))
                """, arguments: [intent.account, intent.floor ?? intent.conversation, try intent.decodedBody.topic ?? ""])
        return try makers.contains { maker in try maker.map { try isOwn(ParticipantID($0), scope, db) } ?? true }
    }

    private static let unboundSince = """
        FROM conversation AS c WHERE c.account = ?1 AND c.id > ?2 AND c.remoteID IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM intent AS i WHERE i.conversation = c.id AND i.verb = 'createConversation')
        """

    private static let tellsTopic = """
        EXISTS (SELECT 1 FROM message AS m WHERE m.conversation = c.id AND m.kind = 'topicUpdated')
        """

    private static let hadTopic = """
        EXISTS (SELECT 1 FROM message AS m WHERE m.conversation = c.id AND m.kind = 'topicUpdated' AND m.topic = ?3)
        """
}
