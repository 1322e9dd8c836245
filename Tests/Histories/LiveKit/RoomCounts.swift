/// What a step of a history of rooms can be: each step is exactly one of these.
package enum RoomStep: String, CaseIterable, Sendable {
    // What the user does.
    case create, send, edit, delete, read, cancel, retry, resolve, logOut
    /// Somebody with a client that is not ours: writes, changes, comes, goes, sends rubbish.
    case others
    // What is under way.
    case call, answer, packet, bridge
    /// Time goes on until a program looks again.
    case tick
    case trouble
    /// Somebody gives a credential, opens the room, or lets a stopped program go on.
    case repair
    case nothing

    static let verbs: [RoomStep] = [.send, .edit, .delete, .read, .cancel, .retry, .resolve, .logOut]
}

/// What can go wrong.
package enum RoomFault: String, CaseIterable, Sendable {
    case requestLost = "request lost"
    case answerLost = "answer lost"
    case delayed
    case duplicated
    /// It arrives after its client gave up.
    case late
    case unreachable
    case throttled
    /// The API answers 408 or 5xx and has acted.
    case failedAfterActing = "failed after acting"
    case failedBeforeActing = "failed before acting"
    case truncated = "truncated success"
    /// 401 in plain text: the token is no good.
    case tokenRefused = "token refused"
    /// 401 as Twirp's JSON: the token does not allow it.
    case denied
    /// The bridge broke while it took a line, which was published or not.
    case interrupted = "publish interrupted"
    /// The bridge took a line and ended before it published it.
    case swallowed = "publish swallowed"
    case bridgeExit = "bridge exited"
    case bridgeHang = "bridge hung"
    case reconnect = "connection made anew"
    case putOut = "put out of the room"
    case flood
    case overflow = "bridge overflowed"
    case roomClosed = "room closed"
    case nodeChanged = "room moved to another node"
    case crash
    case clockSet = "clock set"
    case stopped

    /// Of the calls of the API, of those that send, of the lines to bridges, of the packets they heard, or of all steps.
    enum Whole { case calls, sends, lines, packets, steps }

    var whole: Whole {
        switch self {
        case .requestLost, .answerLost, .delayed, .unreachable, .throttled, .failedBeforeActing, .truncated, .tokenRefused: .calls
        case .duplicated, .late, .failedAfterActing, .denied: .sends
        case .interrupted, .swallowed: .lines
        case .overflow: .packets
        default: .steps
        }
    }
}

/// What the engine rarely has to do in a room.
package enum RoomBranch: String, CaseIterable, Sendable {
    case heldTombstone = "delete before its message"
    case revivalRefused = "packet for a deleted message"
    case foreignRefused = "change by another sender"
    case foreignAccepted = "stranger found to be the author"
    case equalIDs = "equal ids of two senders"
    case withoutID = "packet without an id"
    case duplicate = "packet heard again"
    case olderIgnored = "older packet after a newer"
    case tied = "equal times decided by arrival"
    case unreadable = "unreadable packet with an id"
    case rubbish = "unreadable packet without an id"
    case clockAhead = "sender's clock ahead"
    case copyPassedOver = "copy of a stream passed over"
    case gap = "gap between two stretches"
    case unannounced = "stretch begun by a packet"
    case ownEcho = "own packet heard"
    case echoFirst = "own packet heard before its answer"
    case repeated = "unanswered delivery repeated"
    case nonceDropped = "repetition dropped by its nonce"
    case nonceForgotten = "repetition carried twice"
    case asked = "person asked after the lifetime"
    case waited = "closed room waited for"
    case roomChanged = "room changed"
    case otherSender = "sender changed"
    case leaseTaken = "expired lease taken over"
}

/// How often each kind of step, fault and rare branch happened in histories of rooms.
package struct RoomCounts: Sendable {
    package var steps: [RoomStep: Int] = [:]
    package var faults: [RoomFault: Int] = [:]
    package var branches: [RoomBranch: Int] = [:]
    package var calls = 0
    /// Those of the calls that send.
    package var sends = 0
    package var lines = 0
    package var packets = 0

    package var allSteps: Int { steps.values.reduce(0, +) }

    mutating func add(_ other: RoomCounts) {
        steps.merge(other.steps) { $0 + $1 }
        faults.merge(other.faults) { $0 + $1 }
        branches.merge(other.branches) { $0 + $1 }
        calls += other.calls
        sends += other.sends
        lines += other.lines
        packets += other.packets
    }

    mutating func add(branches other: [RoomBranch: Int]) { branches.merge(other) { $0 + $1 } }

    /// A verb's share is of what people did: most steps of a room are its bridges' and the wire's.
    package func share(_ step: RoomStep) -> Double {
        let isVerb = step == .create || RoomStep.verbs.contains(step)
        let whole =
            isVerb ? steps.reduce(0) { $0 + (RoomStep.verbs.contains($1.key) || $1.key == .create ? $1.value : 0) } : allSteps
        return Double(steps[step, default: 0]) / Double(max(whole, 1))
    }

    package func share(_ fault: RoomFault) -> Double {
        let whole =
            switch fault.whole {
            case .calls: calls
            case .sends: sends
            case .lines: lines
            case .packets: packets
            case .steps: allSteps
            }
        return Double(faults[fault, default: 0]) / Double(max(whole, 1))
    }

    /// What is missing for the histories to be worth something, each as a sentence.
    package var shortfalls: [String] {
        RoomStep.verbs.filter { share($0) < 0.01 }.map { "In rooms the verb \($0.rawValue) is less than 1 % of the steps." }
            + RoomFault.allCases.filter { share($0) < 0.01 }.map {
                "In rooms the fault \"\($0.rawValue)\" strikes less than 1 %."
            }
            + (share(.tick) > 0.2 ? ["In rooms clock ticks are more than 20 % of the steps."] : [])
    }

    package var untaken: [String] {
        RoomBranch.allCases.filter { branches[$0, default: 0] == 0 }.map {
            "In rooms no history took the branch \"\($0.rawValue)\"."
        }
    }
}
