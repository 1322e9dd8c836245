import TidemarkModel
import Testing

@testable import TidemarkStore

/// The gates of a lane and of the account, and the pace (R9, P9).
@Suite struct GateTests {
    @Test func `a wake-up clears backoff and nothing else`() throws {
        var world = try OutboxWorld()
        let (one, two, three) = (try world.conversation("19:a"), try world.conversation("19:b"), try world.conversation("19:c"))
        try world.send("a", to: one)
        try world.send("b", to: two)
        try world.send("c", to: three)
        for (delivery, error) in zip(
            try world.claim(), [ServiceError.tooMany, .failedServer, ServiceError(.serverFailure, certainty: .notApplied)])
        {
            try world.fail(delivery, error)
        }
        try world.sql("UPDATE lane SET backoffUntil = backoffUntil + 5000 WHERE backoffUntil > 0")
        let quarantine = try world.number("SELECT quarantineUntil FROM intent WHERE state = 'inDoubt'")
        #expect(try world.claim().isEmpty)
        try world.store.wakeOutbox(world.scope)
        #expect(try world.claim().summary == ["send c"])
        #expect(try world.number("SELECT quarantineUntil FROM intent WHERE state = 'inDoubt'") == quarantine)
        world.pass(.seconds(9))
        try world.store.wakeOutbox(world.scope)
        #expect(try world.claim().isEmpty)
        world.pass(.seconds(4))
        #expect(try world.claim().summary == ["send a"])
    }

    @Test func `Retry-After is obeyed, also beside a lost answer`() throws {
        for error in [
            ServiceError(.throttled, certainty: .notApplied, status: 429, retryAfter: .seconds(120)),
            ServiceError(.serverFailure, certainty: .unknown, status: 503, retryAfter: .seconds(120)),
            ServiceError(.serverFailure, certainty: .notApplied, status: 503, retryAfter: .seconds(120)),
        ] {
            var world = try OutboxWorld()
            let conversation = try world.conversation()
            try world.send("a", to: conversation)
            try world.fail(try #require(try world.claim().first), error)
            world.pass(.seconds(119))
            try world.store.wakeOutbox(world.scope)
            try world.close(conversation)
            let claims = try world.claims()
            #expect(claims.deliveries.isEmpty)
            #expect(try #require(claims.nextDue).milliseconds > world.now)
            world.pass(.seconds(32))
            try world.close(conversation)
            #expect(try world.claim().count == 1)
        }
    }

    @Test func `Retry-After is obeyed whatever became of the intent meanwhile`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        let delivery = try #require(try world.claim().first)
        try world.seeNow(.own(100, token: send.token, sequence: 11), in: conversation)
        #expect(try world.state(send) == .confirmed)
        try world.fail(delivery, ServiceError(.throttled, certainty: .notApplied, status: 429, retryAfter: .seconds(120)))
        #expect(try world.state(send) == .confirmed)
        try world.send("b", to: conversation)
        world.pass(.seconds(119))
        #expect(try world.claim().isEmpty)
        world.pass(.seconds(32))
        #expect(try world.claim().summary == ["send b"])
    }

    @Test func `a 429 without Retry-After waits ten seconds, then sixty and then longer, until a success`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        try world.send("a", to: conversation)
        var delivery = try #require(try world.claim().first)
        for least in [10, 60, 120] {
            try world.fail(delivery, .tooMany)
            let failed = world.now
            delivery = try world.claimNext()
            #expect(world.now >= failed + Int64(least * 1000) && world.now <= failed + Int64(least * 1250) + 1)
        }
        try world.accept(delivery, message: "100")
        try world.send("b", to: conversation)
        try world.fail(try #require(try world.claim().first), .tooMany)
        #expect(try #require(try world.claims().nextDue).milliseconds <= world.now + 12_501)
    }

    /// By a clock that is set back, the end of a wait that is over lies ahead again, and that of the lane may lie before it.
    @Test(arguments: [ServiceError.unreachable, ServiceError(.unauthenticated, certainty: .notApplied)])
    func `what was refused for its pace and then for something else is not overtaken when the clock is set back`(
        error: ServiceError
    ) throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        try world.send("a", to: conversation)
        try world.send("b", to: conversation)
        try world.fail(try #require(try world.claim().first), .tooMany)
        try world.fail(try world.claimNext(), error)
        world.now -= 60_000
        try world.sql("UPDATE lane SET serviceUntil = 0")
        try world.store.resume(world.scope, world.moment)
        try world.store.wakeOutbox(world.scope)
        #expect([try world.claimNext()].summary == ["send a"])
    }

    @Test func `a failure of the host holds every lane and counts no attempt`() throws {
        var world = try OutboxWorld()
        let sends = try ["19:a", "19:b"].map { try world.send("x", to: try world.conversation($0)) }
        try world.fail(try #require(try world.claim(limit: 1).first), .unreachable)
        try world.sql("UPDATE account SET backoffUntil = \(world.now + 500)")
        #expect(try world.claim().isEmpty)
        #expect(try world.intent(sends[0].intent).failures == 0)
        try world.store.wakeOutbox(world.scope)
        #expect(try world.claim().count == 2)
    }

    @Test func `transient failures never park and each wait is within the bound`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let add = try world.wish(.addParticipants([Participant(id: "8:b")], to: conversation))
        for _ in 0..<100 {
            let delivery = try #require(try world.claim().first)
            try world.fail(delivery, .failedServer)
            #expect(try world.state(add) == .queued)
            let due = try world.claims().nextDue?.milliseconds ?? world.now
            #expect(due <= world.now + 60_000)
            world.now = due
        }
    }

