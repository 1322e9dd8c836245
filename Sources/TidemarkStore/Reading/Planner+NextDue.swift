internal import GRDB
internal import TidemarkModel

extension Planner {
    /// The earliest moment after now at which another read falls due. What is due now and not planned waits for a read
    /// that is under way.
    func nextDue(_ account: AccountRow) throws -> Timestamp? {
        let gates = Self.gates.joined(separator: ", ")
        let statement = try db.cachedStatement(
            sql: """
                SELECT min(due) FROM (
                    SELECT max(\(gates), \(Gate.top.opening(of: "c.walkDueAt"))) AS due FROM conversation AS c WHERE \(Self.live)
                    UNION ALL
                    SELECT max(\(gates), \(Gate.lookUp.opening(of: "c.walkNotBefore"))) FROM conversation AS c WHERE \(Self.live) AND walkWanted > closedStart
                    UNION ALL
                    SELECT max(\(gates)) FROM conversation AS c WHERE \(Self.live)
                        AND (walkBegunStart IS NOT NULL OR closingIsDue = 1 OR detailsAreStale = 1 OR backfillIsDone = 0)
                    UNION ALL
                    SELECT max(\(gates), \(Gate.set.opening(of: "s.dueAt"))) FROM conversation AS c JOIN setRead AS s ON s.conversation = c.id
                        WHERE \(Self.live) AND s.isStale = 1
                    UNION ALL
                    SELECT max(\(gates), \(Gate.confirmation.opening(of: "i.confirmAt"))) FROM intent AS i JOIN conversation AS c ON c.id = i.conversation
                        WHERE i.account = :account AND i.state = 'sent' AND i.isOverlaid = 1
                    UNION ALL
                    SELECT :listDueAt
                ) WHERE due > :now
                """)
        let listDueAt = Gate.list.opening(account.listDueAt, scope, moment)
        let due = try Int64.fetchOne(statement, arguments: arguments(["listDueAt": listDueAt]))
        return due.map { Timestamp(milliseconds: $0) }
    }
}
