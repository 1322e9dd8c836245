internal import GRDB
package import TidemarkModel

extension MessageStore {
    /// When the next look-up or confirmation falls due, and the gate before its read opens; `nil`: everything that left is settled.
    package func doubtDue(_ scope: Scope) throws -> Timestamp? {
        try read { db in
            guard let account = try AccountRow.fetchOne(db, key: scope.account), account.stopReason == nil else { return nil }
            let looks = try Int64.fetchOne(
                db,
                sql: """
                    SELECT min(CASE i.verb WHEN 'createConversation' THEN ?2
                        ELSE max(c.walkNotBefore, c.readsNotBefore, c.readsServiceUntil) END)
                    FROM intent AS i JOIN conversation AS c ON c.id = i.conversation
                    WHERE i.account = ?1 AND i.state IN (\(Outbox.openStates)) AND i.state = 'inDoubt' AND i.asks = 0
                    """, arguments: [scope.account, account.listDueAt])
            let confirmations = try Int64.fetchOne(
                db,
                sql: """
                    SELECT min(max(i.confirmAt, c.readsNotBefore, c.readsServiceUntil))
                    FROM intent AS i JOIN conversation AS c ON c.id = i.conversation
                    WHERE i.account = ? AND i.state IN (\(Outbox.openStates)) AND i.state = 'sent'
                    """, arguments: [scope.account])
            guard let due = [looks, confirmations].compactMap({ $0 }).min() else { return nil }
            return Timestamp(milliseconds: max(due, account.backoffUntil, account.serviceUntil))
        }
    }
}
