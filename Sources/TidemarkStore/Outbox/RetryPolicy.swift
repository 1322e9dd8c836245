internal import TidemarkModel

/// The one place that decides what a failed delivery leads to.
enum RetryPolicy {
    enum Decision: Equatable {
        /// Try the same request again behind a gate.
        case again(Gate)
        /// It may have landed: look before anything is repeated.
        case lookUp
        /// It may have landed and nothing can prove it: a person decides.
        case ask
        /// It can't succeed as it is.
        case park(ParkReason)
        /// Nothing of this account may leave until a person has done something.
        case stopAccount(ParkReason)
        /// The failure says that what was wanted is so.
        case done
    }

    /// Which gate the next try waits at (R9), and whether the failure counts as an attempt.
    enum Gate: Equatable {
        case laneBackoff
        case accountBackoff(counts: Bool)
        case laneThrottle
        case accountThrottle
        /// Until somebody opens the room, or the lane's backoff is over and it is looked whether somebody has.
        case roomOpening
    }

    /// What is known of the intent that failed.
    struct Circumstances {
        var verb: Verb
        var lostAnswer: ServiceTraits.LostAnswer
        /// An earlier attempt ended in 'unknown', and no look-up after a refusal has followed it.
        var mayHaveLanded: Bool
        /// It was refused before, and looked up since.
        var isRefusedAgain: Bool
        /// The target, or the conversation, was written by us so short ago that a 404 says nothing (R8).
        var isSettling: Bool
        /// The account may be another user by now, who is asked for before anything else.
        var identityChanges = false
        /// How long ago the first attempt was.
        var age: Duration
    }

    static func decide(_ error: ServiceError, _ circumstances: Circumstances) -> Decision {
        if error.certainty == .unknown { return afterUnknown(error, circumstances) }
        switch error.code {
        case .throttled:
            return .again(error.scope == .lane ? .laneThrottle : .accountThrottle)
        case .unauthenticated:
            return .stopAccount(.needsCredential)
        case .wrongIdentity where circumstances.identityChanges:
            return .again(.accountBackoff(counts: false))
        case .wrongIdentity:
            return .stopAccount(.wrongIdentity)
        case .notFound, .forbidden:
            if circumstances.isSettling { return .again(.laneBackoff) }
            if error.code == .notFound, isGone(circumstances) { return .done }
            return .park(error.code == .notFound ? .notFound : .forbidden)
        case .invalid:
            // An edit refused after a lost answer may be refused because the first one landed (R12).
            if circumstances.verb == .edit, circumstances.mayHaveLanded { return .lookUp }
            // Nothing marks an edit there: the message may have been changed meanwhile, which such a service refuses (R7).
            if circumstances.verb == .edit, circumstances.lostAnswer == .recognisable, !circumstances.isRefusedAgain {
                return .lookUp
            }
            return .park(.invalid)
        case .tooLarge:
            return .park(.tooLarge)
        case .fileUnusable:
            return .park(.fileUnusable)
        case .unsupported:
            return .park(.unsupported)
        case .roomChanged:
            return .park(.roomChanged)
        case .otherSender:
            return .park(.otherSender)
        case .roomNotOpen:
            return .again(.roomOpening)
        case .unreachable:
            return .again(.accountBackoff(counts: false))
        case .tooLate, .cancelled:
            return .again(.accountBackoff(counts: false))
        default:
            return .again(error.scope == .lane ? .laneBackoff : .accountBackoff(counts: true))
        }
    }

    /// What was to go is not there. A removal counts only when an earlier try of it may have done it: else the
    /// conversation itself may be what is unknown.
    private static func isGone(_ circumstances: Circumstances) -> Bool {
        switch circumstances.verb {
        case .delete, .deleteConversation: true
        case .removeParticipant: circumstances.mayHaveLanded
        default: false
        }
    }

    private static func afterUnknown(_ error: ServiceError, _ circumstances: Circumstances) -> Decision {
        switch circumstances.lostAnswer {
        case .repeatable(nil):
            return .again(error.retryAfter == nil ? .laneBackoff : .laneThrottle)
        case .repeatable(let lifetime?):
            guard circumstances.age < lifetime else { return .lookUp }
            return .again(error.retryAfter == nil ? .laneBackoff : .laneThrottle)
        case .echoed, .recognisable:
            return .lookUp
        case .blind:
            return .ask
        }
    }
}
