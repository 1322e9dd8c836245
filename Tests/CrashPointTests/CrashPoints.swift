import Foundation

/// Which points are tried: a part of them, or as `CRASH_POINTS` says: `all`, or `2:345` for the 345th of mode 2 alone.
enum CrashPoints {
    private static let wish = ProcessInfo.processInfo.environment["CRASH_POINTS"] ?? ""

    /// How many at a time, in folders of their own.
    static let threads = wish == "all" ? max(ProcessInfo.processInfo.activeProcessorCount, 1) : 1

    static func wanted(of mode: UInt32, upTo last: Int64, step: Int64) -> [Int64] {
        if let (one, at) = single { return one == mode ? [at] : [] }
        return Array(stride(from: 1, through: last, by: wish == "all" ? 1 : Int64.Stride(step)))
    }

    /// Where it failed, and how that is looked at again.
    static func place(_ mode: UInt32, _ at: Int64) -> String {
        "mode \(mode) at \(at); repeat it with: make crash-points POINTS=\(mode):\(at)"
    }

    private static var single: (mode: UInt32, at: Int64)? {
        let parts = wish.split(separator: ":")
        guard parts.count == 2, let mode = UInt32(parts[0]), let at = Int64(parts[1]) else { return nil }
        return (mode, at)
    }
}
