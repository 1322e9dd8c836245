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

    /// Whether that walk can't have shown what the stamp is of, and may have been too early to: all that it showed is older,
    /// and lists may lag by as much as the settle window. How long after its beginning another may tell, if so: as long again
    /// as the stamp was old, so that what no walk will ever show is asked for a few times only.
    static func waitForUnseen(stamp: Int64, newestSeen: Int64, walkedAt: Int64, settle: Int64) -> Int64? {
        guard stamp > newestSeen else { return nil }
        let (age, overflow) = walkedAt.subtractingReportingOverflow(stamp)
        guard !overflow, age < settle else { return nil }
        return min(max(age, leastWait), settle)
    }

    /// Milliseconds after the walk's beginning until a walk can't miss it.
    static func wait(stamp: Int64, walkedAt: Int64) -> Int64 {
        let (lead, overflow) = stamp.subtractingReportingOverflow(walkedAt)
        guard !overflow else { return stamp < 0 ? 0 : .max }
        let (wait, carried) = lead.addingReportingOverflow(slack)
        return carried ? .max : wait
    }
}
