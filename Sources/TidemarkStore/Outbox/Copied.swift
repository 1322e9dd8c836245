internal import GRDB
package import TidemarkModel

/// A store that was copied or restored: what it holds as unsent may have been sent since (R16).
extension MessageStore {
    /// Notes that this store is a copy: nothing leaves until it is adopted.
    ///
    /// Its look-ups reach down to what was proved when it was copied. Reading goes on meanwhile, and by the time a person
    /// adopts it the high-water may have passed what was sent since.
    package func becameCopy(at moment: Timestamp) throws {
        try write(.full) { db in try Self.markCopied(at: moment, db) }
    }

    static func markCopied(at moment: Timestamp, _ db: Database) throws {
        try db.execute(cached: "UPDATE store SET isAdopted = 0")
        // Frozen: its token may stand for the text as it is (R4). And what was parked may have been tried again since. What an earlier
        // copy has listed before anybody adopted it may be what a create had made by then.
        try db.execute(
            cached: """
                UPDATE intent SET mayHaveLanded = 1, isFrozen = 1,
                    doubtStart = CASE state WHEN 'parked' THEN coalesce(doubtStart, ?) ELSE doubtStart END,
                    floor = coalesce(floor, CASE verb
                        WHEN 'createConversation' THEN (SELECT iif(intent.mayHaveLanded = 1, NULL, max(c.id)) FROM conversation AS c
                            JOIN account AS a ON a.id = intent.account AND a.sweptAt IS NOT NULL)
                        ELSE coalesce((SELECT windowHigh FROM conversation AS c WHERE c.id = intent.conversation), -1) END)
                WHERE state IN ('queued', 'parked') AND verb IN ('send', 'edit', 'createConversation', 'rename')
                """, arguments: [try db.lastStartNumber()])
        try db.execute(
            cached: "INSERT INTO journal (at, account, kind, cause) SELECT ?, id, 'paused', 'another file' FROM account",
            arguments: [moment.milliseconds])
    }

    /// Lets a store that was copied or restored send again: first everything unsent is looked up (R16).
    package func adopt(_ scope: Scope, _ moment: Moment) throws {
        try write(.full) { db in
            try db.execute(cached: "UPDATE store SET isAdopted = 1")
            // The file was copied with all its accounts.
            let unsent = try IntentRow.fetchAll(db, cached: "\(IntentRow.selection) WHERE state = 'queued' ORDER BY id")
            for intent in unsent where [.send, .edit, .createConversation, .rename].contains(intent.verb) {
                var owner = scope
                owner.account = intent.account
                try Outbox.doubtAdopted(intent, owner, moment, db)
            }
            try db.journal(JournalEntry(kind: "adopted", detail: "\(unsent.count) unsent"), scope, moment)
        }
    }
}

extension Outbox {
    /// What waits for a create or a send is looked up too, as soon as that has told where.
    fileprivate static func doubtAdopted(
        _ intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        var doubtful = intent
        if intent.verb == .createConversation {
            // Before a list was read, nothing was known to be new when it was copied.
            if !intent.mayHaveLanded { doubtful.floor = try createFloor(scope, db) }
        } else if intent.verb == .edit {
            // Its send is what is looked up; the edit is judged by its marker before it goes.
            let isBound = try Bool.fetchOne(
                db, cached: "SELECT remoteID IS NOT NULL FROM message WHERE id = ?", arguments: [intent.message])
            guard isBound == true else { return }
        } else {
            let high = try Int64.fetchOne(
                db, cached: "SELECT windowHigh FROM conversation WHERE id = ?", arguments: [intent.conversation])
            doubtful.floor = intent.floor ?? high ?? -1
        }
        doubtful.isFrozen = true
        try doubt(&doubtful, since: (moment.now - scope.traits.quarantine).milliseconds, scope, moment, db)
    }
}
