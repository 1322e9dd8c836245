internal import GRDB
internal import TidemarkModel

/// Several conversations asked for in one request, where a feed takes them (``ServiceTraits/conversationsPerFeed``).
///
/// Only what is asked for at its interval goes together. A walk under way, one that needs its proof, a look-up, a conversation whose
/// history was not begun, and one of which its user is shown nothing are asked for alone.
extension Planner {
    private struct Member {
        var id: ConversationID
        var remote: RemoteConversationID
        var since: Int64
        var isDue: Bool
    }

    var asksTogether: Bool { scope.traits.changes == .feed && scope.traits.conversationsPerFeed > 1 }

    static let mayGoTogether = """
        c.windowHigh IS NOT NULL AND c.windowLow IS NOT NULL AND c.walkBegunStart IS NULL AND c.closingIsDue = 0
            AND c.walkWanted <= max(c.closedStart, 0)
        """

    mutating func planTogether() throws {
        guard asksTogether, reads.count < limit else { return }
        let size = scope.traits.conversationsPerFeed
        // Half of what may be under way: what is asked for alone does not wait behind a long round.
        let most = max(1, (limit - reads.count) / 2)
        let members = try together(atMost: most * size)
        let due = members.count(where: \.isDue)
        guard due > 0 else { return }
        // What falls due soon fills the last one up, and is from then on due together.
        let requests = min(most, (due + size - 1) / size)
        let taken = members.prefix(requests * size).sorted { ($0.since, $0.id.number) < ($1.since, $1.id.number) }
        var rest = taken[...]
        for left in stride(from: requests, to: 0, by: -1) {
            try ask(for: rest.prefix((rest.count + left - 1) / left))
            rest = rest.dropFirst((rest.count + left - 1) / left)
        }
    }

    /// Since the earliest of what each would be asked for alone: that it tells some of them more than was asked is no harm.
    private mutating func ask(for members: some Collection<Member>) throws {
        guard let first = members.first, let since = members.map(\.since).min() else { return }
        guard members.count > 1 else {
            let target = Target(id: first.id, remote: first.remote, windowHigh: since)
            return try add(
                .messages(first.id), .catchUp, of: target, .messages(in: first.remote), cursor: nil,
                since: Timestamp(milliseconds: since))
        }
        var request = PageRequest(
            .messages(in: first.remote), resultsPerPage: scope.configuration.resultsPerPage ?? scope.traits.messagePageSize,
            startTime: Timestamp(milliseconds: since), startNumber: try db.nextStartNumber(), identity: scope.identity)
        request.furtherConversations = members.dropFirst().map(\.remote)
        append(
            PlannedRead(
                key: .messages(first.id), purpose: .catchUpTogether(members.map(\.id)), request: request, conversation: nil,
                begunAt: moment.now))
    }

    /// What may go together, the most overdue first.
    private func together(atMost limit: Int) throws -> [Member] {
        let opening = "(\(Gate.top.opening(of: "c.walkDueAt")))"
        let soon = moment.now.advanced(try scope.topInterval(db) / 2)
        let all = try db.all(
            """
            SELECT c.id, c.remoteID, c.windowHigh, \(opening) <= :now FROM conversation AS c
            WHERE \(Self.live) AND \(Self.open) \(scope.extent.condition(on: "c.id"))
                AND \(Self.mayGoTogether) AND \(opening) <= :soon
            ORDER BY \(opening), c.id
            """, arguments(("soon", soon)), atMost: limit + busy.count
        ) { columns in
            Member(
                id: ConversationID(try columns[0]), remote: RemoteConversationID(try columns[1] as String), since: try columns[2],
                isDue: try columns[3])
        }
        return Array(all.filter { !isTaken(.messages($0.id)) }.prefix(limit))
    }
}

extension Scope {
    /// After how long the top of a conversation is read again. Where the list does not tell where something was said, each is asked
    /// for at the pace of the list: of many, one request a second.
    func topInterval(_ db: Database) throws -> Int64 {
        let longest = configuration.topInterval.milliseconds
        guard !traits.listTellsActivity else { return longest }
        let count =
            try Int64.fetchOne(db, cached: "SELECT count(*) FROM conversation WHERE account = ?", arguments: [account]) ?? 0
        let size = Int64(max(1, traits.changes == .feed ? traits.conversationsPerFeed : 1))
        return min(max(configuration.listInterval.milliseconds, 1000 * ((count + size - 1) / size)), longest)
    }
}
