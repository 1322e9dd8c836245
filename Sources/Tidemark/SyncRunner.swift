package import TidemarkModel
package import TidemarkStore

/// What a run decides between its awaits: event in, effects out. It has the lease, who we are, the timers, what stops a run and when a
/// sync is done. Whoever drives it does what it asks for, waits, and hands in what came; it knows no task and no clock, so that whole
/// histories run on it, and all its state can be thrown away.
package struct SyncRunner {
    package enum Event: Sendable {
        case answer(SyncCore.Answer)
        /// The service pushed something.
        case pushed(RemoteEvent)
        /// The way may be free, or something was wished for: look at once.
        case wake
        /// What `askIdentity` came to.
        case identity(Result<ParticipantID?, ServiceError>)
        /// Whoever owns the run wants it to end. Asking twice is asking once.
        case cancelled
    }

    package enum Effect: Sendable {
        /// Follow what the service pushes, from now on.
        case follow
        /// Ask the service as whom it would be asked, and hand the answer in next.
        case askIdentity
        /// Do it, and hand its answer in.
        case begin(SyncCore.Effect)
        case tell(SyncStatus)
        /// Hand in what comes, or nothing once it is this late; `nil`: wait for something to come.
        case wait(until: Timestamp?)
        /// Cut off what is under way. Each of it still has an answer, with what is certain about it.
        case cutOff
        /// Nothing is left but what is under way: hand its answers in, however long they take.
        case waitForAnswers
        /// The run is over.
        case end
    }

    enum Phase {
        case waitsForLease, looks, asks, ends
    }

    package var core: SyncCore
    package internal(set) var lease: Lease?
    package private(set) var isCancelled = false
    let account: AccountView
    let holder: String
    /// Whether it goes on until it is cancelled; else it ends when nothing is left that it should wait for.
    let stays: Bool
    let deadline: Timestamp?
    var phase = Phase.waitsForLease
    var began: Moment?
    private var identity: Result<ParticipantID?, ServiceError>?
    private let decode: @Sendable ([UInt8], PageRequest.Subject) -> Page.Items?
    private let decodeArrival: @Sendable ([UInt8]) -> RemoteArrival?

    /// `decode` and `decodeArrival` read again what an earlier version of the adapter could not (R24).
    package init(
        _ core: SyncCore, of account: AccountView, holder: String, stays: Bool = true, deadline: Timestamp? = nil,
        decode: @escaping @Sendable ([UInt8], PageRequest.Subject) -> Page.Items? = { _, _ in nil },
        decodeArrival: @escaping @Sendable ([UInt8]) -> RemoteArrival? = { _ in nil }
    ) {
        self.core = core
        self.account = account
        self.holder = holder
        self.stays = stays
        self.deadline = deadline
        self.decode = decode
        self.decodeArrival = decodeArrival
    }

    /// Takes what came, several at once or nothing, and says what is to be done, in this order; the last of it is a wait, a question
    /// or the end.
    ///
    /// Throws `leaseHeld` if somebody else syncs the account and this one does not stay, or had it and lost it, and what the disk
    /// refuses. It is over then: what is under way is found by the next run.
    package mutating func take(_ events: [Event], _ moment: Moment) throws -> [Effect] {
        for event in events { try take(event, moment) }
        if isCancelled { return try end(moment) }
        switch phase {
        case .waitsForLease: return try enter(moment)
        case .looks: return try look(moment)
        case .asks:
            guard let identity else { return [.askIdentity] }
            self.identity = nil
            try heed(identity, moment)
            return try round(moment)
        case .ends: return [.end]
        }
    }

    private mutating func take(_ event: Event, _ moment: Moment) throws {
        switch event {
        case .answer(let answer): try core.take(answer, moment)
        // What was missed while there was no connection is asked for.
        case .pushed(.connected), .wake: if lease != nil { try core.wake(moment) }
        case .pushed(let event): try core.take(event, moment)
        case .identity(let result): identity = result
        case .cancelled: isCancelled = true
        }
    }

    /// A sync that ends reads what is new and needs no push, except where nothing can be read.
    private var follows: Bool { stays || core.scope.traits.history == .none }

    // MARK: Rounds

    private mutating func enter(_ moment: Moment) throws -> [Effect] {
        guard try takeLease(moment) else { return [.wait(until: moment.now + leaseDuration / 3)] }
        began = moment
        try core.begin(moment)
        try core.decodeRejects(moment, decode, arrivals: decodeArrival)
        try core.wake(moment)
        return (follows ? [.follow] : []) + (try look(moment))
    }

    private mutating func look(_ moment: Moment) throws -> [Effect] {
        try renewLease(moment)
        core.noteStop(try core.store.stopReason(ofAccount: account.name))
        guard core.stop == nil else { return try round(moment) }
        phase = .asks
        return [.askIdentity]
    }

    private mutating func round(_ moment: Moment) throws -> [Effect] {
        let round = try core.next(moment)
        let effects = round.effects.map(Effect.begin) + [.tell(try status(round))]
        if core.inFlight == 0, !stays, try isDone(round, moment) {
            phase = .ends
            if follows { try core.endReceiving(moment) }
            return effects + [.end]
        }
        phase = .looks
        return effects + [.wait(until: try timer(round, moment))]
    }

    /// What is under way ends now, with the certainty that it has; none of it goes unrecorded.
    private mutating func end(_ moment: Moment) throws -> [Effect] {
        let isNew = phase != .ends
        phase = .ends
        // A run that still waits for its turn receives nothing.
        if lease != nil { try core.endReceiving(moment) }
        guard core.inFlight > 0 else { return [.end] }
        return isNew ? [.cutOff, .waitForAnswers] : [.waitForAnswers]
    }

    // MARK: Identity

    /// Nothing is asked for or sent as somebody else (R13).
    private mutating func heed(_ result: Result<ParticipantID?, ServiceError>, _ moment: Moment) throws {
        switch result {
        case .success(nil), .success(core.scope.identity): break
        case .success(let identity?):
            let known = try core.store.account(named: account.name).identities
            if known.isEmpty || (core.scope.traits.identityChanges && !known.contains(identity)) {
                try core.store.addIdentity(identity, to: account.name)
            } else if !known.contains(identity) {
                return try core.halt(.wrongIdentity, moment)
            }
            core.scope.identity = identity
        case .failure(let error) where error.code == .unauthenticated: try core.halt(.needsCredential, moment)
        // Who we are can't be told now; each request is checked again by the adapter.
        case .failure: break
        }
    }
}
