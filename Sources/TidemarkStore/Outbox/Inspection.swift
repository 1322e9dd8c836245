internal import GRDB
package import TidemarkModel

/// What a judge of a simulated history has to see beside the views.
extension MessageStore {
    package func intentState(_ intent: IntentID) throws -> String? {
        try read { db in
            try String.fetchOne(db, sql: "SELECT state FROM intent WHERE id = ?", arguments: [intent.number])
        }
    }

    /// Intents whose way a person has changed: they may stand elsewhere than where they were written.
    package func intentsTouchedByPeople() throws -> Set<IntentID> {
        try read { db in
            let ids = try Int64.fetchAll(
                db,
                sql: """
                    SELECT intent FROM journal WHERE intent IS NOT NULL
                        AND (kind IN ('skipped', 'parked') OR cause = 'retried by the user')
                    """)
            return Set(ids.map(IntentID.init))
        }
    }

    /// Up to which place a conversation counts as read.
    package func readHorizon(of conversation: ConversationID) throws -> Int64 {
        try read { db in
            try Int64.fetchOne(
                db, sql: "SELECT max(localHorizon, remoteHorizon) FROM conversation WHERE id = ?",
                arguments: [conversation.number]) ?? -1
        }
    }
}
