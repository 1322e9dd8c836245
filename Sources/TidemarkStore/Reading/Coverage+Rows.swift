internal import GRDB
internal import TidemarkModel

extension Coverage {
    static func of(_ conversation: Int64, _ db: Database) throws -> Coverage {
        let edges: [(low: Int64, high: Int64)] = try db.all(
            "SELECT low, high FROM coverage WHERE conversation = ? ORDER BY low", [conversation]
        ) { try ($0[0], $0[1]) }
        return Coverage(edges.lazy.filter { $0.low <= $0.high }.map { $0.low...$0.high })
    }

    /// Of all of an account's conversations that have any.
    static func ofAll(account: Int64, _ db: Database) throws -> [Int64: Coverage] {
        let edges: [(conversation: Int64, low: Int64, high: Int64)] = try db.all(
            """
            SELECT conversation, low, high FROM conversation AS c CROSS JOIN coverage ON conversation = c.id
            WHERE c.account = ? ORDER BY conversation, low
            """, [account]
        ) { try ($0[0], $0[1], $0[2]) }
        return Dictionary(grouping: edges.lazy.filter { $0.low <= $0.high }, by: \.conversation)
            .mapValues { Coverage($0.map { $0.low...$0.high }) }
    }

    func write(_ conversation: Int64, over old: Coverage, _ db: Database) throws {
        guard self != old else { return }
        for interval in old.intervals where !intervals.contains(interval) {
            try db.execute(
                cached: "DELETE FROM coverage WHERE conversation = ? AND low = ?", arguments: [conversation, interval.lowerBound])
        }
        for interval in intervals where !old.intervals.contains(interval) {
            try db.execute(
                cached: "INSERT OR REPLACE INTO coverage (conversation, low, high) VALUES (?, ?, ?)",
                arguments: [conversation, interval.lowerBound, interval.upperBound])
        }
    }

    /// Changes a conversation's coverage, and keeps out of it what no walk can prove.
    static func change(
        _ conversation: Int64, identities: Set<String>, _ db: Database, _ body: (inout Coverage) -> Void
    ) throws {
        let old = try of(conversation, db)
        var coverage = old
        body(&coverage)
        try coverage.leaveOutHoles(of: conversation, db)
        try coverage.cutAtOwnMembership(in: conversation, identities: identities, db)
        try coverage.write(conversation, over: old, db)
    }

    /// Rejects without a place (R24).
    private mutating func leaveOutHoles(of conversation: Int64, _ db: Database) throws {
        let holes: [(low: Int64, high: Int64)] = try db.all(
            """
            SELECT holeLow, holeHigh FROM reject WHERE account = (SELECT account FROM conversation WHERE id = ?1)
                AND conversation = ?1 AND holeLow IS NOT NULL AND holeHigh IS NOT NULL
            """, [conversation]
        ) { try ($0[0], $0[1]) }
        for hole in holes where hole.low <= hole.high { remove(hole.low...hole.high) }
    }

    /// While the account's user was out, messages may have been written that nobody shows (R25).
    private mutating func cutAtOwnMembership(in conversation: Int64, identities: Set<String>, _ db: Database) throws {
        guard
            let least = try Int64.fetchOne(
                db, cached: "SELECT sort FROM message WHERE conversation = ? AND sort IS NOT NULL ORDER BY sort LIMIT 1",
                arguments: [conversation])
        else { return }
        let changes: [(place: Int64, kind: String, participants: String?)] = try db.all(
            """
            SELECT place, kind, participants FROM message
            WHERE conversation = ? AND kind IN ('participantAdded', 'participantRemoved') AND place IS NOT NULL
            """, [conversation]
        ) { try ($0[0], $0[1], $0[2]) }
        for (place, kind, json) in changes {
            let participants = MembershipMessage.participants(json: json)
            guard participants.contains(where: { identities.contains($0.id.rawValue) }) else { continue }
            if kind == MessageKind.participantRemoved.rawValue {
                cut(after: place)
            } else if place > least {
                cut(after: place - 1)
            }
        }
    }
}
