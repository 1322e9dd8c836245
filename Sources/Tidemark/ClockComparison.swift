internal import TidemarkModel
internal import TidemarkStore

/// The wall clock beside the monotonic one, of one run: tells when the wall clock was set.
struct ClockComparison: Sendable {
    /// Clocks drift apart and are nudged together by less than this; the rest is gathered until it is as much.
    static let leastJump: Duration = .seconds(1)
    private var former: Moment?

    /// How far the wall clock has gone beyond the time that has passed, negative if it was set back; `nil`: not far enough
    /// to matter.
    mutating func jump(at moment: Moment) -> Duration? {
        guard let former else {
            self.former = moment
            return nil
        }
        let (passed, overflow) = moment.monotonic.subtractingReportingOverflow(former.monotonic)
        let jump = (moment.now - former.now) - .milliseconds(overflow ? 0 : passed)
        guard jump >= Self.leastJump || jump <= .zero - Self.leastJump else { return nil }
        self.former = moment
        return jump
    }
}
