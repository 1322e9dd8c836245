import Synchronization
import Tidemark

/// A clock that only the story moves on, so that it shows the same times whenever it is told. Who sleeps on it sleeps for real.
final class DemoClock: EngineClock {
    private let state: Mutex<Timestamp>
    private let start: Timestamp

    init(start: Timestamp) {
        self.start = start
        state = Mutex(start)
    }

    var now: Timestamp { state.withLock { $0 } }
    var monotonic: Int64 { now.milliseconds - start.milliseconds }

    func advance(by duration: Duration) {
        state.withLock { $0 = $0 + duration }
    }

    func sleep(until moment: Timestamp) async throws {
        try await Task.sleep(for: max(.milliseconds(1), moment - now))
    }
}
