internal import GRDB
package import TidemarkModel

/// Who may claim and plan for an account (R14). Two programs on one store take turns; views never wait for it.
package struct Lease: Hashable, Sendable {
    /// A lease that ends later than this was written by a clock that was wrong.
    static let longest: Duration = .seconds(3600)

    package var account: Int64
    package var holder: String
    /// Grows with every new holder: what an earlier one still does is told apart by it.
    package var generation: Int64
    package var expiresAt: Timestamp
}

extension MessageStore {
    /// Takes the lease if it is free, has run out or is this holder's already. `nil`: somebody else has it.
    package func acquireLease(account: Int64, holder: String, moment: Moment, duration: Duration) throws -> Lease? {
        try write(.full) { db in
            let former = try Lease.row(account, db)
            if let former, former.holder != holder, former.isValid(moment) { return nil }
            let isNew = former?.holder != holder
            let lease = Lease(
                account: account, holder: holder, generation: (former?.generation ?? 0) + (isNew ? 1 : 0),
                expiresAt: moment.now + min(duration, Lease.longest))
            try db.execute(
                cached: """
                    INSERT INTO lease (account, holder, generation, expiresAt) VALUES (?, ?, ?, ?)
                    ON CONFLICT (account) DO UPDATE SET holder = excluded.holder, generation = excluded.generation,
                        expiresAt = excluded.expiresAt
                    """, arguments: [account, holder, lease.generation, lease.expiresAt.milliseconds])
            if let former, isNew {
                // Given back, or left behind by a program that died.
                let cause = former.expiresAt.milliseconds == 0 ? "released" : "expired"
                try db.journal(
                    JournalEntry(kind: "leaseTaken", cause: cause, detail: "generation \(lease.generation)"), account: account,
                    moment)
            }
            return lease
        }
    }

    /// Makes the lease last longer. `nil`: it was lost, and nothing may leave under it any more.
    package func renew(_ lease: Lease, moment: Moment, duration: Duration) throws -> Lease? {
        try write(.normal, touching: .nothing) { db in
            guard let current = try Lease.row(lease.account, db), current.generation == lease.generation,
                current.holder == lease.holder, current.isValid(moment)
            else { return nil }
            var renewed = lease
            renewed.expiresAt = moment.now + min(duration, Lease.longest)
            try db.execute(
                cached: "UPDATE lease SET expiresAt = ? WHERE account = ?",
                arguments: [renewed.expiresAt.milliseconds, lease.account])
            return renewed
        }
    }

    /// Gives the lease back, if it is still this one. The next holder need not wait for its end.
    package func release(_ lease: Lease) throws {
        try write(.normal) { db in
            try db.execute(
                cached: "UPDATE lease SET expiresAt = 0 WHERE account = ? AND holder = ? AND generation = ?",
                arguments: [lease.account, lease.holder, lease.generation])
        }
    }

    /// Who has the lease now; `nil`: it is free.
    package func leaseHolder(account: Int64, moment: Moment) throws -> Lease? {
        try read { db in try Lease.row(account, db).flatMap { $0.isValid(moment) ? $0 : nil } }
    }
}

extension Lease {
    static func row(_ account: Int64, _ db: Database) throws -> Lease? {
        try db.first("SELECT holder, generation, expiresAt FROM lease WHERE account = ?", [account]) {
            Lease(
                account: account, holder: try $0[0], generation: try $0[1], expiresAt: Timestamp(milliseconds: try $0[2]))
        }
    }

    func isValid(_ moment: Moment) -> Bool {
        expiresAt > moment.now && expiresAt <= moment.now + Self.longest
    }
}
