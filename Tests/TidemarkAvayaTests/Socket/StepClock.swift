import Synchronization
import TidemarkModel

/// A clock that tests move. Short sleeps pass at once, so that waits before a new connection take no time; the long ones,
/// which guard against silence, end only when the test says so.
final class StepClock: EngineClock {
    private struct State {
        var time: Int64 = 1_700_000_000_000
        var number = 0
        var sleepers: [Int: (until: Int64, continuation: CheckedContinuation<Void, any Error>)] = [:]
    }

    private let short: Int64
    private let state = Mutex(State())

    init(short: Duration = .seconds(8)) {
        self.short = short.milliseconds
    }

    var now: Timestamp { Timestamp(milliseconds: state.withLock { $0.time }) }
    var monotonic: Int64 { state.withLock { $0.time } }
    var sleepers: Int { state.withLock { $0.sleepers.count } }

    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.time += duration.milliseconds
            let due = state.sleepers.filter { $0.value.until <= state.time }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    func sleep(until moment: Timestamp) async throws {
        let number = state.withLock { state in
            state.number += 1
            return state.number
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<Void, any Error>? in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if moment.milliseconds - state.time <= short {
                        state.time = max(state.time, moment.milliseconds)
                        return .success(())
                    }
                    state.sleepers[number] = (moment.milliseconds, continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: number) }?.continuation.resume(throwing: CancellationError())
        }
    }
}
