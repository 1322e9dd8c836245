internal import Foundation
public import TidemarkModel
internal import TidemarkStore

/// The clock of this machine.
public struct SystemClock: EngineClock {
    public init() {}

    public var now: Timestamp { Timestamp(Date()) }

    public var monotonic: Int64 { Int64(ProcessInfo.processInfo.systemUptime * 1000) }

    public func sleep(until moment: Timestamp) async throws {
        try await Task.sleep(for: max(.zero, moment - now))
    }
}

extension EngineClock {
    var moment: Moment { Moment(now: now, monotonic: monotonic) }
}
