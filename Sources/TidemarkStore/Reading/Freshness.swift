/// Whether a stamp that counts in seconds can hide a message from a walk (R22).
enum Freshness {
    /// Two messages of one second share a stamp, and an answer may be older than its date by a little.
    static let slack: Int64 = 2000
    static let leastWait: Int64 = 2500

    /// Whether a message may have come with this stamp after a walk that began then, by the service's clock.
    static func mayHideMessage(stamp: Int64, walkedAt: Int64) -> Bool {
        let (bound, overflow) = walkedAt.subtractingReportingOverflow(slack)
        return overflow || stamp > bound
    }

    /// Milliseconds after the walk's beginning until a walk can't miss it.
    static func wait(stamp: Int64, walkedAt: Int64) -> Int64 {
        let (lead, overflow) = stamp.subtractingReportingOverflow(walkedAt)
        guard !overflow else { return stamp < 0 ? 0 : .max }
        let (wait, carried) = lead.addingReportingOverflow(slack)
        return carried ? .max : wait
    }
}
