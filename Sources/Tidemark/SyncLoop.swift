internal import Synchronization
internal import Logging
internal import TidemarkModel
internal import TidemarkStore

/// Drives a runner: does what it asks for, waits, hands in what came. It decides nothing.
struct SyncLoop {
    let engine: SyncEngine
    private(set) var runner: SyncRunner

    init(engine: SyncEngine, part: SyncScope, stays: Bool, deadline: Timestamp?) {
        self.engine = engine
        var scope = engine.scope(generation: 0, identity: nil)
        scope.extent = part.extent(stays: stays)
        let core = SyncCore(
            store: engine.store, scope: scope, since: part.since, generator: engine.state.withLock { $0.generator })
        let service = engine.service
        runner = SyncRunner(
            core, of: engine.account, holder: engine.holder, stays: stays, deadline: deadline,
            decode: { raw, subject in service.decode(raw, of: subject) },
            decodeArrival: { raw in service.decodeArrival(raw) })
    }

    /// Until the runner ends, or the task is cancelled and what was under way has been written down.
    mutating func run() async throws -> SyncReport {
        defer { try? runner.releaseLease() }
        try await withThrowingDiscardingTaskGroup { group in
            defer { group.cancelAll() }
            try await work(&group)
        }
        if runner.isCancelled, !runner.stays { throw CancellationError() }
        return try runner.report(engine.clock.moment)
    }

    private mutating func work(_ group: inout ThrowingDiscardingTaskGroup<any Error>) async throws {
        var mail: [Mailbox.Mail] = []
        var identity: Result<ParticipantID?, ServiceError>?
        while true {
            var events = mail.compactMap(\.event)
            if let identity { events.append(.identity(identity)) }
            if Task.isCancelled { events.append(.cancelled) }
            let effects = try runner.take(events, engine.clock.moment)
            for case .answer(let answer, let took) in mail { report(answer, took) }
            (mail, identity) = ([], nil)
            for effect in effects {
                switch effect {
                case .follow: follow(&group)
                case .askIdentity: identity = await Self.result { () throws(ServiceError) in try await engine.service.identity() }
                case .begin(let effect): begin(effect, &group)
                case .tell(let status): engine.statuses.send(status)
                case .wait(let due):
                    await wait(until: due)
                    mail = engine.mailbox.takeAll()
                case .cutOff: group.cancelAll()
                case .waitForAnswers:
                    await engine.mailbox.waitToTheEnd()
                    mail = engine.mailbox.takeAll()
                case .end: return
                }
            }
        }
    }

    // MARK: Effects

    private func begin(_ effect: SyncCore.Effect, _ group: inout ThrowingDiscardingTaskGroup<any Error>) {
        let engine = engine
        group.addTask {
            let start = engine.clock.monotonic
            let answer: SyncCore.Answer
            switch effect {
            case .deliver(let delivery):
                answer = .delivered(delivery, await Self.perform(delivery, engine))
            case .read(let read):
                answer = .read(read, await Self.result { () throws(ServiceError) in try await engine.service.page(read.request) })
            }
            engine.mailbox.post(.answer(answer, took: .milliseconds(engine.clock.monotonic - start)))
        }
    }

    private static func perform(_ delivery: Delivery, _ engine: SyncEngine) async -> Result<Acceptance, ServiceError> {
        guard case .upload(let file, _) = delivery.action else {
            return await result { () throws(ServiceError) in try await engine.service.perform(delivery) }
        }
        return await Upload(delivery: delivery, file: file, engine: engine).run()
    }

    static func result<Value>(
        _ body: () async throws(ServiceError) -> Value
    ) async -> Result<Value, ServiceError> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }

    private func follow(_ group: inout ThrowingDiscardingTaskGroup<any Error>) {
        let (events, mailbox, engine) = (engine.service.events(), engine.mailbox, engine)
        // Where nothing can be read later, the end of the pushes is the beginning of a gap.
        let isAllThereIs = engine.service.traits.history == .none
        group.addTask {
            do {
                for try await event in events {
                    let isHeard = engine.typists.hear(event, at: engine.clock.now, lasting: engine.configuration.typingLasts)
                    if !isHeard { await mailbox.post(event) }
                }
            } catch {
                // A push is a hint: polling goes on without it.
                mailbox.post(.wake)
            }
            if isAllThereIs { mailbox.post(.event(.disconnected)) }
        }
    }

    private func wait(until due: Timestamp?) async {
        guard let due else { return await engine.mailbox.wait() }
        let engine = engine
        await withDiscardingTaskGroup { group in
            group.addTask {
                try? await engine.clock.sleep(until: due)
                if !Task.isCancelled { engine.mailbox.post(.timer) }
            }
            await engine.mailbox.wait()
            group.cancelAll()
        }
    }

    // MARK: Telling

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
}

extension Mailbox.Mail {
    /// `nil`: a look, and nothing more.
    fileprivate var event: SyncRunner.Event? {
        switch self {
        case .answer(let answer, _): .answer(answer)
        case .event(let event): .pushed(event)
        case .wake: .wake
        case .stop: .cancelled
        case .timer: nil
        }
    }
}

extension Page {
    var count: Int {
        let further = furtherMessages.values.reduce(0) { $0 + $1.count }
        return switch items {
        case .conversations(let items): items.count
        case .messages(let items): items.count + further
        case .participants(let items): items.count
        case .receipts(let items): items.count
        }
    }
}
