internal import Synchronization
internal import Logging
internal import TidemarkModel
internal import TidemarkStore

/// The thin runner: asks the core for work, has it done, hands the answers back. All its state can be thrown away.
struct SyncLoop {
    let engine: SyncEngine
    let part: SyncScope
    let stays: Bool
    let deadline: Timestamp?
    private var core: SyncCore
    private var lease: Lease
    private let began: Moment
    private static let shortestWait = Duration.milliseconds(100)

    init(engine: SyncEngine, lease: Lease, part: SyncScope, stays: Bool, deadline: Timestamp?) {
        self.engine = engine
        self.lease = lease
        self.part = part
        self.stays = stays
        self.deadline = deadline
        var scope = engine.scope(generation: lease.generation, identity: nil)
        scope.extent = part.extent(stays: stays)
        core = SyncCore(
            store: engine.store, scope: scope, since: part.since,
            generator: engine.state.withLock { $0.generator })
        began = engine.clock.moment
    }

    mutating func run() async throws -> SyncReport {
        try core.begin(engine.clock.moment)
        try core.decodeRejects(engine.clock.moment, engine.service.decode)
        try core.wake(engine.clock.moment)
        let mailbox = engine.mailbox
        let events = stays ? engine.service.events() : nil
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                if let events { group.addTask { await Self.follow(events, into: mailbox) } }
                defer { group.cancelAll() }
                try await work(&group)
            }
        } catch is CancellationError where Task.isCancelled && stays {
            // Cancel = stop.
        }
        return try finish()
    }

    /// Rounds until nothing is left (or for good), then waits for what is under way.
    private mutating func work(_ group: inout ThrowingTaskGroup<Void, any Error>) async throws {
        while !Task.isCancelled {
            try renewLease()
            try await checkIdentity()
            let round = try core.next(engine.clock.moment)
            for effect in round.effects { begin(effect, &group) }
            engine.statuses.send(try status(round))
            let isIdle = core.inFlight == 0
            if isIdle, !stays, try isDone(round) { break }
            let until = isIdle || core.inFlight < engine.configuration.maximumConcurrentRequests ? try timer(round) : nil
            try await wait(until: until)
            for mail in engine.mailbox.takeAll() { try take(mail) }
        }
        group.cancelAll()
        // What is under way ends now, with the certainty that it has; none of it goes unrecorded.
        while core.inFlight > 0 {
            await engine.mailbox.waitToTheEnd()
            for mail in engine.mailbox.takeAll() { try take(mail) }
        }
    }

    // MARK: Effects

    private func begin(_ effect: SyncCore.Effect, _ group: inout ThrowingTaskGroup<Void, any Error>) {
        let engine = engine
        group.addTask {
            let start = engine.clock.monotonic
            let answer: SyncCore.Answer
            switch effect {
            case .deliver(let delivery):
                answer = .delivered(
                    delivery, await Self.result { () throws(ServiceError) in try await engine.service.perform(delivery) })
            case .read(let read):
                answer = .read(read, await Self.result { () throws(ServiceError) in try await engine.service.page(read.request) })
            }
            engine.mailbox.post(.answer(answer, took: .milliseconds(engine.clock.monotonic - start)))
        }
    }

    private static func result<Value>(
        _ body: () async throws(ServiceError) -> Value
    ) async -> Result<Value, ServiceError> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }

    private static func follow(
        _ events: any AsyncSequence<RemoteEvent, any Error> & Sendable, into mailbox: Mailbox
    ) async {
        do {
            for try await event in events { mailbox.post(.event(event)) }
        } catch {
            // A push is a hint: polling goes on without it.
            mailbox.post(.wake)
        }
    }

    // MARK: Mail

    private mutating func take(_ mail: Mailbox.Mail) throws {
        switch mail {
        case .answer(let answer, let took):
            try core.take(answer, engine.clock.moment)
            report(answer, took)
        case .event(.connected):
            try core.wake(engine.clock.moment)
        case .event(let event):
            try core.take(event, engine.clock.moment)
        case .wake:
            try core.wake(engine.clock.moment)
        case .timer:
            break
        }
    }

    private func wait(until due: Timestamp?) async throws {
        guard let due else { return await engine.mailbox.wait() }
        let engine = engine
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await engine.clock.sleep(until: due)
                if !Task.isCancelled { engine.mailbox.post(.timer) }
            }
            await engine.mailbox.wait()
            group.cancelAll()
        }
    }

    // MARK: Time

    private mutating func renewLease() throws {
        let moment = engine.clock.moment
        guard lease.expiresAt - moment.now < engine.configuration.leaseDuration * 2 / 3 else { return }
        guard
            let renewed = try engine.store.acquireLease(
                account: engine.account.id, holder: engine.holder, moment: moment, duration: engine.configuration.leaseDuration)
        else {
            throw StoreError(.leaseHeld, "Another process took over the sync of this account; this one stopped.")
        }
        // A lease that had run out in between is a new one: what the old one left in transmission is in doubt.
        if renewed.generation != lease.generation {
            core.scope.generation = renewed.generation
            try core.begin(moment)
        }
        lease = renewed
    }

    /// When the loop has to look again although no mail came.
    private func timer(_ round: SyncCore.Round) throws -> Timestamp? {
        let now = engine.clock.now
        var due = now + engine.configuration.leaseDuration / 3
        if let next = round.nextDue { due = min(due, max(next, now)) }
        if stays {
            // What another process wrote into the store is noticed by looking.
            if engine.store.path != nil { due = min(due, now + engine.configuration.foreignWriteInterval) }
        } else if let deadline {
            if let unsettled = try core.unsettledDue(engine.clock.moment) {
                // What is due and could not be begun stands behind a gate: it is looked at again soon, not in a spin.
                due = core.inFlight > 0 ? due : max(unsettled, now + Self.shortestWait)
            }
            due = min(due, max(deadline, now))
        }
        return due
    }

    /// Whether `syncOnce` has nothing left that it should wait for.
    private func isDone(_ round: SyncCore.Round) throws -> Bool {
        let now = engine.clock.now
        guard core.stop == nil else { return true }
        guard let deadline, deadline > now else { return true }
        let read = core.awaitsRead ? round.nextDue : nil
        guard let unsettled = [try core.unsettledDue(engine.clock.moment), read].compactMap({ $0 }).min() else {
            return round.nextDue.map { $0 > now } ?? true
        }
        let patience = engine.configuration.unreachablePatience
        return unsettled > deadline
            || core.reach.isHopeless(since: began.now, now: now, nextTry: unsettled, patience: patience)
    }

    // MARK: Identity

    /// Nothing is asked for or sent as somebody else (R13).
    private mutating func checkIdentity() async throws {
        let account = try engine.store.account(named: engine.account.name)
        guard account.stopReason == nil else {
            core.noteStop(account.stopReason)
            return
        }
        do {
            guard let identity = try await engine.service.identity() else { return }
            if account.identities.isEmpty || (engine.service.traits.identityChanges && !account.identities.contains(identity)) {
                try engine.store.addIdentity(identity, to: engine.account.name)
            } else if !account.identities.contains(identity) {
                return try core.halt(.wrongIdentity, engine.clock.moment)
            }
            core.scope.identity = identity
        } catch let error as ServiceError where error.code == .unauthenticated {
            try core.halt(.needsCredential, engine.clock.moment)
        } catch is ServiceError {
            // Who we are can't be told now; each request is checked again by the adapter.
        }
    }

    // MARK: Telling

    private func status(_ round: SyncCore.Round) throws -> SyncStatus {
        if core.inFlight > 0 { return .syncing(requests: core.inFlight) }
        if core.stop == .needsCredential || core.stop == .wrongIdentity { return .needsCredential }
        if try !engine.store.isAdopted { return .needsAdoption }
        if let error = core.lastError, let due = round.nextDue {
            if error.code == .throttled { return .throttled(until: due) }
            if error.scope == .host { return .offline(until: due) }
        }
        return .idle
    }

    private func report(_ answer: SyncCore.Answer, _ took: Duration) {
        switch answer {
        case .delivered(let delivery, .success):
            engine.activities.send(
                .delivered(
                    delivery.action.verb, intent: delivery.intent, attempt: delivery.attempt, outcome: "accepted", duration: took)
            )
        case .read(let read, .success(let page)):
            engine.activities.send(.read(read.name, items: page.count, bytes: page.bytes, duration: took))
        case .delivered(let delivery, .failure(let error)):
            engine.activities.send(.failed(delivery.action.verb.rawValue, error: error, duration: took))
            log(error, delivery.action.verb.rawValue)
        case .read(let read, .failure(let error)):
            engine.activities.send(.failed(read.name, error: error, duration: took))
            log(error, read.name)
        }
    }

    private func log(_ error: ServiceError, _ what: String) {
        engine.logger.debug(
            "a request failed",
            metadata: [
                "what": "\(what)", "code": "\(error.code.rawValue)", "certainty": "\(error.certainty.rawValue)",
                "status": "\(error.status ?? 0)",
            ])
    }

    private func finish() throws -> SyncReport {
        var report = core.report
        let moment = engine.clock.moment
        let extent = core.scope.extent
        let unsent = try engine.account.outbox().get().filter { extent.contains($0.conversation) }
        let summary = OutboxSummary(of: unsent)
        report.inDoubt = unsent.count { $0.state == .inDoubt }
        report.pending = summary.queued
        report.gaps = try engine.account.gaps().get().count { extent.contains($0.conversation) }
        report.seconds = Double(moment.monotonic - began.monotonic) / 1000
        report.nextDue = try core.unsettledDue(engine.clock.moment)
        report.problem = core.stop.map(Self.sentence) ?? core.lastError?.description
        report.ending =
            if core.stop != nil {
                .needsCredential
            } else if core.lastError != nil || report.nextDue != nil {
                .temporary
            } else if summary.needingPerson > 0 {
                .needsPerson
            } else if summary.queued > 0 {
                .temporary
            } else {
                .complete
            }
        return report
    }

    private static func sentence(_ reason: ParkReason) -> String {
        reason == .wrongIdentity
            ? "The credential belongs to another user than this account; nothing was sent. Give it a credential of its own user."
            : "The service refused the credential; give the account a new one."
    }
}

extension Page {
    var count: Int {
        switch items {
        case .conversations(let items): items.count
        case .messages(let items): items.count
        case .participants(let items): items.count
        case .receipts(let items): items.count
        }
    }
}
