import TidemarkModel
import Testing

@testable import TidemarkStore

/// A lost send, and items that nobody can read where it could stand (R6, R24).
@Suite struct UnreadableDoubtTests {
    private static let reject = Reject(id: nil, reason: "no id", raw: Array("{}".utf8))
    private var world: OutboxWorld
    private let conversation: ConversationID

    init() throws {
        world = try OutboxWorld()
        conversation = try world.conversation(high: nil)
        let isRead = try walk([other(10)])
        #expect(isRead)
    }

    /// A message of somebody else, made ten seconds after the one before it.
    private func other(_ sequence: Int64) -> RemoteMessage {
        .own(1_690_000_000_000 + sequence * 10_000, "hi", sequence: sequence, sender: OutboxWorld.other)
    }

    /// Has the walk that is due read these pages; tells whether one was due.
    private mutating func walk(
        _ messages: [RemoteMessage], rejects: [Reject] = [], next: Cursor? = nil
    ) throws -> Bool {
        let planned = try world.store.planReads(world.scope, world.moment, busy: [], limit: 100).reads
        guard let read = planned.first(where: { $0.purpose == .catchUp }) else { return false }
        let page = Page(items: .messages(messages), rejects: rejects, next: next, serverDate: world.moment.now)
        _ = try world.store.apply(page, of: read, world.scope, world.moment)
        return true
    }

    private mutating func lost() throws -> Enqueued {
        let send = try world.send("a", to: conversation)
        try world.lose(try #require(try world.claim().first))
        return send
    }

    @Test mutating func `beside an item without a number absence is looked at again, and then a person is asked`() throws {
        let send = try lost()
        var walks = 0
        for _ in 0..<3600 {
            world.pass(.seconds(1))
            if try walk([other(11), other(10)], rejects: [Self.reject]) { walks += 1 }
            #expect(try world.claim().isEmpty)
        }
        let row = try world.intent(send.intent)
        #expect(row.state == .inDoubt && row.asks)
        #expect(row.reason == "unreadable")
        #expect((3...16).contains(walks), "\(walks) walks in an hour")
        try world.act(.resolve(.notSent), on: send.intent)
        #expect(try world.claim().summary == ["send a"])
    }

    @Test mutating func `a clean answer that reaches the floor proves absence after all`() throws {
        let send = try lost()
        world.pass(.seconds(30))
        let isBlurred = try walk([other(11), other(10)], rejects: [Self.reject])
        #expect(isBlurred)
        #expect(try world.state(send) == .inDoubt)
        world.pass(.seconds(30))
        let isClean = try walk([other(12), other(11), other(10)])
        #expect(isClean)
        #expect(try world.state(send) == .queued)
    }

    @Test mutating func `an item without a number deeper in the walk is not forgotten by the next answer`() throws {
        let send = try lost()
        world.pass(.seconds(30))
        _ = try walk([other(14), other(13)], next: "deeper")
        _ = try walk([other(12), other(11), other(10)], rejects: [Self.reject])
        // What closes the walk begins at the top and does not reach the floor.
        for _ in 0..<60 {
            _ = try walk([other(14), other(13)], next: "deeper")
            world.pass(.seconds(1))
        }
        #expect(try world.state(send) == .inDoubt)
        #expect(try world.claim().isEmpty)
    }

    @Test mutating func `a lost edit beside an item without a number is not repeated unasked`() throws {
        let sent = try world.send("a", to: conversation)
        try world.accept(try #require(try world.claim().first), message: "1690000110000")
        let own = RemoteMessage.own(1_690_000_110_000, token: sent.token, "a", sequence: 11)
        world.pass(.seconds(6))
        let isSeen = try walk([own, other(10)])
        #expect(isSeen)
        let edit = try world.wish(.edit(try #require(sent.message), text: "b", metadata: [:]))
        try world.lose(try #require(try world.claim().first))
        world.pass(.seconds(30))
        let isBlurred = try walk([other(10)], rejects: [Self.reject])
        #expect(isBlurred)
        #expect(try world.state(edit) == .inDoubt)
    }

    // MARK: Placeholders

    private func placeholder(_ place: Int64) throws {
        try world.sql(
            """
            INSERT INTO message (conversation, remoteID, sort, place, isUnreadable)
            VALUES (\(conversation.number), '\(place)', \(place), \(place), 1)
            """)
    }

    /// The send was lost and its look-up has shown it nowhere.
    private mutating func judge(_ send: Enqueued) throws -> IntentRow {
        world.pass(.seconds(30))
        try world.close(conversation)
        return try world.intent(send.intent)
    }

    @Test mutating func `an unreadable item that was there before the send was written is not it`() throws {
        try placeholder(1_690_000_050_000)
        let row = try judge(try lost())
        #expect(row.state == .queued)
    }

    @Test mutating func `an unreadable item of long before the floor is not it, however late it is seen`() throws {
        let send = try lost()
        try placeholder(1_600_000_000_000)
        let row = try judge(send)
        #expect(row.state == .queued)
    }

    @Test(arguments: [99_000, 101_000, 500_000])
    mutating func `an unreadable item seen since that may be younger than the floor asks`(
        after: Int64
    ) throws {
        let send = try lost()
        try placeholder(1_690_000_000_000 + after)
        let row = try judge(send)
        #expect(row.state == .inDoubt && row.asks)
    }

    @Test mutating func `a tombstone of which only the id is known asks if it was heard of since`() throws {
        let send = try lost()
        try world.sql(
            "INSERT INTO message (conversation, remoteID, deletedAt) VALUES (\(conversation.number), '1690000500000', 5)")
        let row = try judge(send)
        #expect(row.state == .inDoubt && row.asks)
    }
}
