internal import GRDB
package import TidemarkModel

/// Now, told by the caller: decisions know no clock.
package struct Moment: Hashable, Sendable {
    /// The local wall clock. It may be wrong and it may jump.
    package var now: Timestamp
    /// Milliseconds of a clock that only goes on, of this run of the program.
    package var monotonic: Int64

    package init(now: Timestamp, monotonic: Int64) {
        self.now = now
        self.monotonic = monotonic
    }

    package init(milliseconds: Int64) {
        self.init(now: Timestamp(milliseconds: milliseconds), monotonic: milliseconds)
    }
}

/// What every decision is made for: an account of the store, its service's traits, the configuration and who holds
/// the lease.
package struct Scope: Sendable {
    package var account: Int64
    package var traits: ServiceTraits
    package var configuration: SyncConfiguration
    /// The lease's generation; 0 where nobody competes (a store in memory).
    package var generation: Int64
    /// As whom the service is asked.
    package var identity: ParticipantID?
    package var extent = Extent()

    package init(
        account: Int64, traits: ServiceTraits, configuration: SyncConfiguration = SyncConfiguration(), generation: Int64 = 0,
        identity: ParticipantID? = nil
    ) {
        self.account = account
        self.traits = traits
        self.configuration = configuration
        self.generation = generation
        self.identity = identity
    }
}

extension Database {
    /// The next request number: it is as old as the moment its request began (R19).
    func nextStartNumber() throws -> Int64 {
        try execute(cached: "UPDATE store SET startNumber = startNumber + 1")
        return try Int64.fetchOne(self, cached: "SELECT startNumber FROM store") ?? 0
    }

    /// The number of something that arrives now (R21).
    func nextArrival() throws -> Int64 {
        try execute(cached: "UPDATE store SET arrival = arrival + 1")
        return try lastArrival()
    }

    func lastArrival() throws -> Int64 {
        try Int64.fetchOne(self, cached: "SELECT arrival FROM store") ?? 0
    }

    /// The number of the newest request that has begun.
    func lastStartNumber() throws -> Int64 {
        try Int64.fetchOne(self, cached: "SELECT startNumber FROM store") ?? 0
    }
}

extension Scope {
    /// Whether requests are made as one of the account's own users (R13). Where nobody can tell as whom, the adapter is the
    /// one to check; an account without any takes the first.
    func isOfAccount(_ db: Database) throws -> Bool {
        guard let identity else { return true }
        let own = try String.fetchAll(db, cached: "SELECT participant FROM identity WHERE account = ?", arguments: [account])
        return own.isEmpty || own.contains(identity.rawValue)
    }

    /// Whether the lease is still this scope's (R14). Where nobody ever took one, nobody competes.
    func holdsLease(_ moment: Moment, _ db: Database) throws -> Bool {
        let sql: SQLText = "SELECT generation = ?2 AND expiresAt > ?3 FROM lease WHERE account = ?1"
        let isHeld = try Bool.fetchOne(db, cached: sql, arguments: [account, generation, moment.now.milliseconds])
        return isHeld ?? true
    }
}
