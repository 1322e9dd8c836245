internal import GRDB
internal import TidemarkModel

extension MessageStore {
    /// The wall clock was set back by this much (negative) while the engine ran: what has passed has passed all the same.
    /// A service forgets a token in its own time (R11), and whoever was asked to wait a minute waits a minute.
    ///
    /// Quarantines stay as they are: two processes may both tell of one jump, and none may end early (R3).
    func clockSetBack(by jump: Duration, _ scope: Scope, _ moment: Moment) throws {
        let change = max(jump, .seconds(-Self.longestSetBack)).milliseconds
        let former = (moment.now - jump).milliseconds
        try write(.full) { db in
            for (table, columns, owned) in Self.waits {
                for column in columns {
                    try db.execute(
                        cached: "UPDATE \(table) SET \(column) = max(\(column) + ?2, 0) WHERE \(column) > ?3 AND \(owned)",
                        arguments: [scope.account, change, former])
                }
            }
            try db.execute(
                cached: """
                    UPDATE intent SET firstAttemptAt = firstAttemptAt + ?
                    WHERE account = ? AND state IN (\(Outbox.openStates)) AND firstAttemptAt IS NOT NULL
                    """, arguments: [change, scope.account])
            try db.journal(JournalEntry(kind: "clockSetBack", detail: "\(jump.milliseconds) ms"), scope, moment)
        }
    }

    /// A century, in seconds.
    private static let longestSetBack: Int64 = 100 * 366 * 24 * 3600

    /// Every time until which something waits (``Gate``), and whose it is.
    private static let waits: [(table: String, columns: [String], owned: String)] = [
        ("account", ["backoffUntil", "serviceUntil", "listDueAt"], "id = ?1"),
        ("lane", ["backoffUntil", "serviceUntil"], ofConversation),
        ("conversation", ["readsNotBefore", "readsServiceUntil", "walkNotBefore", "walkDueAt"], "account = ?1"),
        ("setRead", ["dueAt"], ofConversation),
        ("intent", ["notBefore", "confirmAt"], "account = ?1 AND state IN (\(Outbox.openStates))"),
    ]

    private static let ofConversation = "conversation IN (SELECT id FROM conversation WHERE account = ?1)"
}
