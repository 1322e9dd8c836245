import TidemarkModel
import Testing

@testable import TidemarkStore

/// Deletes that the service accepts and does not show (R8).
@Suite struct StubbornDeleteTests {
    private var world: OutboxWorld
    private let conversation: ConversationID
    private let send: Enqueued
    private let delete: Enqueued

    init() throws {
        var world = try OutboxWorld()
        conversation = try world.conversation()
        send = try world.sent("hello", at: 100, in: conversation)
        world.pass(.seconds(61))
        delete = try world.wish(.delete(try #require(send.message)))
        self.world = world
    }

    /// Every second for an hour: what may leave is answered, and a page shows the message. Tells when requests began.
    private mutating func hour(
        answer: Result<Acceptance, ServiceError> = .success(Acceptance()), wakes: Bool = false
    ) throws -> [Int64] {
        var begun: [Int64] = []
        for _ in 0..<3600 {
            if wakes { try world.store.wakeOutbox(world.scope) }
            for delivery in try world.claim() {
                begun.append(world.now)
                try world.settle(delivery, answer)
            }
            try world.seeNow(.own(100, token: send.token), in: conversation)
            world.pass(.seconds(1))
        }
        return begun
    }

    @Test(arguments: [false, true])
    mutating func `a message that stays after its delete is asked for less and less, then a person`(
        wakes: Bool
    ) throws {
        let begun = try hour(wakes: wakes)
        #expect((2...8).contains(begun.count), "\(begun.count) requests in an hour")
        let waits = zip(begun, begun.dropFirst()).map { $1 - $0 }
        #expect(try #require(waits.first) >= world.scope.traits.quarantine.milliseconds)
        #expect(waits == waits.sorted() && Set(waits).count == waits.count)
        #expect(try world.state(delete) == .parked)
        #expect(try world.intent(delete.intent).reason == "stillThere")
        #expect(ParkReason(rawValue: "stillThere").actions == [.retry, .skip, .discard])
    }

    @Test mutating func `what is unknown when it is deleted and listed all the same is bounded too`() throws {
        let begun = try hour(answer: .failure(.unknownThere))
        #expect((2...8).contains(begun.count), "\(begun.count) requests in an hour")
        #expect(try world.intent(delete.intent).reason == "stillThere")
    }

    @Test mutating func `lists that lag less than the quarantine repeat nothing`() throws {
        try world.accept(try #require(try world.claim().first))
        for _ in 0..<19 {
            world.pass(.seconds(1))
            try world.seeNow(.own(100, token: send.token), in: conversation)
            #expect(try world.state(delete) == .sent)
        }
        try world.seeNow(.own(100, token: send.token, version: 200, deleted: true), in: conversation)
        #expect(try world.state(delete) == .confirmed)
        #expect(try world.intent(delete.intent).attempts == 1)
    }

    @Test mutating func `what comes after a delete that waits does not wait with it`() throws {
        try world.accept(try #require(try world.claim().first))
        world.pass(.seconds(30))
        try world.seeNow(.own(100, token: send.token), in: conversation)
        try world.send("next", to: conversation)
        let claims = try world.claims()
        #expect(claims.deliveries.summary == ["send next"])
        #expect(try #require(claims.nextDue).milliseconds > world.now)
    }

    @Test mutating func `refused tries before the yes do not count as its being there`() throws {
        for _ in 0..<10 {
            world.pass(.seconds(120))
            try world.fail(try #require(try world.claim().first), ServiceError(.serverFailure, certainty: .notApplied))
        }
        world.pass(.seconds(120))
        try world.accept(try #require(try world.claim().first))
        world.pass(.seconds(30))
        try world.seeNow(.own(100, token: send.token), in: conversation)
        #expect(try world.state(delete) == .queued)
    }

    @Test mutating func `a person's retry begins anew, and a tombstone ends it in any state`() throws {
        _ = try hour()
        try world.act(.retry, on: delete.intent)
        #expect(try hour().count > 2)
        #expect(try world.state(delete) == .parked)
        try world.seeNow(.own(100, token: send.token, version: 200, deleted: true), in: conversation)
        #expect(try world.state(delete) == .confirmed)
        #expect(try world.claim().isEmpty)
    }

    @Test mutating func `a delete that is over with the service's yes is looked at again while lists may lag`() throws {
        world.scope.traits.confirmations[.delete] = .acknowledgement
        try world.accept(try #require(try world.claim().first))
        #expect(try world.state(delete) == .confirmed)
        world.pass(.seconds(5))
        try world.seeNow(.own(100, token: send.token), in: conversation)
        let row = try world.intent(delete.intent)
        #expect(row.state == .sent && row.isOverlaid)
        #expect(row.confirmAt == row.acknowledgedAt.map { $0 + 20_000 })
    }
}
