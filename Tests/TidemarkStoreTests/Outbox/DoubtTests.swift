import TidemarkModel
import Testing

@testable import TidemarkStore

@Suite struct DoubtTests {
    @Test(arguments: [ServiceError.Code.answerLost, .serverFailure, .unreadable, .cancelled])
    func `a send whose effect is unknown is looked up at once and never resent`(code: ServiceError.Code) throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        try world.fail(try #require(try world.claim().first), ServiceError(code, certainty: .unknown))
        #expect(try world.state(send) == .inDoubt)
        #expect(try world.number("SELECT walkWanted > closedStart AND walkNotBefore = 0 FROM conversation") == 1)
        for _ in 0..<10 {
            world.pass(.seconds(100))
            #expect(try world.claim().isEmpty)
        }
    }

    @Test func `a found token settles at once`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        try world.lose(try #require(try world.claim().first))
        let message = try world.seeNow(.own(100, token: send.token, "a"), in: conversation)
        #expect(message == send.message)
        #expect(try world.state(send) == .confirmed)
        #expect(try world.message(message)?.sort == 100)
        try world.close(conversation)
        #expect(try world.claim().isEmpty)
    }

    @Test(arguments: ["push", "page"]) func `a found token settles in every state`(source: String) throws {
        for state in ["queued", "transmitting", "inDoubt", "parked", "asking", "sent"] {
            var world = try OutboxWorld()
            let conversation = try world.conversation()
            let send = try world.send("a", to: conversation)
            let delivery = try #require(try world.claim().first)
            switch state {
            case "queued": try world.fail(delivery, .unreachable)
            case "inDoubt": try world.lose(delivery)
            case "parked": try world.fail(delivery, .refused)
            case "sent": try world.accept(delivery, message: "100")
            case "asking":
                try world.lose(delivery)
                try world.sql("UPDATE intent SET asks = 1")
            default: break
            }
            let message = try world.see(
                .own(100, token: send.token, "a"), in: conversation, begun: source == "page" ? try world.begin() : nil)
            #expect(message == send.message, "\(state)")
            #expect(try world.state(send) == .confirmed, "\(state)")
            world.pass(.seconds(200))
            #expect(try world.claim().isEmpty, "\(state)")
            // A late answer of the attempt changes nothing.
            try world.fail(delivery, .failedServer)
            try world.accept(delivery, message: "100")
            #expect(try world.state(send) == .confirmed, "\(state)")
        }
    }

    @Test func `absence before the quarantine is over resends nothing`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        try world.lose(try #require(try world.claim().first))
        world.pass(.seconds(19))
        try world.close(conversation)
        #expect(try world.state(send) == .inDoubt)
        let quarantine = try world.intent(send.intent).quarantineUntil
        #expect(try world.number("SELECT walkNotBefore FROM conversation") == quarantine)
        world.pass(.seconds(100))
        #expect(try world.claim().isEmpty)
        // A walk that began before the quarantine's end and closes after it proves nothing either.
        try world.close(conversation, at: quarantine - 1)
        #expect(try world.state(send) == .inDoubt)
    }