    @Test func `a clock that was wrong holds no lane longer than a right one could`() throws {
        var world = try OutboxWorld(.paced)
        let conversation = try world.conversation()
        world.pass(.seconds(365 * 24 * 3600))
        for text in (0..<10).map(String.init) {
            try world.send(text, to: conversation)
            try world.accept(try #require(try world.claim().first), message: text)
        }
        try world.send("last", to: conversation)
        try world.sql(
            "INSERT OR REPLACE INTO lane (conversation, backoffUntil, serviceUntil) VALUES (1, \(world.now + 60_000), \(world.now + 60_000))"
        )
        try world.sql("UPDATE account SET backoffUntil = \(world.now + 60_000), serviceUntil = \(world.now + 60_000)")
        world.pass(.seconds(-365 * 24 * 3600))
        #expect(try world.claim().summary == ["send last"])
    }

    @Test func `a hundred sends keep the pace however long each one is under way`() throws {
        var world = try OutboxWorld(.paced)
        let conversation = try world.conversation()
        for number in 0..<100 { try world.send("\(number)", to: conversation) }
        var spans: [ClosedRange<Int64>] = []
        var steps = 0
        while spans.count < 100, steps < 10_000 {
            steps += 1
            let claims = try world.claims()
            guard let delivery = claims.deliveries.first else {
                world.now = max(world.now + 1, try #require(claims.nextDue).milliseconds)
                continue
            }
            let begun = world.now
            world.pass(.milliseconds([0, 3, 40, 700, 4000][spans.count % 5]))
            // A refused call counts as well.
            if spans.count % 7 == 3 {
                try world.fail(delivery, ServiceError(.serverFailure, certainty: .notApplied))
            } else {
                try world.accept(delivery, message: "m\(spans.count)")
            }
            spans.append(begun...world.now)
        }
        #expect(spans.count == 100)
        for (period, count) in [(Int64(10_000), 10), (60_000, 30)] {
            // The worst arrivals: the earlier ones as late as they can be, the latest one as early as it can be.
            for (last, span) in spans.enumerated() {
                let inside = spans[...last].filter { $0.upperBound > span.lowerBound - period }.count
                #expect(inside <= count, "\(inside) in \(period) ms before number \(last)")
            }
        }
        // And it does not dawdle: 100 at 30 a minute.
        #expect((spans.last?.upperBound ?? 0) - (spans.first?.lowerBound ?? 0) < 420_000)
    }

    @Test func `each lane has its own pace`() throws {
        var world = try OutboxWorld(.paced)
        let (one, two) = (try world.conversation("19:a"), try world.conversation("19:b"))
        for number in 0..<11 {
            try world.send("\(number)", to: one)
            if number < 10 { try world.accept(try #require(try world.claim().first), message: "\(number)") }
        }
        #expect(try world.claim().isEmpty)
        try world.send("other", to: two)
        #expect(try world.claim().summary == ["send other"])
    }

    // MARK: The account stands still (R13)

    @Test(arguments: [ServiceError.Code.unauthenticated, .wrongIdentity])
    func `a refused credential stops the account and not the intent`(code: ServiceError.Code) throws {
        var world = try OutboxWorld()
        let sends = try ["19:a", "19:b"].map { try world.send("x", to: try world.conversation($0)) }
        let settlement = try world.fail(try #require(try world.claim(limit: 1).first), ServiceError(code, certainty: .notApplied))
        #expect(settlement.outcome == .stopped && settlement.stop != nil)
        for send in sends { #expect(try world.state(send) == .queued) }
        world.pass(.seconds(1000))
        try world.store.wakeOutbox(world.scope)
        #expect(try world.claim().isEmpty)
        try world.store.resume(world.scope, world.moment)
        #expect(try world.claim().count == 2)
    }

    // MARK: Fences (R14)

    @Test func `a failure from an old lease or an old attempt is ignored`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        let first = try #require(try world.claim().first)
        try world.fail(first, .unreachable)
        world.pass(.seconds(100))
        _ = try world.claim()
        #expect(try world.fail(first, .refused).outcome == .ignored)
        #expect(try world.state(send) == .transmitting)
        let second = Delivery(intent: first.intent, attempt: 2, token: first.token, action: first.action)
        _ = try world.store.acquireLease(account: 1, holder: "other", moment: world.moment, duration: .seconds(30))
        #expect(try world.fail(second, .refused).outcome == .ignored)
        #expect(try world.state(send) == .transmitting)
        // Proof of effect counts from anybody.
        try world.accept(second, message: "100")
        #expect(try world.state(send) == .sent)
    }

    @Test func `a late success is applied in every state`() throws {
        for state in ["queued", "inDoubt", "parked"] {
            var world = try OutboxWorld()
            let conversation = try world.conversation()
            let message = try #require(try world.sent(in: conversation).message)
            let edit = try world.wish(.edit(message, text: "x", metadata: [:]))
            let delivery = try #require(try world.claim().first)
            try world.lose(delivery)
            try world.sql("UPDATE intent SET state = '\(state)' WHERE id = \(edit.intent.number)")
            try world.accept(delivery)
            #expect(try world.state(edit) == .sent, "\(state)")
            #expect(try world.claim().isEmpty)
        }
    }
}

extension ServiceTraits {
    static var paced: ServiceTraits {
        var traits = likeAzure
        let verbs: Set<Verb> = [.send, .edit, .delete]
        traits.rates = [
            Rate(verbs, per: .lane, count: 10, in: .seconds(10)), Rate(verbs, per: .lane, count: 30, in: .seconds(60)),
        ]
        return traits
    }
}
