import TidemarkModel
import Testing

@testable import TidemarkStore

/// A wall clock that was wrong and is set: nothing stands still for it, and no quarantine ends early (R3, R9).
@Suite struct GateOpeningTests {
    @Test(arguments: Gate.allCases)
    func `a time that the gate can have been set for holds, and a later one has passed`(gate: Gate) {
        let scope = Scope(account: 1, traits: .likeAzure)
        let moment = Moment(milliseconds: 1_700_000_000_000)
        let latest = moment.now.milliseconds + gate.longest(scope).milliseconds
        #expect(gate.opening(latest, scope, moment) == latest)
        #expect(gate.opening(latest + 1, scope, moment) == 0)
        #expect(gate.opening(Int64.max, scope, moment) == 0)
        let times = GateTimes(scope, moment)
        #expect(times.opening(gate, latest) == latest)
        #expect(times.opening(gate, latest + 1) == 0)
        #expect(times.latest(named: "\(gate.rawValue)Latest") == latest)
    }

    @Test func `what is written is never further ahead than its gate`() throws {
        var configuration = SyncConfiguration()
        configuration.firstBackoff = .seconds(100)
        configuration.maximumThrottle = .seconds(5)
        let scope = Scope(account: 1, traits: .likeAzure, configuration: configuration)
        var generator = CountingGenerator()
        for step in 1...40 {
            #expect(configuration.backoff(step: step, using: &generator) <= Gate.backoff.longest(scope))
            let throttle = configuration.throttle(step: step, asked: .seconds(step), using: &generator)
            #expect(throttle <= Gate.service.longest(scope))
        }
    }
}

