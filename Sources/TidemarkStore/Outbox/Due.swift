internal import GRDB
package import TidemarkModel

extension MessageStore {
    /// When the next look-up or confirmation falls due, and the gate before its read opens; `nil`: everything that left is settled.
    package func doubtDue(_ scope: Scope, _ moment: Moment) throws -> Timestamp? {
        try read { db in
            guard let account = try AccountRow.fetchOne(db, id: scope.account), account.stopReason == nil else { return nil }
            let times = GateTimes(scope, moment)
            let arguments = Arguments(
                named: [("account", scope.account), ("listDueAt", times.opening(.list, account.listDueAt))], gates: times)
            let looks = try Int64.fetchOne(db, cached: Self.lookUpsDue(scope.extent), arguments: arguments)
            let confirmations = try Int64.fetchOne(db, cached: Self.confirmationsDue(scope.extent), arguments: arguments)
            guard let due = [looks, confirmations].compactMap({ $0 }).min() else { return nil }
            return Timestamp(milliseconds: max(due, account.gate(scope, moment)))
        }
    }

    private static let gates = Planner.gates.joined(separator: ", ")
    private static let lookUpsDue = ScopedSQL { extent in
        """
        SELECT min(CASE i.verb WHEN 'createConversation' THEN max(:listDueAt,
                \(Gate.lookUp.opening(of: "i.quarantineUntil")), \(Gate.recheck.opening(of: "i.notBefore")))
            ELSE max(\(gates), \(Gate.lookUp.opening(of: "c.walkNotBefore"))) END)
        FROM intent AS i JOIN conversation AS c ON c.id = i.conversation
        WHERE i.account = :account AND i.state IN (\(Outbox.openStates)) AND +i.state = 'inDoubt' AND i.asks = 0
            AND (i.verb = 'createConversation' OR c.remoteID IS NOT NULL) \(extent.condition(on: "i.conversation"))
        """
    }
    private static let confirmationsDue = ScopedSQL { extent in
        """
        SELECT min(max(\(gates), \(Gate.confirmation.opening(of: "i.confirmAt"))))
        FROM intent AS i JOIN conversation AS c ON c.id = i.conversation
        WHERE i.account = :account AND i.state IN (\(Outbox.openStates)) AND +i.state = 'sent' AND i.settledAt IS NULL
            AND c.membership = 'member' \(extent.condition(on: "i.conversation"))
        """
    }
}
