import Foundation
import Synchronization

/// Plays many histories on some threads and adds up what happened. What it prints comes from one thread at a time.
package struct HistoryRun: Sendable {
    package var histories: [History]
    package var threads: Int

    package init(_ histories: [History], threads: Int = ProcessInfo.processInfo.activeProcessorCount) {
        self.histories = histories
        self.threads = max(1, threads)
    }

    /// Plays all of them, each on one of the threads.
    ///
    /// - Parameter each: hears every report, in no fixed order; `false` ends the run after those that are under way.
    /// - Returns: the sum over what was played.
    package func play(each: @escaping @Sendable (HistoryReport, HistoryTally) -> Bool = { _, _ in true }) async -> HistoryTally {
        let progress = Progress()
        await withTaskGroup { group in
            for _ in 0..<threads {
                group.addTask { await Self.aside { work(progress, each) } }
            }
        }
        return progress.state.withLock(\.tally)
    }

    private final class Progress: Sendable {
        let state = Mutex(State())
    }

    private struct State {
        var next = 0
        var isOver = false
        var tally = HistoryTally()
    }

    private func work(_ progress: Progress, _ each: @Sendable (HistoryReport, HistoryTally) -> Bool) {
        let shelf = StoreShelf()
        while let history = next(progress) {
            let report: HistoryReport
            do {
                report = try history.play(from: shelf)
            } catch {
                report = HistoryReport(
                    history: history, violations: ["the store threw: \(error)"], trace: 0,
                    counts: HistoryCounts())
            }
            progress.state.withLock { state in
                state.tally.add(report)
                if !each(report, state.tally) { state.isOver = true }
            }
        }
    }

    private func next(_ progress: Progress) -> History? {
        progress.state.withLock { state in
            guard !state.isOver, state.next < histories.count else { return nil }
            defer { state.next += 1 }
            return histories[state.next]
        }
    }

    /// Minutes of work on a thread of their own: the few that tasks run on stay free for those that wait for something.
    private static func aside(_ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                work()
                continuation.resume()
            }
        }
    }
}

/// What many histories came to.
package struct HistoryTally: Sendable {
    package private(set) var histories = 0
    package private(set) var steps = 0
    package private(set) var violations = 0
    /// How often each kind of step and fault happened.
    package private(set) var counts = HistoryCounts()
    /// The same of each service alone.
    package private(set) var places: [History.Place: HistoryCounts] = [:]
    package private(set) var rooms = RoomCounts()

    mutating func add(_ report: HistoryReport) {
        histories += 1
        steps += report.history.steps
        violations += report.violations.count
        counts.add(report.counts)
        places[report.history.place, default: HistoryCounts()].add(report.counts)
        rooms.add(report.rooms)
    }
}
