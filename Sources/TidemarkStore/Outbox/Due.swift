internal import GRDB
package import TidemarkModel

extension MessageStore {
    /// When the next look-up or confirmation falls due, and the gate before its read opens; `nil`: everything that left is settled.
    package func doubtDue(_ scope: Scope, _ moment: Moment) throws -> Timestamp? {
        try read { db in
            guard let account = try AccountRow.fetchOne(db, id: scope.account), account.stopReason == nil else { return nil }
            let gates = Planner.gates.joined(separator: ", ")
            let times = GateTimes(scope, moment)
            let arguments = Arguments(
                named: [("account", scope.account), ("listDueAt", times.opening(.list, account.listDueAt))], gates: times)
            let looks = try Int64.fetchOne(
                db,
                cached: """
                    SELECT min(CASE i.verb WHEN 'createConversation' THEN max(:listDueAt,
                            \(Gate.lookUp.opening(of: "i.quarantineUntil")), \(Gate.recheck.opening(of: "i.notBefore")))
                        ELSE max(\(gates), \(Gate.lookUp.opening(of: "c.walkNotBefore"))) END)
                    FROM intent AS i JOIN conversation AS c ON c.id = i.conversation
                    WHERE i.account = :account AND i.state IN (\(Outbox.openStates)) AND +i.state = 'inDoubt' AND i.asks = 0
                        AND (i.verb = 'createConversation' OR c.remoteID IS NOT NULL) \(scope.extent.condition(on: "i.conversation"))
                    """, arguments: arguments)
            let confirmations = try Int64.fetchOne(
                db,
                cached: """
                    SELECT min(max(\(gates), \(Gate.confirmation.opening(of: "i.confirmAt"))))
                    FROM intent AS i JOIN conversation AS c ON c.id = i.conversation
                    WHERE i.account = :account AND i.state IN (\(Outbox.openStates)) AND +i.state = 'sent' AND i.settledAt IS NULL
                        AND c.membership = 'member' \(scope.extent.condition(on: "i.conversation"))
                    """, arguments: arguments)
            guard let due = [looks, confirmations].compactMap({ $0 }).min() else { return nil }
            return Timestamp(milliseconds: max(due, account.gate(scope, moment)))
        }
    }
}
