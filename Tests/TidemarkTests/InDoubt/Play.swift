import Tidemark
import TidemarkModel
import TidemarkStore

/// One cell, played on a real store: an intent is brought to where it stands, the deed is done, and all goes on until it is
/// quiet.
struct Play {
    let cell: Circumstance
    private var subject: Subject
    private var enqueued: Enqueued
    /// What is in transmission.
    private var held: SyncCore.Effect?
    private var answer: SyncCore.Answer?
    private let before: Int
    private var change: Token?
    private var removal: Token?
    private var isSignedOut = false

    /// Brings an intent of the verb to where it is to stand, or as far as it gets.
    init(_ cell: Circumstance) throws {
        self.cell = cell
        subject = try Subject(cell.verb)
        if cell.standing == .waiting { try subject.makeTargetWait() }
        before = subject.station.service.effects.count
        enqueued = try subject.wish()
        try bring()
    }

    private mutating func bring() throws {
        switch cell.standing {
        case .queued, .waiting: return
        case .underWay: held = try begin()
        case .answered:
            held = try begin()
            answer = held.map { subject.station.perform($0) }
        case .repeatingAbsent, .repeatingLanded:
            try subject.station.pump(enqueued.intent, .answerLost(landed: cell.standing.hasLanded))
        case .doubtAbsent, .doubtLanded: try bringIntoDoubt()
        case .askingAbsent, .askingLanded: try bringToAsk()
        case .parked:
            let refused = ServiceError(.invalid, certainty: .notApplied, status: 400, serviceMessage: "no")
            try subject.station.pump(enqueued.intent, .refused(refused))
        case .sent: try subject.station.pump(enqueued.intent)
        case .confirmed: try subject.station.quiet()
        case .cancelled: try subject.station.act(.discard, on: enqueued.intent)
        case .cancelledLanded:
            try subject.station.pump(enqueued.intent, .answerLost(landed: true))
            try subject.station.act(.discard, on: enqueued.intent)
        }
    }

    /// The request for the intent; what else began beside it is answered.
    private mutating func begin() throws -> SyncCore.Effect? {
        var found: SyncCore.Effect?
        for effect in try subject.station.next() {
            if effect.isDelivery(of: enqueued.intent) { found = effect } else { try subject.station.answer(effect) }
        }
        return found
    }

    private mutating func bringIntoDoubt() throws {
        try subject.station.pump(enqueued.intent, .answerLost(landed: cell.standing.hasLanded))
        guard cell.verb == .createConversation else { return }
        // The service may have forgotten its id by now: it is looked up instead (R11).
        subject.station.pass(.seconds(660))
        _ = try subject.station.next()
        try subject.station.restart()
    }

    private mutating func bringToAsk() throws {
        try bringIntoDoubt()
        let now = subject.station.now
        switch cell.verb {
        case .send:
            // A tombstone of the user's own without a token: it may be this one's (R6).
            if let landed = subject.station.service.threads[Subject.trip].messages.firstIndex(where: isOfIntent) {
                subject.station.service.erase(landed, in: Subject.trip, at: now)
                subject.station.service.threads[Subject.trip].messages[landed].token = nil
            } else {
                subject.station.service.post("elsewhere", by: "alice", in: Subject.trip, at: now)
                let last = subject.station.service.threads[Subject.trip].messages.count - 1
                subject.station.service.erase(last, in: Subject.trip, at: now)
            }
            try subject.station.rest()
        case .createConversation:
            // The user's other device made some of the same name.
            for device in cell.standing.hasLanded ? ["one"] : ["one", "two"] {
                subject.station.service.create("Journey", by: "alice", with: [], token: device, at: now)
            }
            try subject.station.rest()
        default:
            // Who was taken out of the conversation can't look. Later she is back.
            subject.station.service.remove("alice", from: Subject.trip, at: now)
            let told = subject.station.service.threads[Subject.trip].messages.last.map(subject.station.service.remote)
            if let told { try subject.station.take(.message(told, in: "t1")) }
        }
    }

    private func isOfIntent(_ message: PlainService.Message) -> Bool { message.token == enqueued.token.rawValue }

    // MARK: Where it is