/// The same for each gate of the reads.
@Suite struct ReadGateTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var gate: Gate
        var column: String
        /// What makes its read due but for the gate.
        var setUp = ""
        var purpose: PlannedRead.Purpose?

        var testDescription: String { column }
    }

    static let cases = [
        Case(gate: .backoff, column: "account.backoffUntil", setUp: "UPDATE account SET listDueAt = 0", purpose: .list),
        Case(gate: .service, column: "account.serviceUntil", setUp: "UPDATE account SET listDueAt = 0", purpose: .list),
        Case(gate: .list, column: "account.listDueAt", purpose: .list),
        Case(
            gate: .backoff, column: "conversation.readsNotBefore", setUp: "UPDATE conversation SET walkDueAt = 0",
            purpose: .catchUp),
        Case(
            gate: .service, column: "conversation.readsServiceUntil", setUp: "UPDATE conversation SET walkDueAt = 0",
            purpose: .catchUp),
        Case(
            gate: .lookUp, column: "conversation.walkNotBefore", setUp: "UPDATE conversation SET walkWanted = 9",
            purpose: .catchUp),
        Case(gate: .top, column: "conversation.walkDueAt", purpose: .catchUp),
        Case(
            gate: .set, column: "setRead.dueAt", setUp: "UPDATE setRead SET isStale = 1 WHERE kind = 'participants'",
            purpose: .participants),
        Case(gate: .confirmation, column: "intent.confirmAt", purpose: .confirm),
    ]

    private let harness: ReadingHarness

    /// A conversation in which nothing is due.
    init() throws {
        harness = try ReadingHarness()
        harness.now = 1_700_000_000_000
        _ = try harness.addConversation()
        try harness.execute(
            """
            UPDATE account SET listDueAt = \(harness.now + 45_000);
            UPDATE conversation SET walkDueAt = \(harness.now + 20_000_000), closedStart = 1, detailsAreStale = 0, backfillIsDone = 1;
            UPDATE setRead SET isStale = 0;
            INSERT INTO message (id, conversation, remoteID, sort, text, isOwn, token) VALUES (7, 1, '5000', 9, 'm', 1, 't');
            INSERT INTO intent (account, conversation, message, verb, token, body, state, createdAt, acknowledgedAt,
                acknowledgedStart, confirmAt)
            VALUES (1, 1, 7, 'send', 't', '{}', 'sent', 0, \(harness.now), 0, \(harness.now + 40_000));
            """)
    }

    private func plan() throws -> (reads: [PlannedRead], nextDue: Timestamp?) {
        try harness.store.planReads(harness.scope, harness.moment, busy: [], limit: 100)
    }

    @Test(arguments: cases)
    func `a clock that was ahead and is set back holds no read back`(gate: Case) throws {
        #expect(try plan().reads.isEmpty)
        let latest = harness.now + gate.gate.longest(harness.scope).milliseconds
        let names = gate.column.split(separator: ".")
        if !gate.setUp.isEmpty { try harness.execute(gate.setUp) }
        try harness.execute("UPDATE \(names[0]) SET \(names[1]) = \(latest)")
        let held = try plan()
        #expect(!held.reads.contains { $0.purpose == gate.purpose })
        #expect(try #require(held.nextDue) <= Timestamp(milliseconds: latest))
        try harness.execute("UPDATE \(names[0]) SET \(names[1]) = \(latest + 1)")
        let open = try plan()
        #expect(open.reads.contains { $0.purpose == gate.purpose })
        #expect(open.nextDue.map { $0.milliseconds <= harness.now + 20_000_000 } ?? true)
    }

    @Test func `what is unsettled is due although its gates are years away`() throws {
        try harness.execute("UPDATE conversation SET readsNotBefore = 1, readsServiceUntil = 1")
        #expect(try harness.store.doubtDue(harness.scope, harness.moment)?.milliseconds == harness.now + 40_000)
        let far = harness.now + 365 * 24 * 3_600_000
        try harness.execute("UPDATE intent SET confirmAt = \(far)")
        try harness.execute("UPDATE conversation SET readsNotBefore = \(far), readsServiceUntil = \(far), walkNotBefore = \(far)")
        try harness.execute("UPDATE account SET backoffUntil = \(far), serviceUntil = \(far)")
        #expect(try #require(try harness.store.doubtDue(harness.scope, harness.moment)).milliseconds <= harness.now)
        try harness.execute("UPDATE intent SET state = 'inDoubt'")
        #expect(try #require(try harness.store.doubtDue(harness.scope, harness.moment)).milliseconds <= harness.now)
    }

    @Test(arguments: [ServiceError.Scope.lane, .account])
    func `what the service asks for holds although the clock was set back`(reach: ServiceError.Scope) throws {
        let far = harness.now + 365 * 24 * 3_600_000
        try harness.execute("UPDATE conversation SET walkDueAt = 0, readsServiceUntil = \(far)")
        try harness.execute("UPDATE account SET serviceUntil = \(far)")
        let read = try #require(try plan().reads.first { $0.purpose == .catchUp })
        var generator = CountingGenerator()
        let error = ServiceError(.throttled, certainty: .notApplied, scope: reach, status: 429, retryAfter: .seconds(8))
        _ = try harness.store.fail(error, of: read, harness.scope, harness.moment, using: &generator)
        #expect(try !plan().reads.contains { $0.purpose == .catchUp })
        harness.now += 7_999
        #expect(try !plan().reads.contains { $0.purpose == .catchUp })
        harness.now += 2_002
        #expect(try plan().reads.contains { $0.purpose == .catchUp })
    }

    @Test(arguments: [ServiceError.Scope.lane, .host])
    func `a failure backs off although the clock was set back`(reach: ServiceError.Scope) throws {
        let far = harness.now + 365 * 24 * 3_600_000
        try harness.execute("UPDATE conversation SET walkDueAt = 0, readsNotBefore = \(far), readsStep = 3")
        try harness.execute("UPDATE account SET backoffUntil = \(far), backoffStep = 3")
        let read = try #require(try plan().reads.first { $0.purpose == .catchUp })
        var generator = CountingGenerator()
        let error = ServiceError(.serverFailure, certainty: .unknown, scope: reach, status: 503)
        _ = try harness.store.fail(error, of: read, harness.scope, harness.moment, using: &generator)
        #expect(try !plan().reads.contains { $0.purpose == .catchUp })
        harness.now += 60_001
        #expect(try plan().reads.contains { $0.purpose == .catchUp })
    }

    @Test func `a walk that began before the clock was set back is followed soon`() throws {
        try harness.execute("UPDATE conversation SET walkDueAt = 0")
        let read = try #require(try plan().reads.first { $0.purpose == .catchUp })
        let server = Timestamp(milliseconds: harness.now)
        harness.now -= 5 * 3_600_000
        let young = RemoteMessage(
            id: "1", version: server.milliseconds - 10_000, sequence: 1, place: server.milliseconds - 10_000, kind: .text,
            text: "x", sender: "8:b", createdAt: server)
        try harness.apply(Page(items: .messages([young]), serverDate: server, isSnapshot: true), read)
        // As soon as what a list may lag behind has passed: by the settle window.
        #expect(try harness.conversation().walkDueAt <= harness.now + 60_000)
    }

    @Test func `the whole list is walked again although the last time lies ahead`() throws {
        try harness.execute("UPDATE account SET sweptAt = \(harness.now + 1), listDueAt = 0")
        let read = try #require(try plan().reads.first { $0.purpose == .list })
        let page = Page(
            items: .conversations([RemoteConversation(id: "19:x")]), next: "more", serverDate: Timestamp(milliseconds: 1))
        try harness.apply(page, read)
        #expect(try harness.value("SELECT listIsSweep FROM account") == 1)
    }
}

