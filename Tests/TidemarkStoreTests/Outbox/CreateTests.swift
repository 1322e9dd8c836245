import GRDB
import TidemarkModel
import Testing

@testable import TidemarkStore

/// Creates whose answer was lost (R11), and partial successes.
@Suite struct CreateTests {
    private func created(_ world: inout OutboxWorld, topic: String = "Trip") throws -> Enqueued {
        try world.sql("UPDATE account SET sweptAt = 1, listDoneAt = 1")
        return try world.wish(.createConversation(topic: topic, participants: []))
    }

    /// A list shows a conversation that no row is bound to, and its history is read from the beginning on.
    @discardableResult
    private func list(
        _ remote: String, by creator: ParticipantID?, _ world: OutboxWorld, topic: String = "Trip", isRead: Bool = true
    ) throws -> ConversationID {
        try world.store.write(.normal) { db in
            var row = ConversationRow(account: 1, remoteID: remote, topic: topic)
            row.createdBy = creator?.rawValue
            row.bottom = isRead ? "first" : nil
            try row.insert(db)
            return ConversationID(row.id ?? 0)
        }
    }

    @Test func `inside its lifetime a lost create is repeated with the same token`() throws {
        var world = try OutboxWorld()
        _ = try created(&world)
        let first = try #require(try world.claim().first)
        try world.lose(first)
        world.pass(.seconds(300))
        let second = try #require(try world.claim().first)
        #expect(second.token == first.token && second.action == first.action)
    }

