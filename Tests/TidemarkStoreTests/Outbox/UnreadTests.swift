import GRDB
import TidemarkModel
import Testing

@testable import TidemarkStore

/// Counters and horizons (R27, P8), and where unsent messages stand (R28).
@Suite struct UnreadTests {
    private func unread(_ world: OutboxWorld, _ conversation: ConversationID) throws -> Int64? {
        try world.store.write(.normal) { db in try Unread.recount(conversation.number, db) }
        return try world.number("SELECT unread FROM conversation WHERE id = \(conversation.number)")
    }

    @Test func `only live user messages of others above both horizons count`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        for place in [100, 200, 300, 400] { try world.seeNow(.foreign(Int64(place)), in: conversation) }
        try world.seeNow(.own(500), in: conversation)
        try world.seeNow(.renamed(600, "T", sequence: 9), in: conversation)
        try world.seeNow(.own(700, version: 710, deleted: true, sender: OutboxWorld.other), in: conversation)
        try world.sql(
            "INSERT INTO message (conversation, remoteID, sort, place, isUnreadable) VALUES (\(conversation.number), '800', 800, 800, 1)"
        )
        try world.send("tail", to: conversation)
        #expect(try unread(world, conversation) == 4)
        try world.sql("UPDATE conversation SET localHorizon = 200")
        #expect(try unread(world, conversation) == 2)
        try world.sql("UPDATE conversation SET remoteHorizon = 300")
        #expect(try unread(world, conversation) == 1)
    }

    /// One clause of what counts, each on two messages that count.
    struct Clause: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var unread: Int
        var isAtLeast = false
        var happens: @Sendable (ViewFixture, ConversationID) throws -> Void
    }

    static let clauses: [Clause] = [
        Clause(testDescription: "two of somebody else's", unread: 2) { _, _ in },
        Clause(testDescription: "an own message does not count", unread: 2) { try $0.message($1, at: 30, isOwn: true) },
        Clause(testDescription: "an unsent one does not count", unread: 2) { _ = try $0.unsent($1, "later", token: "t") },
        Clause(testDescription: "a deleted one does not count", unread: 1) { fixture, _ in
            try fixture.run("UPDATE message SET text = '', deletedAt = 21, deletedBy = 'observed' WHERE remoteID = '20'")
        },
        Clause(testDescription: "an edited one counts once", unread: 2) { fixture, _ in
            try fixture.run("UPDATE message SET text = 'edited', version = 21, editedAt = 21 WHERE remoteID = '20'")
        },
        Clause(testDescription: "a system message does not count", unread: 2) { fixture, trip in
            try fixture.message(trip, at: 30) { $0.kind = "topicUpdated" }
            try fixture.message(trip, at: 31) { $0.kind = "participantAdded" }
        },
        Clause(testDescription: "one that could not be read does not count", unread: 2) { fixture, trip in
            try fixture.message(trip, at: 30) { $0.isUnreadable = true }
        },
        Clause(testDescription: "what was read here does not count", unread: 1) { fixture, _ in
            try fixture.run("UPDATE conversation SET localHorizon = 10")
        },
        Clause(testDescription: "what was read on another device does not count", unread: 0) { fixture, _ in
            try fixture.run("UPDATE conversation SET remoteHorizon = 20")
        },
        Clause(testDescription: "behind a gap there may be more", unread: 2, isAtLeast: true) { fixture, _ in
            try fixture.run("UPDATE coverage SET high = 15; INSERT INTO coverage VALUES (1, 18, 1000)")
        },
        Clause(testDescription: "a gap below the read mark makes no difference", unread: 1) { fixture, _ in
            try fixture.run("UPDATE coverage SET low = 10; UPDATE conversation SET localHorizon = 10, bottom = NULL")
        },
    ]

    @Test(arguments: clauses) func `each clause of what is unread holds by itself`(clause: Clause) throws {
        let fixture = try ViewFixture()
        let trip = try fixture.conversation()
        for place in [10, 20] as [Int64] { try fixture.message(trip, at: place) }
        try clause.happens(fixture, trip)
        try fixture.store.write(.normal) { try Unread.recount(trip.number, $0) }
        let view = try fixture.account.conversation(trip).get()
        #expect(view.unread == clause.unread)
        #expect(view.unreadAtLeast == clause.isAtLeast)
    }

    @Test func `copies of one send count once, and not at all when the shown one was read`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let sender = OutboxWorld.other
        try world.seeNow(.own(100, token: "t", sender: sender), in: conversation)
        try world.seeNow(.own(200, token: "t", sender: sender), in: conversation)
        try world.seeNow(.own(300, token: "t", sender: "8:acs:third"), in: conversation)
        #expect(try unread(world, conversation) == 2)
        try world.sql("UPDATE conversation SET localHorizon = 100")
        #expect(try unread(world, conversation) == 1)
        // The shown copy is deleted: the surviving one is what is there now.
        try world.sql("UPDATE conversation SET localHorizon = -1")
        try world.seeNow(.own(100, token: "t", version: 400, deleted: true, sender: sender), in: conversation)
        #expect(try unread(world, conversation) == 2)
    }

    @Test func `a read mark's horizon never goes back and the counter follows at once`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let messages = try [100, 200, 300].map { try world.seeNow(.foreign($0), in: conversation) }
        try world.wish(.markRead(conversation, upTo: messages[1]))
        #expect(try world.number("SELECT unread FROM conversation") == 1)
        let older = try world.wish(.markRead(conversation, upTo: messages[0]))
        #expect(try world.number("SELECT localHorizon FROM conversation") == 200)
        #expect(try world.state(older) == .confirmed)
        #expect(try world.claim().summary == ["read 200"])
    }

    @Test func `a refused read mark lowers nothing`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        try world.seeNow(.foreign(100), in: conversation)
        try world.wish(.markRead(conversation, upTo: nil))
        world.pass(.seconds(100))
        try world.fail(try #require(try world.claim().first), .forbiddenHere)
        #expect(try world.number("SELECT localHorizon FROM conversation") == 100)
        #expect(try unread(world, conversation) == 0)
    }

    @Test func `above the service's limit of participants the mark stays here and nothing parks`() throws {
        for (count, isSent) in [(20, true), (21, false)] {
            var world = try OutboxWorld()
            let conversation = try world.conversation()
            try world.seeNow(.foreign(100), in: conversation)
            for number in 0..<count {
                try world.sql(
                    "INSERT INTO participant (conversation, participant) VALUES (\(conversation.number), '8:\(number)')")
            }
            let mark = try world.wish(.markRead(conversation, upTo: nil))
            #expect(try world.claim().count == (isSent ? 1 : 0))
            if !isSent { #expect(try world.state(mark) == .confirmed) }
            #expect(try unread(world, conversation) == 0)
        }
    }

    @Test func `marking an unsent message read marks what stands before it, and a placeless foreign one nothing`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        try world.seeNow(.foreign(100), in: conversation)
        let held = try world.seeNow(
            RemoteMessage(id: "x", version: 5, deletedAt: Timestamp(milliseconds: 5)), in: conversation)
        try world.wish(.markRead(conversation, upTo: held))
        #expect(try world.number("SELECT localHorizon FROM conversation") == -1)
        let send = try world.send("a", to: conversation)
        try world.wish(.markRead(conversation, upTo: send.message))
        #expect(try world.number("SELECT localHorizon FROM conversation") == 100)
    }

    // MARK: Order (R28)

    @Test func `unsent messages stand at the tail in lane order and move once, when they are seen`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let sends = try ["a", "b", "c"].map { try world.send($0, to: conversation) }
        try world.seeNow(.foreign(500), in: conversation)
        func order() throws -> [String] {
            try world.store.read { db in
                try Row.fetchAll(db, sql: "SELECT text FROM message WHERE sort IS NOT NULL ORDER BY sort, id").map { $0[0] }
            }
        }
        #expect(try order() == ["hi", "a", "b", "c"])
        try world.accept(try #require(try world.claim().first), message: "600")
        // Its answer came, and nothing has shown it: it stays where it is.
        #expect(try order() == ["hi", "a", "b", "c"])
        try world.seeNow(.own(400, token: sends[1].token, "b"), in: conversation)
        try world.seeNow(.own(600, token: sends[0].token, "a"), in: conversation)
        #expect(try order() == ["b", "hi", "a", "c"])
    }
}
