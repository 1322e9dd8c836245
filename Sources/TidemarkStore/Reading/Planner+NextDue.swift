internal import GRDB
internal import TidemarkModel

extension Planner {
    /// The earliest moment after now at which another read falls due. What is due now and not planned waits for a read
    /// that is under way.
    func nextDue(_ account: AccountRow) throws -> Timestamp? {
        let gates = Self.gates.joined(separator: ", ")
        let live = "\(Self.live) \(scope.extent.condition(on: "c.id"))"
        var begun = ["closingIsDue = 1", "detailsAreStale = 1"]
        if scope.extent.catchesUp { begun.append("walkBegunStart IS NOT NULL") }
        if scope.extent.fillsBack { begun.append("backfillIsDone = 0") }
        let statement = try db.cachedStatement(
            sql: """
                SELECT min(due) FROM (
                    SELECT max(\(gates), \(Gate.top.opening(of: "c.walkDueAt"))) AS due FROM conversation AS c
                        WHERE \(live) AND :catchesUp
                    UNION ALL
                    SELECT max(\(gates), \(Gate.lookUp.opening(of: "c.walkNotBefore"))) FROM conversation AS c
                        WHERE \(live) AND walkWanted > closedStart
                    UNION ALL
                    SELECT max(\(gates)) FROM conversation AS c WHERE \(live)
                        AND (\(begun.joined(separator: " OR ")))
                    UNION ALL
                    SELECT max(\(gates), \(Gate.set.opening(of: "s.dueAt"))) FROM conversation AS c JOIN setRead AS s ON s.conversation = c.id
                        WHERE \(live) AND s.isStale = 1
                    UNION ALL
                    SELECT max(\(gates), \(Gate.confirmation.opening(of: "i.confirmAt"))) FROM intent AS i JOIN conversation AS c ON c.id = i.conversation
                        WHERE i.account = :account AND i.state = 'sent' AND i.isOverlaid = 1
                            AND c.membership = 'member' \(scope.extent.condition(on: "i.conversation"))
                    UNION ALL
                    SELECT :listDueAt WHERE :needsList
                ) WHERE due > :now
                """)
        let due = try Int64.fetchOne(
            statement,
            arguments: arguments([
                "listDueAt": Gate.list.opening(account.listDueAt, scope, moment), "needsList": try needsList() ? 1 : 0,
                "catchesUp": scope.extent.catchesUp ? 1 : 0,
            ]))
        return due.map { Timestamp(milliseconds: $0) }
    }
}
