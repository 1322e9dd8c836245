import Foundation
import Histories
import Synchronization
import Testing

@Suite struct HistoryTests {
    /// A few in every test run; `make simulation` plays thousands.
    @Test(arguments: History.Place.allCases)
    func `histories keep every promise`(_ place: History.Place) async throws {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["FIRST"].flatMap(UInt64.init) ?? 1
        let count = environment["SEEDS"].flatMap(UInt64.init) ?? 12
        let run = HistoryRun((first..<first + count).map { History(place, seed: $0) }, threads: 1)
        let found = Mutex<[String]>([])
        _ = await run.play { report, _ in
            found.withLock { $0 += report.violations.map { "seed \(report.history.seed): \($0)" } }
            return true
        }
        #expect(found.withLock(\.self) == [], "repeat one with SEEDS=1 FIRST=n make simulation")
    }

    @Test(arguments: History.Place.allCases)
    func `the same seed gives the same trace`(_ place: History.Place) throws {
        let first = try History(place, seed: 7).play().trace
        #expect(try History(place, seed: 7).play().trace == first)
        #expect(try History(place, seed: 8).play().trace != first)
    }
}