    /// Where the intent really stands.
    func found() throws -> Standing {
        let entry = try subject.station.account.intent(enqueued.intent).get()
        let hasLanded = cell.standing.hasLanded
        switch entry.state {
        case .queued:
            return entry.attempts == 0 ? .queued : hasLanded ? .repeatingLanded : .repeatingAbsent
        case .waiting: return .waiting
        case .transmitting: return answer == nil ? .underWay : .answered
        case .inDoubt where entry.asks: return hasLanded ? .askingLanded : .askingAbsent
        case .inDoubt: return hasLanded ? .doubtLanded : .doubtAbsent
        case .parked: return .parked
        case .sent: return .sent
        case .confirmed: return .confirmed
        case .cancelled: return hasLanded ? .cancelledLanded : .cancelled
        }
    }

    private func shown() throws -> Shown {
        if isSignedOut { return Shown(state: "gone", sight: .nothing) }
        if cell.deed == .signOut { return Shown(state: "gone", sight: try subject.seenAnew(enqueued.token)) }
        let entry = try subject.station.account.intent(enqueued.intent).get()
        var state = entry.state.name
        if entry.asks { state = "asks" }
        if let reason = entry.reason, entry.state != .confirmed { state += " (\(reason.rawValue))" }
        return Shown(state: state, sight: try subject.seen(enqueued.intent))
    }

    // MARK: The deed

    /// Does it, and goes on until nothing is left to do.
    mutating func outcome() throws -> Outcome {
        var refusal: String?
        do {
            try act()
        } catch let error as StoreError {
            refusal = Self.withoutIDs(error.description)
        }
        let atOnce = try shown()
        try land()
        subject.station.service.add(["alice"], to: Subject.trip, at: subject.station.now)
        switch cell.deed {
        case .credentialLost:
            subject.station.pass(.seconds(3600))
            try subject.station.resume()
        case .signOut:
            subject.station.pass(.seconds(3600))
            try subject.station.signIn(Station.alice)
            isSignedOut = false
        case .cancel, .edit, .delete, .kill: break
        }
        let isQuiet = try subject.station.quiet()
        var atLast = try shown()
        if !isQuiet { atLast.state += ", restless" }
        return Outcome(
            refusal: refusal, effects: effects(), atService: try subject.real(enqueued.token), atOnce: atOnce, atLast: atLast)
    }

    private mutating func act() throws {
        switch cell.deed {
        case .cancel: try subject.station.act(.discard, on: enqueued.intent)
        case .edit: change = try subject.change(enqueued.intent)?.token
        case .delete: removal = try subject.remove().token
        case .kill:
            (held, answer) = (nil, nil)
            try subject.station.restart()
        case .signOut: try signOut()
        case .credentialLost:
            subject.station.isRefused = true
            try land()
            // Whatever is asked for next is refused, and the account stands still.
            subject.station.pass(.seconds(100))
            try subject.station.pump()
        }
    }

    /// As the engine does it: refused first where something is unsent, then it stops, which cuts off what is under way, and all that
    /// is here goes.
    private mutating func signOut() throws {
        var refusal: StoreError?
        do {
            try subject.station.store.checkRemovable("me")
        } catch let error as StoreError {
            refusal = error
        }
        let cut = ServiceError(.cancelled, certainty: .unknown, scope: .host)
        if let held { try subject.station.take(held.failed(cut)) }
        (held, answer) = (nil, nil)
        try subject.station.store.removeAccount("me", discardingUnsent: refusal != nil)
        isSignedOut = true
        if let refusal { throw refusal }
    }

    /// What is in transmission comes to its end.
    private mutating func land() throws {
        if let answer {
            try subject.station.take(answer)
        } else if let held {
            try subject.station.answer(held)
        }
        (held, answer) = (nil, nil)
    }

    private func effects() -> [Effect] {
        subject.station.service.effects.dropFirst(before).compactMap { effect in
            let token = Token(effect.token)
            if token == enqueued.token { return .wish }
            // Where what it is about has not left, it was changed in that.
            if subject.parents.contains(token) { return nil }
            if token == change { return .change }
            return token == removal ? .removal : .undoing
        }
    }

    /// Whatever changed the service more than once under one token.
    func doubles() -> [String] {
        let tokens = subject.station.service.effects.map(\.token)
        return Set(tokens).filter { token in tokens.count { $0 == token } > 1 }.sorted()
    }

    private static func withoutIDs(_ text: String) -> String {
        text.replacing(/\b[cmi][0-9]+\b/) { "\($0.output.prefix(1))…" }
    }
}
