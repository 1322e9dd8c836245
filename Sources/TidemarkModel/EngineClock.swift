/// Where the engine takes its time from. Tests and simulations give it one that they move themselves.
public protocol EngineClock: Sendable {
    /// The wall clock. It may be wrong: no decision about order rests on it.
    var now: Timestamp { get }
    /// Milliseconds of a clock that only goes on while this program runs.
    var monotonic: Int64 { get }
    /// Returns when `now` has reached the moment; throws `CancellationError` when the task is cancelled.
    func sleep(until moment: Timestamp) async throws
}
