import Testing
import Tidemark
import TidemarkModel
import TidemarkStore

/// Two runs of one account while the wall clock is set.
@Suite struct LeaseClockTests {
    private struct Bench {
        let store: MessageStore
        let account: AccountView
        let scope: Scope

        init() throws {
            store = try MessageStore.inMemory()
            account = try store.addAccount("me", service: "test", identity: "me", at: Timestamp(milliseconds: 0))
            scope = Scope(account: account.id, traits: ServiceTraits(service: "test", lostAnswers: [:]), identity: "me")
        }

        func runner(_ holder: String) -> SyncRunner {
            SyncRunner(SyncCore(store: store, scope: scope, generator: SeededGenerator(seed: 1)), of: account, holder: holder)
        }
    }

    private static let start: Int64 = 10_000_000

    @Test func `a clock that was set back makes the lease last no longer than one length from then`() throws {
        let bench = try Bench()
        var first = bench.runner("first")
        _ = try first.take([], Moment(milliseconds: Self.start))
        let back = Moment(now: Timestamp(milliseconds: Self.start - 2_400_000), monotonic: Self.start + 1000)
        _ = try first.take([.identity(.success("me")), .wake], back)
        _ = try first.take([.wake], back)
        let end = try #require(try bench.store.leaseHolder(account: bench.account.id, moment: back)).expiresAt
        #expect(end == back.now + SyncConfiguration().leaseDuration)
        // Should the first one die now, the next waits for its end, and not for the clock of before.
        var second = bench.runner("second")
        _ = try second.take([], back)
        #expect(second.lease == nil)
        _ = try second.take([], Moment(now: end, monotonic: back.monotonic + 30_000))
        #expect(second.lease != nil)
    }

    @Test func `who lost the lease to a clock that was set back finds out at its next look`() throws {
        let bench = try Bench()
        var (first, second) = (bench.runner("first"), bench.runner("second"))
        _ = try first.take([], Moment(milliseconds: Self.start))
        // So far back that the lease can't have been made by this clock.
        let back = Moment(now: Timestamp(milliseconds: Self.start - 4_000_000), monotonic: Self.start + 60_000)
        _ = try second.take([], back)
        #expect(second.lease != nil)
        _ = try first.take([.identity(.success("me"))], back)
        let error = #expect(throws: StoreError.self) { _ = try first.take([.wake], back) }
        #expect(error?.code == .leaseHeld && first.lease == nil)
    }
}