/// The quarantine (R3): bounded when the clock is set back, whole when it is set forward.
@Suite struct QuarantineTests {
    private var world: OutboxWorld
    private let conversation: ConversationID
    private let send: Enqueued

    init() throws {
        world = try OutboxWorld()
        conversation = try world.conversation()
        send = try world.send("a", to: conversation)
    }

    @Test mutating func `set back, it lasts as long as one can from then on`() throws {
        try world.lose(try #require(try world.claim().first))
        world.pass(.seconds(-5 * 3600))
        try world.close(conversation)
        #expect(try world.state(send) == .inDoubt)
        let longest = Quarantine.longest(world.scope).milliseconds
        #expect(try world.intent(send.intent).quarantineUntil == world.now + longest)
        #expect(try world.number("SELECT walkNotBefore FROM conversation") == world.now + longest)
        // A walk that had begun by the clock that was ahead proves nothing.
        let early = try world.begin()
        world.now += longest - 1
        try world.close(conversation, begun: early)
        #expect(try world.state(send) == .inDoubt)
        world.now += 1
        try world.close(conversation)
        #expect(try world.state(send) == .queued)
    }

    @Test mutating func `set back, a create in doubt is judged by lists as soon`() throws {
        var traits = ServiceTraits.likeAzure
        traits.lostAnswers[.createConversation] = .recognisable
        var world = try OutboxWorld(traits)
        try world.closeList()
        let create = try world.wish(.createConversation(topic: "Trip", participants: []))
        try world.lose(try #require(try world.claim().first))
        world.pass(.seconds(-5 * 3600))
        try world.closeList()
        let until = try world.intent(create.intent).quarantineUntil
        #expect(until == world.now + Quarantine.longest(world.scope).milliseconds)
        #expect(try #require(try world.number("SELECT listDueAt FROM account")) <= until)
        world.now = until
        try world.closeList()
        try world.closeList()
        #expect(try world.state(create) == .queued)
    }

    @Test mutating func `set forward, it lasts as long as it would have`() throws {
        try world.lose(try #require(try world.claim().first))
        world.pass(.seconds(5))
        let jump = Duration.seconds(5 * 3600)
        world.pass(jump)
        try world.store.clockWasSet(by: jump, world.scope, world.moment)
        world.pass(.seconds(14))
        try world.close(conversation)
        #expect(try world.state(send) == .inDoubt)
        world.pass(.seconds(1))
        try world.close(conversation)
        #expect(try world.state(send) == .queued)
    }

    @Test mutating func `set forward, one that was over stays over`() throws {
        try world.lose(try #require(try world.claim().first))
        world.pass(.seconds(21))
        let jump = Duration.seconds(5)
        world.pass(jump)
        try world.store.clockWasSet(by: jump, world.scope, world.moment)
        try world.close(conversation, at: world.now - 1)
        #expect(try world.state(send) == .queued)
    }

    @Test mutating func `set back, what the service asked for lasts no longer`() throws {
        let refusal = ServiceError(.throttled, certainty: .notApplied, status: 429, retryAfter: .seconds(60))
        try world.fail(try #require(try world.claim().first), refusal)
        world.pass(.seconds(-5 * 3600))
        try world.store.clockWasSet(by: .seconds(-5 * 3600), world.scope, world.moment)
        world.pass(.seconds(59))
        #expect(try world.claim().isEmpty)
        world.pass(.seconds(17))
        #expect(try world.claim().count == 1)
    }

    @Test mutating func `set forward, what is in transmission still has its time`() throws {
        _ = try world.claim()
        let jump = Duration.seconds(5 * 3600)
        world.pass(jump)
        try world.store.clockWasSet(by: jump, world.scope, world.moment)
        try world.recover()
        #expect(try world.intent(send.intent).quarantineUntil == world.now + 50_000)
    }
}
