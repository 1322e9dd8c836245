import Foundation
import Testing
import TidemarkModel
import TidemarkStore

/// One seed, one history: people write and read on three devices while the network loses, delays and lies, and devices
/// crash; then everything comes to rest and is judged.
struct History {
    /// Small pages: the walks are where it hurts.
    static func configuration(seed: UInt64) -> SyncConfiguration {
        var configuration = SyncConfiguration()
        configuration.maximumConcurrentRequests = 3
        configuration.resultsPerPage = [1, 2, 3, 5, 50][Int(seed % 5)]
        return configuration
    }

    static func play<Service: ServiceModel>(
        _ service: Service, seed: UInt64, steps: Int = 150, troubles: Troubles = Troubles()
    ) throws -> (world: World<Service>, violations: [String]) {
        var world = try World(
            service: service, seed: seed, troubles: troubles.pressed(seed: seed), configuration: configuration(seed: seed))
        world.setClocks(seed: seed)
        for _ in 0..<steps { try world.step() }
        guard try world.settle() else { return (world, ["P9: the history did not come to rest"]) }
        var violations = try Judge(world: world, isEarly: true).violations()
        guard try world.readTops() else { return (world, violations + ["P9: the history did not come to rest again"]) }
        violations += try Judge(world: world).violations().filter { !violations.contains($0) }
        return (world, violations)
    }

    /// Minutes of work on a thread of their own: the few that tasks run on stay free for the tests that wait for something.
    static func aside<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
        }
    }

    /// Seeds of a run: `SEEDS` and `FIRST` of the environment, so that one can be repeated alone.
    static func seeds(default count: UInt64) -> ClosedRange<UInt64> {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["FIRST"].flatMap(UInt64.init) ?? 1
        let count = environment["SEEDS"].flatMap(UInt64.init) ?? count
        return first...(first + max(count, 1) - 1)
    }
}

@Suite struct TinyHistoryTests {
    @Test func `histories on the tiny service keep every promise`() async throws {
        let (violations, struck, crashes) = try await History.aside {
            var struck: [String: Int] = [:]
            var violations: [String] = []
            var crashes = 0
            for seed in History.seeds(default: 60) {
                let (world, found) = try History.play(TinyService(maximumPageSize: 1 + Int(seed % 6)), seed: seed)
                violations += found.map { "seed \(seed): \($0)" }
                struck.merge(world.struck) { $0 + $1 }
                crashes += world.crashed
            }
            return (violations, struck, crashes)
        }
        #expect(violations == [], "repeat one with SEEDS=1 FIRST=n swift test --filter TinyHistoryTests")
        // A run in which a fault never struck proves nothing about it.
        guard History.seeds(default: 60).count >= 60 else { return }
        for fault in [
            "request lost", "late", "answer lost", "refused", "appliedButFailed", "earlyNotFound", "unauthenticated", "push",
            "clock jump", "burst",
        ] {
            #expect(struck[fault, default: 0] > 0, "\(fault) never struck")
        }
        #expect(crashes > 0)
    }

    @Test func `the same seed gives the same trace`() throws {
        let first = try History.play(TinyService(), seed: 7).world.trace
        let second = try History.play(TinyService(), seed: 7).world.trace
        #expect(first == second)
        #expect(try History.play(TinyService(), seed: 8).world.trace != first)
    }
}

@Suite struct AzureHistoryTests {
    @Test func `histories on the simulated Azure keep every promise`() async throws {
        let violations = try await History.aside {
            var violations: [String] = []
            for seed in History.seeds(default: 40) {
                let (_, found) = try History.play(AzureModel(seed: seed), seed: seed)
                violations += found.map { "seed \(seed): \($0)" }
            }
            return violations
        }
        #expect(violations == [], "repeat one with SEEDS=1 FIRST=n swift test --filter AzureHistoryTests")
    }

    @Test func `the same seed gives the same trace on the simulated Azure`() throws {
        let first = try History.play(AzureModel(seed: 3), seed: 3).world.trace
        #expect(try History.play(AzureModel(seed: 3), seed: 3).world.trace == first)
    }
}
