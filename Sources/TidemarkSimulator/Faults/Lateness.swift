internal import TidemarkModel

/// How long after its client gave up a late request arrives after all.
///
/// An engine that sends again does so only after its service's quarantine. What arrives before that is found by the
/// look-up, and there is one copy; what arrives later can be a second copy, which the engine shows as one.
public struct Lateness: Hashable, Sendable, Codable {
    /// The quarantine of the engine under test, in milliseconds.
    public var quarantine: Int64 = 20_000
    /// The share that arrives only after the quarantine.
    public var shareAfter = 0.5
    /// The latest arrival of those before it, in milliseconds; `nil`: as late as a look-up after the quarantine still sees.
    public var latestBefore: Int64?

    public init() {}

    /// Everything arrives while a look-up can still find it: a judge may demand one copy.
    public static var withinQuarantine: Lateness {
        var lateness = Lateness()
        lateness.shareAfter = 0
        return lateness
    }

    /// Everything arrives within so many milliseconds.
    public static func within(milliseconds: Int64) -> Lateness {
        var lateness = withinQuarantine
        lateness.latestBefore = milliseconds
        return lateness
    }

    /// A delay in milliseconds. `listLag` is how much later than its arrival a list shows something.
    func draw(listLag: Int64, using generator: inout SeededGenerator) -> Int64 {
        // A second for the way there and back, on either side.
        if generator.chance(shareAfter) { return quarantine + 1000 + Int64(generator.pick(Int(clamping: quarantine) * 2)) }
        let latest = latestBefore ?? quarantine - listLag - 1000
        return Int64(generator.pick(Int(clamping: max(0, latest) + 1)))
    }
}
