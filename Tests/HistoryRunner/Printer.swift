import Foundation
import Histories
import Synchronization

/// What a run shows: a line of progress every few seconds, each violation as it comes, and the sum.
final class Printer: Sendable {
    private let total: Int
    private let stopsAtFirst: Bool
    private let began = ContinuousClock.now
    private let state = Mutex(State())

    private struct State {
        var shownAt = ContinuousClock.now
        var traces: [String] = []
        var firstFailing: History?
    }

    init(total: Int, stopsAtFirst: Bool) {
        self.total = total
        self.stopsAtFirst = stopsAtFirst
    }

    func hear(_ report: HistoryReport, _ tally: HistoryTally) -> Bool {
        let history = report.history
        for violation in report.violations.prefix(6) {
            print("\(history.place.rawValue) seed \(history.seed): \(violation)")
        }
        if report.violations.count > 6 { print("… and \(report.violations.count - 6) more of them") }
        if !report.violations.isEmpty {
            print("repeat it with: \(Self.command(for: history))")
        }
        state.withLock { state in
            if !report.violations.isEmpty, state.firstFailing == nil { state.firstFailing = history }
            state.traces.append("\(history.place.rawValue) \(history.seed) \(String(report.trace, radix: 16))")
            guard ContinuousClock.now - state.shownAt > .seconds(5) else { return }
            state.shownAt = .now
            print("\(tally.histories) of \(total) histories, \(rate(tally)) steps/s, \(tally.violations) violations")
        }
        return report.violations.isEmpty || !stopsAtFirst
    }

    var firstFailing: History? { state.withLock(\.firstFailing) }

    static func command(for history: History) -> String {
        var options = "SEEDS=1 FIRST=\(history.seed) STEPS=\(history.steps) ON=\(history.place.rawValue)"
        if !history.skipped.isEmpty { options += " SKIP=\(history.skipped)" }
        return "make simulation \(options)"
    }

    func end(_ tally: HistoryTally) {
        print("")
        if tally.counts.allSteps > 0 { tell(tally.counts) }
        if tally.rooms.allSteps > 0 { tell(tally.rooms) }
        print("\(tally.histories) histories, \(tally.steps) steps, \(tally.violations) violations, \(rate(tally)) steps/s")
    }

    private func tell(_ counts: HistoryCounts) {
        table("steps", StepKind.allCases.map { ($0.rawValue, counts.steps[$0, default: 0], counts.share($0)) })
        let faults = Fault.allCases.map { ($0.rawValue, counts.faults[$0, default: 0], counts.share($0)) }
        table("faults, of the requests that each can strike, or of the steps", faults)
        table("branches", Branch.allCases.map { ($0.rawValue, counts.branches[$0, default: 0], nil) })
        print("\(counts.requests) requests were begun before the faults ended, \(counts.deliveries) of them deliveries")
    }

    private func tell(_ counts: RoomCounts) {
        table("steps in rooms", RoomStep.allCases.map { ($0.rawValue, counts.steps[$0, default: 0], counts.share($0)) })
        let faults = RoomFault.allCases.map { ($0.rawValue, counts.faults[$0, default: 0], counts.share($0)) }
        table("faults in rooms, of the calls, lines or packets that each can strike, or of the steps", faults)
        table("branches in rooms", RoomBranch.allCases.map { ($0.rawValue, counts.branches[$0, default: 0], nil) })
        print(
            "\(counts.calls) calls and \(counts.lines) lines left before the faults ended; \(counts.packets) packets were heard")
    }

    private func table(_ title: String, _ rows: [(name: String, count: Int, share: Double?)]) {
        print("\(title):")
        for row in rows.sorted(by: { ($1.count, $0.name) < ($0.count, $1.name) }) {
            let share = row.share.map { String(format: "  %.2f %%", $0 * 100) } ?? ""
            print("  \(row.name.padding(toLength: 36, withPad: " ", startingAt: 0)) \(row.count)\(share)")
        }
    }

    /// Sorted: threads end histories in no fixed order.
    func writeTraces(to path: String) throws {
        let lines = state.withLock(\.traces).sorted().joined(separator: "\n")
        try Data((lines + "\n").utf8).write(to: URL(fileURLWithPath: path))
    }

    private func rate(_ tally: HistoryTally) -> Int {
        let elapsed = ContinuousClock.now - began
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        return Int(Double(tally.steps) / max(seconds, 0.001))
    }
}