    @Test func `a device that was off beyond the lifetime looks first`() throws {
        var world = try OutboxWorld()
        let create = try created(&world)
        try world.lose(try #require(try world.claim().first))
        world = try world.reopened()
        world.pass(.seconds(7 * 24 * 3600))
        #expect(try world.claim().isEmpty)
        #expect(try world.state(create) == .inDoubt)
        #expect(try #require(try world.number("SELECT listDueAt FROM account")) <= world.now)
    }

    @Test func `a clock that is set back makes no lost create younger`() throws {
        var world = try OutboxWorld()
        let create = try created(&world)
        try world.lose(try #require(try world.claim().first))
        world.pass(.seconds(-1500))
        try world.store.clockWasSet(by: .seconds(-1500), world.scope, world.moment)
        world.pass(.seconds(1510))
        #expect(try world.claim().isEmpty)
        #expect(try world.state(create) == .inDoubt)
    }

    /// Nobody saw the clock being set back, and for all that it tells the create is young.
    @Test func `a clock that was set back unseen makes no lost create younger`() throws {
        var world = try OutboxWorld()
        let create = try created(&world)
        try world.lose(try #require(try world.claim().first))
        world.ahead = -1_505_000
        world.pass(.seconds(1510))
        #expect(try world.claim().isEmpty)
        #expect(try world.state(create) == .inDoubt)
    }

    @Test func `a lost create that seems to lie in the future is looked for`() throws {
        var world = try OutboxWorld()
        let create = try created(&world)
        try world.lose(try #require(try world.claim().first))
        world = try world.reopened()
        world.pass(.seconds(-1500))
        #expect(try world.claim().isEmpty)
        world.pass(.seconds(30))
        #expect(try world.claim().isEmpty)
        #expect(try world.state(create) == .inDoubt)
    }

    /// A create whose one attempt was lost a week ago.
    private func expired() throws -> (OutboxWorld, Enqueued) {
        var world = try OutboxWorld()
        try list("19:old", by: OutboxWorld.me, world)
        let create = try created(&world)
        try world.lose(try #require(try world.claim().first))
        world.pass(.seconds(7 * 24 * 3600))
        _ = try world.claim()
        return (world, create)
    }

    @Test func `beyond the lifetime exactly one new conversation of ours is adopted`() throws {
        var (world, create) = try expired()
        let twin = try list("19:new", by: OutboxWorld.me, world)
        try list("19:foreign", by: OutboxWorld.other, world)
        try list("19:topic", by: OutboxWorld.me, world, topic: "Else")
        try world.judgeAbsentCreates()
        #expect(try world.state(create) == .confirmed)
        #expect(try world.text("SELECT remoteID FROM conversation WHERE id = \(create.conversation.number)") == "19:new")
        #expect(try world.number("SELECT count(*) FROM conversation WHERE id = \(twin.number)") == 0)
        #expect(try world.claim().isEmpty)
    }

    @Test func `a conversation that was renamed before it was looked for is the create's all the same`() throws {
        var (world, create) = try expired()
        let twin = try list("19:new", by: OutboxWorld.me, world, topic: "Else", isRead: false)
        try world.judgeAbsentCreates()
        #expect(try world.state(create) == .inDoubt, "what it was called first is not known yet")
        #expect(try world.claim().isEmpty)
        try world.sql(
            """
            INSERT INTO message (conversation, remoteID, version, sequence, kind, topic)
                VALUES (\(twin.number), '1', 1, 1, 'topicUpdated', 'Trip'), (\(twin.number), '2', 2, 2, 'topicUpdated', 'Else')
            """)
        world.pass(.seconds(3600))
        try world.judgeAbsentCreates()
        #expect(try world.state(create) == .confirmed)
        #expect(try world.text("SELECT remoteID FROM conversation WHERE id = \(create.conversation.number)") == "19:new")
    }

    @Test(arguments: [OutboxWorld.me, nil])
    func `a conversation whose messages tell no topic may have been renamed, and a person is asked`(maker: ParticipantID?) throws
    {
        var (world, create) = try expired()
        try list("19:new", by: maker, world, topic: "Else")
        try world.sql("UPDATE conversation SET bottom = 'visibleEnd', backfillIsDone = 1 WHERE remoteID = '19:new'")
        for _ in 0..<20 {
            try world.judgeAbsentCreates()
            #expect(try world.claim().isEmpty)
            world.pass(.seconds(3600))
        }
        #expect(try world.intent(create.intent).asks)
    }

    @Test func `a create that made what a list has told of as gone leaves nothing waiting behind it`() throws {
        var world = try OutboxWorld()
        let create = try created(&world)
        let send = try world.wish(.send(OutgoingMessage("hello"), to: create.conversation))
        let delivery = try #require(try world.claim().first)
        let twin = try list("19:new", by: OutboxWorld.me, world)
        try world.sql("UPDATE conversation SET deletedAt = 1 WHERE id = \(twin.number)")
        try world.sql("UPDATE intent SET state = 'inDoubt', mayHaveLanded = 1, attempts = 1 WHERE id = \(send.intent.number)")
        let made = RemoteConversation(id: "19:new", topic: "Trip")
        try world.settle(delivery, .success(Acceptance(conversation: made)))
        #expect(try world.state(create) == .confirmed)
        #expect(try world.state(send) == .parked)
        #expect(try world.intent(send.intent).reason == ParkReason.conversationGone.rawValue)
    }

    @Test func `beyond the lifetime several candidates ask and a person names one`() throws {
        var (world, create) = try expired()
        try list("19:new", by: OutboxWorld.me, world)
        try list("19:newer", by: OutboxWorld.me, world)
        try world.judgeAbsentCreates()
        #expect(try world.intent(create.intent).asks)
        #expect(try world.intent(create.intent).reason == ParkReason.severalCandidates.rawValue)
        try world.act(.resolve(.arrived("19:newer")), on: create.intent)
        #expect(try world.state(create) == .confirmed)
        #expect(try world.text("SELECT remoteID FROM conversation WHERE id = \(create.conversation.number)") == "19:newer")
    }

    @Test func `beyond the lifetime no candidate repeats with the same token`() throws {
        var (world, create) = try expired()
        try world.judgeAbsentCreates()
        let delivery = try #require(try world.claim().first)
        #expect(delivery.token == create.token)
    }

    @Test func `a candidate whose maker nobody read yet is waited for`() throws {
        var (world, create) = try expired()
        let twin = try list("19:new", by: nil, world)
        try world.judgeAbsentCreates()
        #expect(try world.state(create) == .inDoubt)
        #expect(try world.number("SELECT detailsAreStale FROM conversation WHERE id = \(twin.number)") == 1)
        try world.sql("UPDATE conversation SET createdBy = '8:acs:me' WHERE id = \(twin.number)")
        try world.judgeAbsentCreates()
        #expect(try world.state(create) == .confirmed)
    }

    @Test func `a candidate whose maker can never be read is waited for less and less, and then asked about`() throws {
        var (world, create) = try expired()
        let twin = try list("19:new", by: nil, world)
        var (lists, reads) = (0, 0)
        for _ in 0..<3600 {
            if try #require(try world.number("SELECT listDueAt FROM account")) <= world.now {
                lists += 1
                try world.sql("UPDATE account SET listDueAt = ?", [world.now + 30_000])
                try world.closeList()
            }
            // Its details are read, and do not say who made it.
            reads += Int(try world.number("SELECT detailsAreStale FROM conversation WHERE id = \(twin.number)") ?? 0)
            try world.sql("UPDATE conversation SET detailsAreStale = 0")
            #expect(try world.claim().isEmpty)
            world.pass(.seconds(1))
        }
        let row = try world.intent(create.intent)
        #expect(row.state == .inDoubt && row.asks)
        #expect(row.reason == ParkReason.unprovable.rawValue)
        #expect((2...10).contains(reads), "its details were read \(reads) times")
        // The list itself is read as often as ever: neither more nor less.
        #expect((115...135).contains(lists), "\(lists) lists in an hour")
        try world.act(.resolve(.arrived("19:new")), on: create.intent)
        #expect(try world.state(create) == .confirmed)
    }

    @Test func `a create in doubt does not put off the list for all others`() throws {
        var (world, _) = try expired()
        try list("19:new", by: nil, world)
        for _ in 0..<8 {
            world.pass(.seconds(400))
            try world.sql("UPDATE account SET listDueAt = ?", [world.now + 30_000])
            try world.closeList()
            #expect(try #require(try world.number("SELECT listDueAt FROM account")) <= world.now + 30_000)
        }
    }

    @Test func `where no list was read before the create a lone candidate is not adopted unasked`() throws {
        var world = try OutboxWorld()
        let create = try world.wish(.createConversation(topic: "Trip", participants: []))
        try world.lose(try #require(try world.claim().first))
        world.pass(.seconds(7 * 24 * 3600))
        _ = try world.claim()
        // It may be years old: the first list shows everything for the first time.
        try list("19:ancient", by: OutboxWorld.me, world)
        try world.judgeAbsentCreates()
        #expect(try world.intent(create.intent).asks)
    }

    @Test func `a list that was begun before the quarantine's end proves no absence`() throws {
        var world = try OutboxWorld()
        let create = try created(&world)
        let delivery = try #require(try world.claim().first)
        world.pass(.seconds(700))
        try world.lose(delivery)
        #expect(try world.state(create) == .inDoubt)
        let early = try world.begin()
        world.pass(.seconds(21))
        try world.closeList(begun: early)
        #expect(try world.state(create) == .inDoubt)
        try world.closeList()
        #expect(try world.state(create) == .queued)
    }

    @Test func `a conversation seen in a list before the answer becomes one with the user's and local ids stay`() throws {
        var world = try OutboxWorld()
        let create = try created(&world)
        let own = try world.send("mine", to: create.conversation)
        let delivery = try #require(try world.claim().first)
        let twin = try list("19:new", by: OutboxWorld.me, world)
        let foreign = try world.seeNow(.foreign(50), in: twin)
        try world.sql("UPDATE conversation SET windowHigh = 3, unread = 1 WHERE id = \(twin.number)")
        let sent = try world.send("into the twin", to: twin)
        try world.accept(delivery, thread: "19:new")
        #expect(try world.number("SELECT count(*) FROM conversation") == 1)
        for id in [own.message, sent.message, foreign] {
            #expect(try world.message(id)?.conversation == create.conversation.number)
        }
        #expect(try world.number("SELECT unread FROM conversation") == 1)
        #expect(try world.number("SELECT windowHigh FROM conversation") == 3)
        #expect(try world.text("SELECT topic FROM conversation") == "Trip")
        let next = try #require(try world.claim().first)
        #expect(next.action == .send(OutgoingMessage("mine"), in: "19:new"))
        try world.accept(next, message: "100")
        #expect(try world.claim().summary == ["send into the twin"])
        #expect(try world.number("SELECT count(*) FROM pragma_foreign_key_check") == 0)
    }

    @Test func `unread is exact after a twin was read here`() throws {
        var world = try OutboxWorld()
        let create = try created(&world)
        let delivery = try #require(try world.claim().first)
        let twin = try list("19:new", by: OutboxWorld.me, world)
        try world.seeNow(.foreign(50), in: twin)
        try world.seeNow(.foreign(60), in: twin)
        try world.sql("UPDATE conversation SET unread = 2, localHorizon = 50 WHERE id = \(twin.number)")
        try world.accept(delivery, thread: "19:new")
        #expect(try world.number("SELECT unread FROM conversation WHERE id = \(create.conversation.number)") == 1)
    }

    @Test func `a cancelled create that was made after all is deleted there`() throws {
        var world = try OutboxWorld()
        let create = try created(&world)
        let delivery = try #require(try world.claim().first)
        try world.lose(delivery)
        try world.act(.discard, on: create.intent)
        try world.accept(delivery, thread: "19:new")
        #expect(try world.claim().summary == ["deleteConversation"])
    }

    // MARK: Partial success

    @Test func `people who could not be added with a create are parked with the service's words and can be retried`() throws {
        var world = try OutboxWorld()
        let people = [Participant(id: "8:a", displayName: "A"), Participant(id: "8:b", displayName: "B")]
        let create = try world.wish(.createConversation(topic: "Trip", participants: people))
        let delivery = try #require(try world.claim().first)
        let acceptance = Acceptance(
            conversation: RemoteConversation(id: "19:new"),
            failures: [PartialFailure(target: "8:b", code: "Forbidden", message: "not from there")])
        for _ in 0..<2 { try world.settle(delivery, .success(acceptance)) }
        #expect(try world.state(create) == .confirmed)
        #expect(try world.number("SELECT count(*) FROM intent") == 2)
        let rest = IntentID(try #require(try world.number("SELECT id FROM intent WHERE state = 'parked'")))
        let row = try world.intent(rest)
        #expect(row.reason == ParkReason.partlyRefused.rawValue && row.detail == "8:b: Forbidden not from there")
        try world.sql("UPDATE conversation SET windowHigh = 2")
        try world.send("goes on", to: create.conversation)
        let send = try #require(try world.claim().first)
        #expect(send.action.summary == "send goes on")
        try world.accept(send, message: "100")
        try world.act(.retry, on: rest)
        let again = try #require(try world.claim().first)
        #expect(again.action == .addParticipants([people[1]], in: "19:new"))
        try world.accept(again)
        #expect(try world.intent(rest).settledAt == world.now)
    }
}
