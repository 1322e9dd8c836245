import GRDB
import TidemarkModel
import Testing

@testable import TidemarkStore

@Suite struct ClaimTests {
    @Test func `a claim is durable before its delivery is handed out`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation(high: 10)
        let send = try world.send("a", to: conversation)
        let delivery = try #require(try world.claim().first)
        let after = try world.reopened()
        let intent = try after.intent(send.intent)
        #expect(intent.state == .transmitting && intent.isFrozen && intent.attempts == 1 && intent.floor == 10)
        let attempt = try #require(try after.store.read { try AttemptRow.fetchOne($0, where: "true", arguments: []) })
        #expect(attempt.intent == send.intent.number && attempt.number == 1 && attempt.outcome == "open")
        #expect(attempt.identity == OutboxWorld.me.rawValue && attempt.floor == 10)
        #expect(attempt.deadline == delivery.deadline?.milliseconds)
    }

    @Test func `a lane sends one after the other in the order of writing`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        for text in ["a", "b", "c"] { try world.send(text, to: conversation) }
        for (place, text) in [(101, "a"), (102, "b"), (103, "c")] {
            let deliveries = try world.claim()
            #expect(deliveries.summary == ["send \(text)"])
            #expect(try world.claim().isEmpty)
            try world.accept(try #require(deliveries.first), message: String(place))
        }
    }

    @Test func `other lanes go meanwhile and a limit is a limit`() throws {
        var world = try OutboxWorld()
        for name in ["19:a", "19:b", "19:c"] {
            let conversation = try world.conversation(name)
            try world.seeNow(.foreign(50), in: conversation)
            try world.send(name, to: conversation)
            try world.wish(.markRead(conversation, upTo: nil))
        }
        #expect(try world.claim(limit: 1).count == 1)
        #expect(try world.claim(limit: 2).count == 2)
        #expect(try world.claim(limit: 0).isEmpty)
        #expect(try world.claim(limit: 100).count == 3)
    }

    @Test func `a read mark has a slot of its own beside a send`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        try world.seeNow(.foreign(50), in: conversation)
        try world.send("a", to: conversation)
        #expect(try world.claim().summary == ["send a"])
        try world.wish(.markRead(conversation, upTo: nil))
        #expect(try world.claim().summary == ["read 50"])
    }

    @Test func `everything waits for the remote id of its conversation`() throws {
        var world = try OutboxWorld()
        let create = try world.wish(.createConversation(topic: "Trip", participants: []))
        try world.send("a", to: create.conversation)
        try world.wish(.addParticipants([Participant(id: "8:b")], to: create.conversation))
        let delivery = try #require(try world.claim().first)
        #expect(delivery.action.summary == "create Trip")
        #expect(try world.claim().isEmpty)
        try world.accept(delivery, thread: "19:new")
        // A send is not repeatable: one page comes first (R2).
        #expect(try world.claim().isEmpty)
        #expect(try world.number("SELECT walkWanted > closedStart FROM conversation") == 1)
        try world.sql("UPDATE conversation SET windowHigh = 2")
        #expect(try world.claim().summary == ["send a"])
    }

    @Test func `a repeatable verb needs no page before it`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation(high: nil)
        try world.wish(.addParticipants([Participant(id: "8:b")], to: conversation))
        try world.send("a", to: conversation)
        let delivery = try #require(try world.claim().first)
        #expect(delivery.action.summary == "add 8:b")
        try world.accept(delivery)
        #expect(try world.claim().isEmpty)
    }

    @Test func `a service without history needs no page before a send`() throws {
        var traits = ServiceTraits.likeAzure
        traits.history = .none
        var world = try OutboxWorld(traits)
        try world.send("a", to: try world.conversation(high: nil))
        #expect(try world.claim().count == 1)
    }

    @Test func `a success whose answer names no conversation is looked up and not believed`() throws {
        var world = try OutboxWorld()
        let create = try world.wish(.createConversation(topic: "Trip", participants: []))
        try world.settle(try #require(try world.claim().first), .success(Acceptance()))
        #expect(try world.state(create) != .confirmed)
        #expect(try world.intent(create.intent).mayHaveLanded)
        world.pass(.seconds(120))
        #expect(try world.claim().summary == ["create Trip"])
    }

    // MARK: The lease

    @Test func `nothing is claimed under a lease that is lost or over`() throws {
        var world = try OutboxWorld()
        try world.send("a", to: try world.conversation())
        let lease = try #require(
            try world.store.acquireLease(account: 1, holder: "x", moment: world.moment, duration: .seconds(30)))
        #expect(try world.claim().isEmpty)
        world.scope.generation = lease.generation
        world.pass(.seconds(31))
        #expect(try world.claim().isEmpty)
        let again = try #require(
            try world.store.acquireLease(account: 1, holder: "x", moment: world.moment, duration: .seconds(30)))
        world.scope.generation = again.generation
        #expect(try world.claim().count == 1)
    }

    // MARK: The queue as a value (R10)

    private func entry(_ verb: Verb, _ state: IntentRow.State, asks: Bool = false, isSkipped: Bool = false) -> Lane.Entry {
        Lane.Entry(verb: verb, state: state, asks: asks, isSkipped: isSkipped)
    }

    @Test func `what stands before in the lane holds what R10 says`() {
        let holders: [Verb] = [.send, .createConversation, .removeParticipant]
        for before in Verb.allCases {
            for after in Verb.allCases {
                for (state, asks) in [(IntentRow.State.parked, false), (.inDoubt, true)] {
                    var lane = Lane()
                    #expect(lane.step(entry(before, state, asks: asks)) == .pass)
                    let isHeld = holders.contains(before) && [.send, .addParticipants, .rename].contains(after)
                    #expect(lane.step(entry(after, .queued)) == (isHeld ? .pass : .consider))
                    var skipped = Lane()
                    _ = skipped.step(entry(before, state, asks: asks, isSkipped: true))
                    #expect(skipped.step(entry(after, .queued)) == .consider)
                }
            }
            var lane = Lane()
            #expect(lane.step(entry(before, .transmitting)) == .stop)
            lane = Lane()
            #expect(lane.step(entry(before, .inDoubt)) == .stop)
            for over in [IntentRow.State.sent, .confirmed, .cancelled] {
                lane = Lane()
                #expect(lane.step(entry(before, over)) == .pass)
                #expect(lane.step(entry(.send, .queued)) == .consider)
            }
        }
    }

    @Test func `a parked removal holds the message that was meant without him`() throws {
        var world = try OutboxWorld()
        let (one, two) = (try world.conversation("19:a"), try world.conversation("19:b"))
        let remove = try world.wish(.removeParticipant("8:bob", from: one))
        try world.send("secret", to: one)
        try world.fail(try #require(try world.claim().first), .forbiddenHere)
        #expect(try world.state(remove) == .parked)
        #expect(try world.claim().isEmpty)
        try world.send("elsewhere", to: two)
        #expect(try world.claim().summary == ["send elsewhere"])
        try world.act(.skip, on: remove.intent)
        #expect(try world.claim().summary == ["send secret"])
    }

    @Test func `a parked read mark and a parked edit hold nobody`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let message = try #require(try world.sent(in: conversation).message)
        try world.seeNow(.foreign(200), in: conversation)
        let edit = try world.wish(.edit(message, text: "x", metadata: [:]))
        let mark = try world.wish(.markRead(conversation, upTo: nil))
        world.pass(.seconds(100))
        for delivery in try world.claim() { try world.fail(delivery, .refused) }
        #expect(try world.state(edit) == .parked && world.state(mark) == .parked)
        try world.send("on", to: conversation)
        #expect(try world.claim().summary == ["send on"])
    }

    @Test func `a newer read mark that is accepted ends the older one that was refused`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        try world.seeNow(.foreign(200), in: conversation)
        let first = try world.wish(.markRead(conversation, upTo: nil))
        world.pass(.seconds(100))
        try world.fail(try #require(try world.claim().first), .unknownThere)
        #expect(try world.state(first) == .parked)
        try world.seeNow(.foreign(300), in: conversation)
        try world.wish(.markRead(conversation, upTo: nil))
        try world.accept(try #require(try world.claim().first))
        #expect(try world.state(first) == .cancelled)
    }

    @Test func `a conversation that is gone parks its queue and ends its delete`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let sends = try ["a", "b"].map { try world.send($0, to: conversation) }
        let delivery = try #require(try world.claim().first)
        try world.lose(delivery)
        try world.store.write(.normal) { db in
            try Outbox.conversationGone(conversation.number, world.scope, world.moment, db)
        }
        for send in sends {
            #expect(try world.intent(send.intent).reason == ParkReason.conversationGone.rawValue)
        }
        #expect(try world.claim().isEmpty)
        // The lost one may be there: retrying looks first.
        try world.act(.retry, on: sends[0].intent)
        #expect(try world.state(sends[0]) == .inDoubt)
    }

    @Test func `a discarded create closes its conversation and parks what was written into it`() throws {
        var world = try OutboxWorld()
        let create = try world.wish(.createConversation(topic: "Trip", participants: []))
        let send = try world.send("a", to: create.conversation)
        try world.fail(try #require(try world.claim().first), .refused)
        try world.act(.discard, on: create.intent)
        #expect(try world.intent(send.intent).reason == ParkReason.parentCancelled.rawValue)
        // Nothing may be accepted that could never leave.
        #expect { try world.send("b", to: create.conversation) } throws: { ($0 as? StoreError)?.code == .notAllowed }
        #expect { try world.act(.retry, on: send.intent) } throws: { ($0 as? StoreError)?.code == .notAllowed }
        try world.act(.discard, on: send.intent)
        #expect(try world.state(send) == .cancelled)
    }

    // MARK: Questions that grow with history

    @Test func `every question that claiming and observing ask goes through an index`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let message = try #require(try world.sent(in: conversation).message)
        let queries = QueryLog()
        try world.store.write(.normal) { db in db.trace { queries.note($0) } }
        try world.seeNow(.foreign(300), in: conversation)
        try world.wish(.edit(message, text: "x", metadata: [:]))
        try world.wish(.markRead(conversation, upTo: nil))
        try world.lose(try #require(try world.claim().first))
        try world.close(conversation)
        world.pass(.seconds(60))
        try world.close(conversation)
        try world.accept(try #require(try world.claim().first { $0.action.verb == .edit }))
        try world.seeNow(.own(100, "x", version: 500, sequence: 20, marker: nil), in: conversation)
        try world.wish(.delete(message))
        try world.fail(try #require(try world.claim().first), .unknownThere)
        try world.send("lost", to: conversation)
        world.pass(.seconds(100))
        _ = try world.claim()
        try world.recover()
        world.pass(.seconds(100))
        try world.close(conversation)
        let create = try world.wish(.createConversation(topic: "T", participants: []))
        try world.send("in it", to: create.conversation)
        try world.act(.discard, on: create.intent)
        try world.closeList()
        try world.store.write(.normal) { db in db.trace(options: []) }
        var scans: Set<String> = []
        try world.store.read { db in
            for query in queries.all where query.contains("SELECT") || query.contains("UPDATE") || query.contains("DELETE") {
                guard !query.contains("EXPLAIN"), !query.contains("sqlite_") else { continue }
                for row in try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(query)") {
                    let step: String = row["detail"]
                    let isBig = ["intent", "message", "attempt", "journal", "i", "m", "o", "tokenUse", "tokenTombstone"].contains
                    {
                        step == "SCAN \($0)" || step.hasPrefix("SCAN \($0) ")
                    }
                    if isBig, !step.contains("intentOpen") { scans.insert("\(step): \(query)") }
                }
            }
        }
        #expect(queries.all.count > 50)
        #expect(scans.isEmpty, "\(scans.sorted().joined(separator: "\n"))")
    }
}
