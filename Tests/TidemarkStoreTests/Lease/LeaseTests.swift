import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

struct LeaseTests {
    let fixture: ViewFixture

    init() throws {
        fixture = try ViewFixture()
    }

    private func acquire(_ holder: String, at now: Int64, for duration: Duration = .seconds(30)) throws -> Lease? {
        try fixture.store.acquireLease(
            account: fixture.account.id, holder: holder, moment: Moment(milliseconds: now), duration: duration)
    }

    private func holds(_ lease: Lease, at now: Int64) throws -> Bool {
        let scope = Scope(
            account: fixture.account.id, traits: ServiceTraits(service: "azure", lostAnswers: [:]), generation: lease.generation)
        return try fixture.store.read { db in try scope.holdsLease(Moment(milliseconds: now), db) }
    }

    @Test func `one holder at a time, and the next when it has run out`() throws {
        let first = try #require(try acquire("a", at: 0))
        #expect(first.generation == 1)
        #expect(try acquire("b", at: 29_999) == nil)
        #expect(try fixture.store.leaseHolder(account: fixture.account.id, moment: Moment(milliseconds: 29_999))?.holder == "a")
        let second = try #require(try acquire("b", at: 30_000))
        #expect(second.generation == 2)
        #expect(try !holds(first, at: 30_001))
        #expect(try holds(second, at: 30_001))
        #expect(try fixture.account.journal(.since(Timestamp(milliseconds: 0))).get().map(\.kind) == ["leaseTaken"])
    }

    @Test func `the same holder keeps its generation`() throws {
        let first = try #require(try acquire("a", at: 0))
        #expect(try acquire("a", at: 10_000)?.generation == first.generation)
        let renewed = try fixture.store.renew(first, moment: Moment(milliseconds: 20_000), duration: .seconds(30))
        #expect(renewed?.expiresAt == Timestamp(milliseconds: 50_000))
        #expect(try acquire("b", at: 49_999) == nil)
    }

    @Test func `a lease that was lost can't be renewed or given back`() throws {
        let first = try #require(try acquire("a", at: 0))
        #expect(try fixture.store.renew(first, moment: Moment(milliseconds: 30_000), duration: .seconds(30)) == nil)
        let second = try #require(try acquire("b", at: 30_000))
        #expect(try fixture.store.renew(first, moment: Moment(milliseconds: 30_001), duration: .seconds(30)) == nil)
        try fixture.store.release(first)
        #expect(try holds(second, at: 30_001))
    }

    @Test func `a lease that was given back is free at once and counts on`() throws {
        let first = try #require(try acquire("a", at: 0))
        try fixture.store.release(first)
        #expect(try !holds(first, at: 1))
        #expect(try fixture.store.leaseHolder(account: fixture.account.id, moment: Moment(milliseconds: 1)) == nil)
        #expect(try acquire("b", at: 1)?.generation == 2)
    }

    @Test func `a clock that was wrong blocks nobody for ever`() throws {
        _ = try acquire("a", at: 4_000_000_000_000)
        #expect(try acquire("b", at: 1_000_000)?.generation == 2)
        #expect(try acquire("c", at: 1_000_000 + 29_999, for: .seconds(100_000)) == nil)
    }
}
