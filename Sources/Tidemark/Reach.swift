internal import TidemarkModel

/// Whether a sync has reached its service yet, and when one that has not should end before its deadline: a value, told what came
/// back and when.
struct Reach: Sendable {
    /// An answer came, be it a refusal: the way is there.
    private(set) var isProved = false
    private(set) var failures = 0

    mutating func note(_ error: ServiceError?) {
        guard let error else { return isProved = true }
        switch error.code {
        // A room that nobody is in is as good as a service that is away.
        case .unreachable, .answerLost, .tooLate, .roomNotOpen: failures += 1
        case .cancelled: break
        default: isProved = true
        }
    }

    /// Nothing answered so far, and the next try would come after the patience is over (`nil`: there is no end to it).
    func isHopeless(since began: Timestamp, now: Timestamp, nextTry: Timestamp, patience: Duration?) -> Bool {
        guard let patience, !isProved, failures > 0 else { return false }
        return max(now, nextTry) - began > patience
    }
}