    @Test func `an answer that failed after a second quarantines from its end and not from its deadline`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        let delivery = try #require(try world.claim().first)
        world.pass(.seconds(1))
        try world.fail(delivery, .failedServer)
        #expect(try world.intent(send.intent).quarantineUntil == world.now + 20_000)
    }

    @Test func `absence in a walk begun after the quarantine sends again with the same token and body`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        let first = try #require(try world.claim().first)
        try world.lose(first)
        world.pass(.seconds(20))
        try world.close(conversation)
        let second = try #require(try world.claim().first)
        #expect(second.token == first.token && second.action == first.action && second.attempt == 2)
        #expect(try world.intent(send.intent).floor == 10)
    }

    @Test func `a walk begun before the attempt ended proves nothing`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        let delivery = try #require(try world.claim().first)
        let early = try world.begin()
        try world.lose(delivery)
        world.pass(.seconds(100))
        try world.close(conversation, begun: early)
        #expect(try world.state(send) == .inDoubt)
        #expect(try world.number("SELECT walkWanted > \(early) FROM conversation") == 1)
    }

    @Test func `a store killed in transmission waits for the deadline and the quarantine`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        let deadline = try #require(try world.claim().first?.deadline)
        world = try world.reopened()
        world.pass(.seconds(1))
        try world.recover()
        #expect(try world.state(send) == .inDoubt)
        #expect(try world.intent(send.intent).quarantineUntil == deadline.milliseconds + 20_000)
        world.now = deadline.milliseconds + 19_000
        try world.close(conversation)
        #expect(try world.claim().isEmpty)
        world.now = deadline.milliseconds + 20_000
        try world.close(conversation)
        #expect(try world.claim().summary == ["send a"])
    }

    /// Nobody who ran saw the clock being set: the program that had the lease stands still, and the next one begins.
    @Test func `who takes over what is in transmission does not believe a clock that was set forward`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        _ = try world.claim()
        world.pass(.seconds(12))
        let later = Moment(now: Timestamp(milliseconds: world.now + 7_200_000), monotonic: world.now)
        try world.store.recover(world.scope, later, using: &world.generator)
        #expect(try world.intent(send.intent).quarantineUntil == later.now.milliseconds + 18_000 + 20_000)
    }

    /// Nor when it is in doubt already.
    @Test func `who finds something in doubt does not believe a clock that was set forward between two runs`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        let delivery = try world.claimNext()
        world.pass(.seconds(2))
        try world.lose(delivery)
        world.ahead = 7_200_000
        world.pass(.seconds(1))
        try world.close(conversation)
        #expect(try world.state(send) == .inDoubt)
        #expect(try world.intent(send.intent).quarantineUntil == world.moment.now.milliseconds + 19_000)
        world.pass(.seconds(18))
        try world.close(conversation)
        #expect(try world.state(send) == .inDoubt)
        world.pass(.seconds(1))
        try world.close(conversation)
        #expect(try world.claim().summary == ["send a"])
    }

    /// A person who says at once that it did not arrive can't shorten it so either.
    @Test func `what a person says did not arrive waits out its quarantine whatever the clock says`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        try world.lose(try world.claimNext())
        try world.act(.resolve(.notSent), on: send.intent)
        world.ahead = 7_200_000
        world.pass(.seconds(19))
        #expect(try world.claims().deliveries.isEmpty)
        world.pass(.seconds(1))
        #expect(try world.claim().summary == ["send a"])
    }

    @Test func `a clock that was set back does not make the quarantine endless`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        _ = try world.claim()
        world.pass(.seconds(-365 * 24 * 3600))
        try world.recover()
        #expect(try world.intent(send.intent).quarantineUntil <= world.now + 50_000)
    }

    @Test func `a blind service asks at once and obeys the answer`() throws {
        var traits = ServiceTraits.likeAzure
        traits.lostAnswers[.send] = .blind
        traits.lostAnswers[.edit] = .blind
        var world = try OutboxWorld(traits)
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        try world.lose(try #require(try world.claim().first))
        #expect(try world.intent(send.intent).asks)
        try world.act(.resolve(.arrived("100")), on: send.intent)
        let edit = try world.wish(.edit(try #require(send.message), text: "b", metadata: [:]))
        try world.lose(try #require(try world.claim().first))
        #expect(try world.intent(edit.intent).asks)
        try world.act(.resolve(.arrived("100")), on: edit.intent)
        #expect(try [IntentRow.State.sent, .confirmed].contains(world.state(edit)))
    }

    // MARK: What can't be proved (R6)

    @Test(arguments: ["tombstone", "edited"]) func `an own item above the floor that lost its token asks`(item: String) throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation(high: 10)
        let send = try world.send("a", to: conversation)
        try world.send("b", to: conversation)
        try world.lose(try #require(try world.claim().first))
        try world.seeNow(
            .own(100, "", version: 150, sequence: 12, deleted: item == "tombstone"), in: conversation)
        world.pass(.seconds(30))
        try world.close(conversation)
        #expect(try world.intent(send.intent).asks && world.state(send) == .inDoubt)
        world.pass(.seconds(1000))
        try world.close(conversation)
        #expect(try world.claim().isEmpty)
    }

    @Test func `an unreadable item above the floor asks and items under it do not`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation(high: 10)
        try world.seeNow(.own(50, "", version: 60, sequence: 9, deleted: true), in: conversation)
        try world.seeNow(.foreign(70), in: conversation)
        let send = try world.send("a", to: conversation)
        try world.lose(try #require(try world.claim().first))
        world.pass(.seconds(30))
        try world.close(conversation)
        #expect(try world.state(send) == .queued)
        try world.lose(try #require(try world.claim().first))
        try world.sql(
            "INSERT INTO message (conversation, remoteID, sort, place, isUnreadable) VALUES (\(conversation.number), '90', 90, 90, 1)"
        )
        world.pass(.seconds(30))
        try world.close(conversation)
        #expect(try world.intent(send.intent).asks)
    }

    @Test func `a person who says that it arrived names the message`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation(high: 10)
        let send = try world.send("a", to: conversation)
        try world.lose(try #require(try world.claim().first))
        let seen = try world.seeNow(.own(100, "A", version: 150, sequence: 12), in: conversation)
        world.pass(.seconds(30))
        try world.close(conversation)
        try world.act(.resolve(.arrived("100")), on: send.intent)
        #expect(try world.state(send) == .confirmed)
        #expect(try world.message(seen) == nil)
        let message = try #require(try world.message(send.message))
        #expect(message.remoteID == "100" && message.text == "A" && message.sort == 100)
        #expect(try world.claim().isEmpty)
    }

    @Test func `a person can't bind a send to somebody else's message nor to another send's`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation(high: 10)
        try world.sent("first", at: 100, in: conversation)
        try world.seeNow(.foreign(110), in: conversation)
        let send = try world.send("a", to: conversation)
        try world.lose(try #require(try world.claim().first))
        for remote in ["100", "110"] {
            #expect { try world.act(.resolve(.arrived(remote)), on: send.intent) } throws: {
                ($0 as? StoreError)?.code == .notAllowed
            }
        }
        #expect(try world.number("SELECT count(*) FROM message") == 3)
    }

    @Test func `a person who says that it did not arrive sends it again`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation(high: 10)
        let send = try world.send("a", to: conversation)
        try world.lose(try #require(try world.claim().first))
        try world.seeNow(.own(100, "", version: 150, sequence: 12, deleted: true), in: conversation)
        world.pass(.seconds(30))
        try world.close(conversation)
        #expect { try world.act(.retry, on: send.intent) } throws: { ($0 as? StoreError)?.code == .notAllowed }
        try world.act(.resolve(.notSent), on: send.intent)
        let delivery = try #require(try world.claim().first)
        #expect(delivery.token == send.token && delivery.attempt == 2)
    }

    @Test func `a person who says so while it may still land sends it again after the quarantine`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation(high: 10)
        let send = try world.send("a", to: conversation)
        let lost = try #require(try world.claim().first)
        // Who is out can't look, and is asked at once.
        try world.sql("UPDATE conversation SET membership = 'left'")
        try world.lose(lost)
        #expect(try world.intent(send.intent).asks)
        try world.act(.resolve(.notSent), on: send.intent)
        try world.sql("UPDATE conversation SET membership = 'member'")
        #expect(try world.claim().isEmpty)
        world.pass(world.scope.traits.quarantine - .milliseconds(1))
        #expect(try world.claim().isEmpty)
        world.pass(.milliseconds(1))
        #expect(try world.claim().first?.token == send.token)
    }

    @Test func `a clock that is set forward ends no quarantine of what a person sends again`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation(high: 10)
        let send = try world.send("a", to: conversation)
        let lost = try #require(try world.claim().first)
        try world.sql("UPDATE conversation SET membership = 'left'")
        try world.lose(lost)
        try world.act(.resolve(.notSent), on: send.intent)
        try world.sql("UPDATE conversation SET membership = 'member'")
        world.pass(.seconds(3600))
        try world.store.clockWasSet(by: .seconds(3600), world.scope, world.moment)
        world.pass(world.scope.traits.quarantine - .milliseconds(1))
        #expect(try world.claim().isEmpty)
        world.pass(.milliseconds(1))
        #expect(try world.claim().first?.token == send.token)
    }

    // MARK: Recognisable (R12)

    @Test func `an equal own text above the floor counts as the lost send and is found at once`() throws {
        var traits = ServiceTraits.likeAzure
        traits.lostAnswers[.send] = .recognisable
        var world = try OutboxWorld(traits)
        let conversation = try world.conversation(high: 10)
        try world.seeNow(.own(50, "a", sequence: 9), in: conversation)
        let send = try world.send("a", to: conversation)
        try world.lose(try #require(try world.claim().first))
        try world.seeNow(.own(100, "a", sequence: 11), in: conversation)
        try world.close(conversation)
        #expect(try world.state(send) == .confirmed)
        #expect(try world.message(send.message)?.remoteID == "100")
        #expect(try world.number("SELECT count(*) FROM journal WHERE kind = 'recognised'") == 1)
    }

    @Test func `a lost rename is found by its own message and repeated without it`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation(high: 10)
        let rename = try world.wish(.rename(conversation, topic: "B"))
        let delivery = try #require(try world.claim().first)
        // Its message is seen while the request is still under way: the look-up judges what is stored.
        try world.seeNow(.renamed(100, "B", sequence: 11), in: conversation)
        try world.lose(delivery)
        try world.close(conversation)
        #expect(try world.state(rename) == .confirmed)
    }

    @Test func `a lost rename back to an earlier topic is not taken for the earlier one`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation(high: 10)
        for (number, topic) in ["A", "B", "A"].enumerated() {
            try world.wish(.rename(conversation, topic: topic))
            let delivery = try #require(try world.claim().first)
            guard number < 2 else {
                try world.lose(delivery)
                continue
            }
            try world.accept(delivery)
            try world.seeNow(.renamed(Int64(100 + number), topic, sequence: Int64(11 + number)), in: conversation)
        }
        world.pass(.seconds(30))
        try world.close(conversation)
        #expect(try world.claim().summary == ["rename A"])
    }
}
