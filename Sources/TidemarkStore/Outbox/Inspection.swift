internal import GRDB
package import TidemarkModel

/// What a judge of a simulated history has to see beside the views.
extension MessageStore {
    package func intentState(_ intent: IntentID) throws -> String? {
        try read { db in
            try String.fetchOne(db, cached: "SELECT state FROM intent WHERE id = ?", arguments: [intent.number])
        }
    }

    /// Intents whose way a person has changed: they may stand elsewhere than where they were written.
    package func intentsTouchedByPeople() throws -> Set<IntentID> {
        try read { db in
            let ids = try Int64.fetchAll(
                db,
                cached: """
                    SELECT intent FROM journal WHERE intent IS NOT NULL
                        AND (kind IN ('skipped', 'parked') OR cause = 'retried by the user')
                    UNION
                    SELECT s.id FROM journal AS j JOIN intent AS u ON u.id = j.intent AND u.verb = 'upload'
                        JOIN intent AS s ON s.message = u.message AND s.verb = 'send'
                    WHERE j.kind = 'skipped'
                    """)
            return Set(ids.map(IntentID.init))
        }
    }

    /// The copies of files that belong to some message, by their names, and whether each may make room for others.
    package func keptCopies() throws -> [String: Bool] {
        try read { db in
            let rows: [(String, Bool)] = try db.all(
                "SELECT copy, usedAt IS NOT NULL FROM attachment WHERE copy IS NOT NULL ORDER BY copy", []
            ) { (try $0[0], try $0[1]) }
            return Dictionary(rows) { $0 && $1 }
        }
    }

    /// How many rows were ever written on this connection, those of undone transactions included: while it stands still, every
    /// view of a store in memory shows the same.
    package func changeCount() throws -> Int {
        try read(\.totalChangesCount)
    }

    /// Up to which place a conversation counts as read.
    package func readHorizon(of conversation: ConversationID) throws -> Int64 {
        try read { db in
            try Int64.fetchOne(
                db, cached: "SELECT max(localHorizon, remoteHorizon) FROM conversation WHERE id = ?",
                arguments: [conversation.number]) ?? -1
        }
    }

    /// Conversations whose counter of unread messages is not what counting gives, each as a sentence. It counts in its own
    /// way: by the first copy of each sender and token.
    package func miscounts() throws -> [String] {
        try read { db in
            try db.all(
                """
                SELECT c.id, c.unread, (
                    SELECT count(*) FROM (
                        SELECT min(m.place) AS first FROM message AS m
                        WHERE m.conversation = c.id AND m.deletedAt IS NULL AND m.isOwn = 0 AND m.isUnreadable = 0
                            AND m.kind IN ('text', 'html') AND m.remoteID IS NOT NULL AND m.place IS NOT NULL
                        GROUP BY coalesce(m.token || '/' || coalesce(m.sender, ''), 'row ' || m.id)
                    ) WHERE first > c.localHorizon AND first > c.remoteHorizon
                ) AS counted FROM conversation AS c WHERE c.unread <> counted
                """, []
            ) { "conversation \(try $0[0] as Int64) tells \(try $0[1] as Int64) unread and has \(try $0[2] as Int64)" }
        }
    }
}
