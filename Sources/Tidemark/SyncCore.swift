package import TidemarkModel
package import TidemarkStore

/// The engine without its I/O: asks the store what to do, and gives it the answers. Event in, effects out; it knows no
/// task, no socket and no clock, so that whole histories run on it.
package struct SyncCore {
    /// Something to be done at the service.
    package enum Effect: Sendable {
        case deliver(Delivery)
        case read(PlannedRead)
    }

    /// What came of it.
    package enum Answer: Sendable {
        case delivered(Delivery, Result<Acceptance, ServiceError>)
        case read(PlannedRead, Result<Page, ServiceError>)
    }

    package struct Round: Sendable {
        package var effects: [Effect] = []
        /// When something falls due that is not due now.
        package var nextDue: Timestamp?
    }

    package let store: MessageStore
    package var scope: Scope
    package private(set) var report = SyncReport()
    package private(set) var inFlight = 0
    /// Of those, the uploads: they take long and stand beside the limit of requests.
    private var uploads = 0
    package private(set) var stop: ParkReason?
    package private(set) var lastError: ServiceError?
    private(set) var reach = Reach()
    /// When a queued intent's gate opens, as the last round saw it.
    private var claimsDue: Timestamp?
    private var busy: Set<ReadKey> = []
    /// Reads that failed for a reason that passes, and were not repeated since.
    private var failedReads: Set<ReadKey> = []
    private var touched: Set<ConversationID> = []
    private var clocks = ClockComparison()
    /// Where everything since a time is read.
    private var since: SinceWalks?
    /// When the next page of those walks may be asked for.
    private var sinceDue: Timestamp?
    private var generator: any RandomNumberGenerator & Sendable

    package init(
        store: MessageStore, scope: Scope, since: Timestamp? = nil,
        generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.store = store
        self.scope = scope
        self.since = since.map(SinceWalks.init)
        self.generator = generator
    }

    /// Settles what an earlier run left behind. Call it once before the first round.
    package mutating func begin(_ moment: Moment) throws {
        try compareClocks(moment)
        // Whoever received before this run did not say that it ended.
        try store.endReceiving(.crash, scope, moment)
        try store.recover(scope, moment, using: &generator)
        try store.trimJournal(scope)
        // Who names conversations wants to know what is in them, whatever the list would have said.
        if scope.extent.conversations != nil { try store.askForWalks(scope, moment) }
        try addSince(moment)
    }

    /// Decodes again what an earlier version of the adapter could not read (R24). Call it once before the first round.
    ///
    /// Each reject is tried once for each version: it is merged, or marked as tried.
    package mutating func decodeRejects(
        _ moment: Moment, _ decode: ([UInt8], PageRequest.Subject) -> Page.Items?,
        arrivals decodeArrival: ([UInt8]) -> RemoteArrival? = { _ in nil }
    ) throws {
        while true {
            let rejects = try store.rejectsToDecode(scope)
            guard !rejects.isEmpty else { return }
            if scope.traits.ordering == .arrival {
                let results = rejects.map { (reject: $0, arrival: decodeArrival($0.raw)) }
                add(try store.apply(arrivalsDecodedAgain: results, scope, moment), in: nil)
            } else {
                let results = rejects.map { (reject: $0, items: decode($0.raw, $0.subject)) }
                add(try store.apply(decodedAgain: results, scope, moment), in: nil)
            }
        }
    }

    /// What can be begun now. Each effect is marked in the store before it is returned, and has to come back through
    /// `take`.
    package mutating func next(_ moment: Moment) throws -> Round {
        try compareClocks(moment)
        var round = Round()
        let room = scope.configuration.maximumConcurrentRequests - requestsInFlight
        guard room > 0 else { return round }
        let claims = try store.claim(scope, moment, limit: room)
        round.effects = claims.deliveries.map(Effect.deliver)
        round.nextDue = claims.nextDue
        claimsDue = claims.nextDue
        let plan = try store.planReads(scope, moment, busy: busy, limit: room - round.effects.count)
        busy.formUnion(plan.reads.flatMap(\.keys))
        round.effects += plan.reads.map(Effect.read)
        if let due = plan.nextDue { round.nextDue = min(round.nextDue ?? due, due) }
        round.effects += try planSince(moment, limit: room - round.effects.count).map(Effect.read)
        if let due = sinceDue { round.nextDue = min(round.nextDue ?? due, due) }
        inFlight += round.effects.count
        uploads += round.effects.count { $0.isUpload }
        report.requests += round.effects.count
        return round
    }

    /// What is under way and soon over. Where only one thing may be, an upload is it.
    package var requestsInFlight: Int { scope.configuration.maximumConcurrentRequests == 1 ? inFlight : inFlight - uploads }

    /// When something that was begun and is not settled falls due; `nil`: nothing is left that time alone would settle.
    /// Polling does not count.
    package func unsettledDue(_ moment: Moment) throws -> Timestamp? {
        [claimsDue, sinceDue, try store.doubtDue(scope, moment)].compactMap { $0 }.min()
    }

    /// Whether something could not be read that a later try may get: who waits for a sync waits for it too.
    package var awaitsRead: Bool { !failedReads.isEmpty }

    /// Writes an answer down with all that follows from it.
    package mutating func take(_ answer: Answer, _ moment: Moment) throws {
        try compareClocks(moment)
        inFlight -= 1
        switch answer {
        case .delivered(let delivery, let result):
            if delivery.action.verb == .upload { uploads -= 1 }
            try take(delivery, result, moment)
        case .read(let read, let result):
            busy.subtract(read.keys)
            try take(read, result, moment)
        }
    }

    /// A wall clock that was set forward ends no quarantine; one that was set back makes no request younger.
    private mutating func compareClocks(_ moment: Moment) throws {
        if let jump = clocks.jump(at: moment) { try store.clockWasSet(by: jump, scope, moment) }
    }

    /// Merges a pushed event.
    package mutating func take(_ event: RemoteEvent, _ moment: Moment) throws {
        add(try store.apply(event, scope, moment), in: nil)
    }

    /// The run ends, and with it whatever is received.
    package mutating func endReceiving(_ moment: Moment) throws {
        try store.endReceiving(.exit, scope, moment)
    }

    /// Something says that the way may be free: whatever waits at a backoff is tried at once.
    package mutating func wake(_ moment: Moment) throws {
        try store.wakeOutbox(scope)
        try store.wakeReads(scope, moment)
    }

    /// Stops the account: nothing leaves until a person has done something.
    package mutating func halt(_ reason: ParkReason, _ moment: Moment) throws {
        try store.stop(reason, scope, moment)
        stop = reason
    }

    /// Takes over what the store says of the account.
    package mutating func noteStop(_ reason: ParkReason?) {
        stop = reason
    }

    package mutating func resetReport() {
        report = SyncReport()
        touched = []
        failedReads = []
        lastError = nil
        stop = nil
    }

    private mutating func take(_ delivery: Delivery, _ result: Result<Acceptance, ServiceError>, _ moment: Moment) throws {
        let settlement = try store.settle(delivery, result, scope, moment, using: &generator)
        switch result {
        case .success(let acceptance):
            report.bytes += acceptance.bytes
            if delivery.action.verb == .send { report.sent += 1 }
            lastError = nil
            reach.note(nil)
        case .failure(let error):
            lastError = error
            reach.note(error)
        }
        if settlement.outcome == .parked { report.parked += 1 }
        if let reason = settlement.stop { stop = reason }
    }

    private mutating func take(_ read: PlannedRead, _ result: Result<Page, ServiceError>, _ moment: Moment) throws {
        switch result {
        case .success(let page):
            report.bytes += page.bytes
            failedReads.subtract(read.keys)
            let applied = try store.apply(page, of: read, scope, moment)
            add(applied, in: read.conversation)
            if read.isSince { since?.advance(read, to: applied.next) }
            if read.purpose == .list { try addSince(moment) }
            lastError = nil
            reach.note(nil)
        case .failure(let error):
            lastError = error
            reach.note(error)
            if error.mayPass { failedReads.formUnion(read.keys) } else { failedReads.subtract(read.keys) }
            if read.isSince { since?.fail(read) }
            if case .stopAccount(let reason) = try store.fail(error, of: read, scope, moment, using: &generator) {
                try store.stop(reason, scope, moment)
                stop = reason
            }
        }
    }

    // MARK: Everything since a time

    private mutating func addSince(_ moment: Moment) throws {
        guard var walks = since else { return }
        walks.add(try store.conversations(changedSince: walks.since, scope, moment))
        since = walks
    }

    private mutating func planSince(_ moment: Moment, limit: Int) throws -> [PlannedRead] {
        guard var walks = since, limit > 0 else { return [] }
        let plan = try walks.plan(store, scope, moment, busy: busy, limit: limit)
        since = walks
        sinceDue = plan.nextDue
        busy.formUnion(plan.reads.map(\.key))
        return plan.reads
    }

    private mutating func add(_ applied: ApplyReport, in conversation: ConversationID?) {
        report.received += applied.received
        report.edited += applied.edited
        report.deleted += applied.deleted
        if let conversation, applied.received + applied.edited + applied.deleted > 0 { touched.insert(conversation) }
        touched.formUnion(applied.conversationsTold)
        report.conversations = touched.count
    }
}

extension SyncCore.Effect {
    fileprivate var isUpload: Bool {
        if case .deliver(let delivery) = self { delivery.action.verb == .upload } else { false }
    }

    /// What it is when it came to nothing.
    package func failed(_ error: ServiceError) -> SyncCore.Answer {
        switch self {
        case .deliver(let delivery): .delivered(delivery, .failure(error))
        case .read(let read): .read(read, .failure(error))
        }
    }
}

extension PlannedRead {
    var isSince: Bool {
        if case .since = purpose { true } else { false }
    }

    /// What is read, for logs and counts.
    var name: String {
        switch purpose {
        case .list: "conversations"
        case .catchUp, .catchUpTogether: "newest"
        case .backfill: "history"
        case .since: "since"
        case .participants: "participants"
        case .receipts: "receipts"
        case .details: "conversation"
        case .confirm: "message"
        case .reconcile: "reconcile"
        }
    }
}

extension ServiceError {
    /// Whether the same request may be answered later.
    fileprivate var mayPass: Bool {
        switch code {
        case .unreachable, .answerLost, .throttled, .serverFailure, .tooLate: true
        default: false
        }
    }
}
