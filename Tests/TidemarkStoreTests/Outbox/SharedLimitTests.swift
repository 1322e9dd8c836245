import TidemarkModel
import Testing

@testable import TidemarkStore

/// A limit that others use up too, where refused calls count (R9, P9).
@Suite struct SharedLimitTests {
    private static let invites: Set<Verb> = [.createConversation, .addParticipants]

    private static var limited: ServiceTraits {
        var traits = ServiceTraits.likeAzure
        traits.rates = [
            ServiceTraits.Rate([.send], per: .account, count: 60, in: .seconds(60)),
            ServiceTraits.Rate(invites, per: .account, count: 10, in: .seconds(600)),
            ServiceTraits.Rate(Set(Verb.allCases), per: .account, count: 400, in: .seconds(300)),
        ]
        return traits
    }

    private static func tooMany(_ seconds: Int64 = 10) -> ServiceError {
        ServiceError(.throttled, certainty: .notApplied, status: 429, retryAfter: .seconds(seconds))
    }

    // MARK: The values

    @Test func `the wait doubles from what was asked to the period of the limit, and jitter only adds`() {
        let configuration = SyncConfiguration()
        var generator = CountingGenerator()
        let table: [(asked: Int64?, period: Int64?, waits: [Int64])] = [
            (10, 600, [10, 20, 40, 80, 160, 320, 600, 600]),
            (10, 60, [10, 20, 40, 60, 60]),
            (10, nil, [10, 20, 40, 80, 160, 320, 600, 600]),
            (nil, 60, [10, 60, 60, 60]),
            (nil, nil, [10, 60, 120, 240, 480, 600, 600]),
            (0, 5, [10, 60, 60]),
            (3600, 600, [3600, 3600, 3600]),
        ]
        for line in table {
            for (index, least) in line.waits.enumerated() {
                for _ in 0..<20 {
                    let wait = configuration.refusedWait(
                        inARow: index + 1, asked: line.asked.map { .seconds($0) }, period: line.period.map { .seconds($0) },
                        using: &generator)
                    #expect(wait >= .seconds(least) && wait <= .seconds(least) * 1.25 + .milliseconds(1), "\(line) \(index)")
                }
            }
        }
    }

    @Test func `no number makes the wait too short, too long or a trap`() {
        let configuration = SyncConfiguration()
        var generator = CountingGenerator()
        for count in [Int.min, -1, 0, 1, 63, 64, 1000, Int.max] {
            for asked in [nil, Int64.min, -1, 0, 1, Int64.max] {
                let wait = configuration.refusedWait(
                    inARow: count, asked: asked.map { .seconds($0) }, period: .seconds(asked ?? 7), using: &generator)
                #expect(wait >= .seconds(1) && wait <= configuration.throttleCeiling)
            }
        }
    }

    @Test func `refusals in a row end at the newest call that got through, and those under way together are one`() {
        func attempt(_ begun: Int64, _ ended: Int64, _ isRefused: Bool = true) -> SharedLimit.Answered {
            SharedLimit.Answered(begunAt: begun, endedAt: ended, isRefused: isRefused)
        }
        #expect(SharedLimit.refusals([]) == 0)
        #expect(SharedLimit.refusals([attempt(5, 6, false), attempt(1, 2)]) == 0)
        #expect(SharedLimit.refusals([attempt(30, 31), attempt(20, 21), attempt(10, 11, false), attempt(1, 2)]) == 2)
        #expect(SharedLimit.refusals([attempt(32, 40), attempt(31, 40), attempt(30, 33), attempt(10, 20)]) == 2)
    }

    // MARK: In the store

