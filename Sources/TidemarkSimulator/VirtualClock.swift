internal import Synchronization
public import TidemarkModel

/// A clock that only moves when somebody sleeps on it, and then at once: hours of waiting take no time.
public final class VirtualClock: EngineClock {
    private let time: Mutex<Int64>
    private let start: Int64

    public init(start: Timestamp = Timestamp(milliseconds: 1_700_000_000_000)) {
        self.start = start.milliseconds
        time = Mutex(start.milliseconds)
    }

    public var now: Timestamp { Timestamp(milliseconds: time.withLock { $0 }) }

    public var monotonic: Int64 { time.withLock { $0 } - start }

    public func advance(by duration: Duration) {
        time.withLock { $0 += max(0, duration.milliseconds) }
    }

    public func sleep(until moment: Timestamp) async throws {
        try Task.checkCancellation()
        time.withLock { $0 = max($0, moment.milliseconds) }
    }
}
