internal import GRDB
internal import TidemarkModel

/// What is due of each kind, and when the next read falls due that is not: a look at all of it, as most rounds find nothing.
struct Survey {
    var hasLookUps = false
    var hasWalks = false
    var hasClosings = false
    var hasDetails = false
    var hasBackfill = false
    var hasParticipants = false
    var hasReceipts = false
    var hasConfirmations = false
    var hasList = false
    /// The earliest moment after now at which another read falls due. What is due now and not planned waits for a read that is
    /// under way.
    private(set) var nextDue: Timestamp?

    /// Whether a round may find something to read.
    func hasWork(in extent: Extent) -> Bool {
        hasLookUps || hasConfirmations || hasList || hasDetails || hasParticipants || hasReceipts
            || (extent.catchesUp ? hasWalks : hasClosings) || (extent.fillsBack && hasBackfill)
    }

    mutating func fallsDue(at time: Int64?) {
        guard let time else { return }
        let due = Timestamp(milliseconds: time)
        nextDue = min(nextDue ?? due, due)
    }
}

extension Planner {
    func survey(_ account: AccountRow) throws -> Survey {
        let statements = scope.extent.conversations == nil ? SurveyStatements.ofAll : SurveyStatements(scope.extent)
        var survey = Survey()
        try look(statements.conversations, ["catchesUp": scope.extent.catchesUp, "fillsBack": scope.extent.fillsBack]) {
            survey.hasLookUps = try $0[0] ?? false
            survey.hasWalks = try $0[1] ?? false
            survey.hasClosings = try $0[2] ?? false
            survey.hasDetails = try $0[3] ?? false
            survey.hasBackfill = try $0[4] ?? false
            for position in 5..<8 { survey.fallsDue(at: try $0[position]) }
        }
        try look(statements.sets) {
            survey.hasParticipants = try $0[0] ?? false
            survey.hasReceipts = try $0[1] ?? false
            survey.fallsDue(at: try $0[2])
        }
        try look(statements.confirmations) {
            survey.hasConfirmations = try $0[0] ?? false
            survey.fallsDue(at: try $0[1])
        }
        guard try needsList() else { return survey }
        let listDueAt = Gate.list.opening(account.listDueAt, scope, moment)
        survey.hasList = listDueAt <= now
        if listDueAt > now { survey.fallsDue(at: listDueAt) }
        return survey
    }

    private func look(_ sql: String, _ flags: [String: Bool] = [:], _ read: (Columns) throws -> Void) throws {
        try withoutActuallyEscaping(read) { read in
            _ = try db.first(sql, flags.isEmpty ? common : arguments(flags), read)
        }
    }
}

/// Each gives one row: whether there is something of each kind, and when the next of it falls due.
private struct SurveyStatements {
    let conversations: String
    let sets: String
    let confirmations: String

    static let ofAll = SurveyStatements(Extent())

    init(_ extent: Extent) {
        let gate = "max(\(Planner.gates.joined(separator: ", ")))"
        let live = "\(Planner.live) \(extent.condition(on: "c.id"))"
        conversations = """
            SELECT max(gate <= :now AND \(Planner.isLookUp)), max(gate <= :now AND \(Planner.isWalk)),
                max(gate <= :now AND \(Planner.isClosing)), max(gate <= :now AND detailsAreStale = 1),
                max(gate <= :now AND \(Planner.isBackfill)),
                \(Self.next("max(gate, \(Gate.top.opening(of: "walkDueAt")))", where: ":catchesUp")),
                \(Self.next("max(gate, \(Gate.lookUp.opening(of: "walkNotBefore")))", where: "walkWanted > closedStart")),
                \(Self.next("gate", where: Self.isBegun))
            FROM (SELECT \(gate) AS gate, * FROM conversation AS c WHERE \(live))
            """
        sets = """
            SELECT max(gate <= :now AND due <= :now AND kind = 'participants'),
                max(gate <= :now AND due <= :now AND kind = 'receipts'), \(Self.next("max(gate, due)", where: "1"))
            FROM (
                SELECT \(gate) AS gate, s.kind, \(Gate.set.opening(of: "s.dueAt")) AS due
                FROM conversation AS c JOIN setRead AS s ON s.conversation = c.id WHERE \(live) AND s.isStale = 1)
            """
        confirmations = """
            SELECT max(gate <= :now AND due <= :now AND remoteID IS NOT NULL), \(Self.next("max(gate, due)", where: "1"))
            FROM (
                SELECT \(gate) AS gate, c.remoteID, \(Gate.confirmation.opening(of: "i.confirmAt")) AS due
                FROM intent AS i JOIN conversation AS c ON c.id = i.conversation
                WHERE i.account = :account AND i.state IN (\(Outbox.openStates)) AND i.state = 'sent' AND i.isOverlaid = 1
                    AND c.membership = 'member' \(extent.condition(on: "i.conversation")))
            """
    }

    /// The earliest time after now.
    private static func next(_ due: String, where condition: String) -> String {
        "min(CASE WHEN \(condition) THEN nullif(max(\(due), :now), :now) END)"
    }

    private static let isBegun = """
        (closingIsDue = 1 OR detailsAreStale = 1 OR (:catchesUp AND walkBegunStart IS NOT NULL)
            OR (:fillsBack AND backfillIsDone = 0))
        """
}
