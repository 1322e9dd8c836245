package import TidemarkModel

/// How far a walk over everything since a time has come. Its caller carries it from read to read; what a crash takes is
/// read again.
package struct SinceWalk: Hashable, Sendable {
    package let since: Timestamp
    /// The newest change when the pass under way began.
    var head: Edge?
    /// How far down it is.
    var low: Edge?
    /// The head of the pass before, all of which is stored.
    var known: Edge?
    /// The lowest place since then of what was shown.
    var lowest: Int64?
    /// Below a young break nothing newer is claimed (R17).
    var ceiling: Int64?
    var pages = 0
    /// Of a feed: when the pass under way began and when the one before it did, by the service's clock.
    var begun: Int64?
    var begunBefore: Int64?
    /// Nothing turned up that the pass before should have shown.
    var isUnbroken = true

    package init(since: Timestamp) {
        self.since = since
    }
}
