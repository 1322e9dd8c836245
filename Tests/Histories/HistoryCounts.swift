/// What a step of a history can be: each step is exactly one of these.
package enum StepKind: String, CaseIterable, Sendable {
    // What the user does.
    case send, attach, edit, delete, read, create, rename, add, remove, deleteConversation, cancel, retry, resolve, logOut
    /// Somebody with a client that is not ours.
    case others
    // The network.
    case arrival, answer, push
    /// Time goes on until a program looks again.
    case tick
    /// A fault that is a step of its own: a crash, a clock that is set.
    case trouble
    /// Somebody gives a credential, adopts a restored store, lets a stopped program go on, or makes a backup.
    case repair
    /// Nobody found anything to do.
    case nothing

    /// What a user can want: each has to have its share.
    static let verbs: [StepKind] = [
        .send, .attach, .edit, .delete, .read, .create, .rename, .add, .remove, .deleteConversation, .cancel, .retry, .resolve,
        .logOut,
    ]
}

/// What can go wrong.
package enum Fault: String, CaseIterable, Sendable {
    case requestLost = "request lost"
    case answerLost = "answer lost"
    case delayed
    /// The service has acted, or looked, long before its answer comes.
    case answerLate = "answer late"
    /// One request arrives twice.
    case duplicated
    /// It arrives after its client gave up, inside the quarantine.
    case late
    /// It arrives when its absence may have been believed: two copies, which fold (R5).
    case afterQuarantine = "late after quarantine"
    case throttled
    case unreachable
    /// A device has no network for seconds to minutes.
    case offline
    /// The service answers 408 or 5xx and has acted.
    case failedAfterActing = "failed after acting"
    /// Its success can't be read.
    case truncated = "truncated success"
    case earlyNotFound = "early 404"
    /// The service says 403 or 400, mostly again when it is tried again: it parks, and a person has to say more.
    case refused
    /// Of two requests of one program that are under way, or of their answers, the later overtakes the earlier.
    case reordered
    case credentialRefused = "credential refused"
    case linkRejected = "link rejected"
    case pushLost = "push lost"
    case pushLate = "push late"
    case pushTwice = "push twice"
    case crash
    case clockSet = "clock set"
    /// SIGSTOP: a program stands still between any two of its steps, the one before the first byte included.
    case stopped
    case rolledBack = "store rolled back"
    case wrongCredential = "wrong user's credential"
    /// The user's other client, which is not ours, deletes what may be in doubt or sends an equal text.
    case sibling = "sibling's act"

    /// Only what writes can be struck by it.
    package var isOfDeliveries: Bool {
        switch self {
        case .duplicated, .late, .afterQuarantine, .failedAfterActing, .truncated, .earlyNotFound, .refused: true
        default: false
        }
    }

    /// It strikes a request on its way; the others are steps of their own or strike pushes.
    package var isOfRequests: Bool {
        switch self {
        case .requestLost, .answerLost, .delayed, .answerLate, .duplicated, .late, .afterQuarantine, .throttled, .unreachable,
            .offline,
            .failedAfterActing, .truncated, .earlyNotFound, .refused, .reordered, .credentialRefused, .linkRejected:
            true
        default: false
        }
    }
}

/// How often each kind of step, fault and rare branch happened.
package struct HistoryCounts: Sendable {
    package var steps: [StepKind: Int] = [:]
    package var faults: [Fault: Int] = [:]
    package var branches: [Branch: Int] = [:]
    package var requests = 0
    /// Those of the requests that write.
    package var deliveries = 0
    package var bursts = 0

    package init() {}

    package var allSteps: Int { steps.values.reduce(0, +) }

    mutating func add(_ other: HistoryCounts) {
        steps.merge(other.steps) { $0 + $1 }
        faults.merge(other.faults) { $0 + $1 }
        branches.merge(other.branches) { $0 + $1 }
        requests += other.requests
        deliveries += other.deliveries
        bursts += other.bursts
    }

    /// Of all steps.
    package func share(_ kind: StepKind) -> Double { Double(steps[kind, default: 0]) / Double(max(allSteps, 1)) }

    /// Of the requests that it can strike, else of all steps.
    package func share(_ fault: Fault) -> Double {
        let whole = fault.isOfDeliveries ? deliveries : fault.isOfRequests ? requests : allSteps
        return Double(faults[fault, default: 0]) / Double(max(whole, 1))
    }

    /// What is missing for the histories to be worth something, each as a sentence.
    ///
    /// - Parameter place: of one service alone, what it has no call for is not asked for.
    package func shortfalls(of place: History.Place? = nil) -> [String] {
        let verbs = StepKind.verbs.filter { share($0) < 0.01 && !lacks($0, place) }.map {
            "The verb \($0.rawValue) is less than 1 % of the steps"
        }
        let faults = Fault.allCases.filter { share($0) < 0.01 }.map {
            "The fault \"\($0.rawValue)\" strikes less than 1 %"
        }
        let ticks = share(.tick) > 0.2 ? ["Clock ticks are more than 20 % of the steps"] : []
        return (verbs + faults + ticks).map { "\($0)\(Self.end(place))" }
    }

    /// Of several services together nothing is asked for that most of them have no call for.
    private func lacks(_ kind: StepKind, _ place: History.Place?) -> Bool { place?.lacks(kind) ?? (kind == .attach) }

    /// Branches that no history took.
    package func untaken(of place: History.Place? = nil) -> [String] {
        Branch.allCases.filter { branches[$0, default: 0] == 0 && !(place?.lacks($0) ?? $0.isOfFeeds) }.map {
            "No history took the branch \"\($0.rawValue)\"" + Self.end(place)
        }
    }

    private static func end(_ place: History.Place?) -> String { place.map { " on \($0.rawValue)." } ?? "." }
}

/// What the engine rarely has to do, told by what can be seen of it: a journal, a read that was planned, an answer.
package enum Branch: String, CaseIterable, Sendable {
    case folded = "second copy folded"
    case closingRead = "closing re-read"
    case provedAbsent = "absence proved"
    /// It was believed no earlier than the quarantine's end.
    case quarantineOver = "quarantine waited out"
    case found = "found by looking"
    case tokenTombstone = "cancelled token landed"
    case conflict = "edit conflict"
    case unprovable = "absence can't be proved"
    case lateProof = "late proof of an effect"
    case walkRestarted = "walk restarted at a dead link"
    case leaseTaken = "expired lease taken over"
    case reopened = "delete reopened"
    case superseded = "edit superseded"
    case left = "left a conversation"
    case joined = "joined again"
    case conversationGone = "conversation gone"
    case adopted = "restored store adopted"
    /// Of services whose feed takes several conversations at once.
    case together = "several told of in one answer"
    case togetherCut = "answer of several cut short"

    /// Of all services together nothing is asked for that most of them have no call for.
    fileprivate var isOfFeeds: Bool { self == .together || self == .togetherCut }
}