    @Test func `each refusal waits longer, another call of the limit waits with it, and what has its own limit goes on`() throws {
        var world = try OutboxWorld(Self.limited)
        let (one, two) = (try world.conversation("19:a"), try world.conversation("19:b"))
        try world.wish(.addParticipants([Participant(id: "8:b")], to: one))
        for least in [10, 20, 40, 80] as [Int64] {
            let delivery = try #require(try world.claim().first { $0.action.summary == "add 8:b" })
            try world.fail(delivery, Self.tooMany())
            world.now += least * 1000 - 1
            #expect(try world.claim().isEmpty)
            world.now += least * 250 + 2
        }
        try world.fail(try #require(try world.claim().first), Self.tooMany())
        try world.wish(.addParticipants([Participant(id: "8:c")], to: two))
        try world.send("said before the other is there", to: one)
        world.pass(.seconds(13))
        #expect(try world.claim().isEmpty)
        try world.seeNow(.foreign(50), in: two)
        try world.wish(.markRead(two, upTo: nil))
        try world.send("other", to: try world.conversation("19:c"))
        #expect(Set(try world.claim().summary) == ["read 50", "send other"])
        world.pass(.seconds(190))
        #expect(try world.claim().summary == ["add 8:b", "add 8:c"])
    }

    @Test func `an accepted call ends the row`() throws {
        var world = try OutboxWorld(Self.limited)
        let one = try world.conversation("19:a")
        for person in ["8:b", "8:c"] as [ParticipantID] { try world.wish(.addParticipants([Participant(id: person)], to: one)) }
        for _ in 0..<4 {
            try world.fail(try #require(try world.claim().first), Self.tooMany())
            world.pass(.seconds(110))
        }
        try world.accept(try #require(try world.claim().first))
        try world.fail(try #require(try world.claim().first), Self.tooMany())
        world.pass(.milliseconds(12_502))
        #expect(try world.claim().summary == ["add 8:c"])
    }

    @Test func `the wait outlives the program, and a clock that was wrong makes it no longer`() throws {
        var world = try OutboxWorld(Self.limited)
        let one = try world.conversation("19:a")
        let add = try world.wish(.addParticipants([Participant(id: "8:b")], to: one))
        for _ in 0..<5 {
            try world.fail(try #require(try world.claim().first), Self.tooMany())
            world.pass(.seconds(225))
        }
        try world.fail(try #require(try world.claim().first), Self.tooMany())
        var later = try world.reopened()
        later.pass(.seconds(300))
        try later.store.wakeOutbox(later.scope)
        #expect(try later.claim().isEmpty)
        #expect(try later.intent(add.intent).notBefore - world.now >= 320_000)
        later.pass(.seconds(101))
        #expect(try later.claim().count == 1)
        world.pass(.seconds(-40 * 24 * 3600))
        #expect(try world.claim().count == 1)
    }

    // MARK: Two devices

    /// Ten in ten minutes, refused ones included, as a service says of itself (Avaya: wire page §8).
    private struct Service {
        private var calls: [Int64] = []
        private(set) var accepted = 0

        mutating func answer(at now: Int64) -> Result<Acceptance, ServiceError> {
            let recent = calls.filter { $0 > now - 600_000 }
            calls = recent + [now]
            guard recent.count < 10 else { return .failure(SharedLimitTests.tooMany()) }
            accepted += 1
            return .success(Acceptance())
        }
    }

    @Test(arguments: [2, 4]) func `devices that share a limit all get through`(count: Int) throws {
        var devices = try (0..<count).map { number in
            var world = try OutboxWorld(Self.limited)
            for _ in 0..<(number * 7) { _ = world.generator.next() }
            for lane in 0..<3 {
                let conversation = try world.conversation("19:\(lane)")
                for person in 0..<5 {
                    try world.wish(.addParticipants([Participant(id: ParticipantID("8:\(lane)\(person)"))], to: conversation))
                }
            }
            return world
        }
        var service = Service()
        let begun = devices[0].now
        var now = begun
        var isOver = false
        // Fifteen each, at ten in ten minutes for all of them, and the waits between.
        while !isOver, now < begun + Int64(count) * 4 * 3_600_000 {
            var next = Int64.max
            for index in devices.indices {
                devices[index].now = now
                let claims = try devices[index].claims(limit: 2)
                for delivery in claims.deliveries {
                    try devices[index].settle(delivery, service.answer(at: now))
                    next = now + 50
                }
                next = min(next, max(claims.nextDue?.milliseconds ?? .max, now + 50))
            }
            isOver = next == .max
            now = isOver ? now : next
        }
        #expect(isOver && service.accepted == count * 15, "\(service.accepted) after \((now - begun) / 1000) s")
    }
}
