import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

struct ConversationViewTests {
    let fixture: ViewFixture

    init() throws {
        fixture = try ViewFixture()
    }

    @Test func `the most recently active conversation comes first`() throws {
        let old = try fixture.conversation("19:old")
        let new = try fixture.conversation("19:new")
        let stamped = try fixture.conversation("19:stamped")
        try fixture.message(old, at: 10)
        try fixture.message(new, at: 30, "newest")
        try fixture.run("UPDATE conversation SET lastMessageAt = 20 WHERE id = ?", [stamped.number])
        let views = try fixture.account.conversations().get()
        #expect(views.map(\.id) == [new, stamped, old])
        #expect(views.map(\.lastMessageAt) == [30, 20, 10].map(Timestamp.init(milliseconds:)))
        #expect(views[0].lastMessage?.text == "newest")
        #expect(views[1].lastMessage == nil)
    }

    @Test(
        arguments: [
            // horizon, coverage, bottom, top, may have more
            (20, [0...100], "first", 50, false),
            (20, [0...30, 40...100], "first", 50, true),
            (45, [0...30, 40...100], "first", 50, false),
            (20, [0...40], "first", 50, true),
            (-1, [0...100], nil, 50, true),
            (-1, [0...100], "visibleEnd", 50, false),
            (-1, [5...100], "visibleEnd", 50, true),
            (50, [], nil, 50, false),
        ] as [(Int64, [ClosedRange<Int64>], String?, Int64, Bool)])
    func `a gap above what was read makes unread a lower bound`(
        horizon: Int64, coverage: [ClosedRange<Int64>], bottom: String?, top: Int64, expected: Bool
    ) throws {
        let trip = try fixture.conversation(coverage: coverage, bottom: bottom)
        try fixture.message(trip, at: top)
        // The higher of both horizons counts.
        try fixture.run("UPDATE conversation SET localHorizon = ?, remoteHorizon = -1, unread = 3", [horizon])
        #expect(try fixture.account.conversation(trip).get().unreadAtLeast == expected)
        try fixture.run("UPDATE conversation SET remoteHorizon = localHorizon, localHorizon = -1")
        let view = try fixture.account.conversation(trip).get()
        #expect(view.unreadAtLeast == expected)
        #expect(view.unread == 3)
    }

    @Test func `a conversation that was never read may have any number of unread`() throws {
        let trip = try fixture.conversation(coverage: [], bottom: nil, isRead: false)
        let view = try fixture.account.conversation(trip).get()
        #expect(view.unreadAtLeast)
        #expect(view.asOf == nil)
    }

    @Test func `pending counts what still needs the wire or a person`() throws {
        let trip = try fixture.conversation()
        for (index, state) in [IntentRow.State.queued, .transmitting, .inDoubt, .parked, .sent, .confirmed, .cancelled]
            .enumerated()
        {
            try fixture.intent(.rename, trip, token: "t\(index)", state: state, body: IntentBody(topic: "x"))
        }
        #expect(try fixture.account.conversation(trip).get().pending == 5)
        try fixture.run("UPDATE intent SET settledAt = 1 WHERE state = 'sent'")
        #expect(try fixture.account.conversation(trip).get().pending == 4)
    }

    @Test func `gaps are listed with the messages at their sides`() throws {
        let trip = try fixture.conversation(coverage: [10...20, 40...50], bottom: nil)
        let ids = try [10, 20, 40, 60].map { try fixture.message(trip, at: Int64($0)) }
        let gaps = try fixture.account.gaps(in: trip).get()
        #expect(gaps.map(\.kind) == [.beginning, .between, .end])
        #expect(gaps[0].before == ids[0])
        #expect(gaps[1].after == ids[1])
        #expect(gaps[1].before == ids[2])
        #expect(gaps[2].after == ids[2])
        try fixture.run("UPDATE conversation SET bottom = 'first'")
        try fixture.run("DELETE FROM coverage")
        try fixture.run("INSERT INTO coverage VALUES (?, 0, 60)", [trip.number])
        #expect(try fixture.account.gaps().get().isEmpty)
    }

    @Test func `receipts name the message where it is stored`() throws {
        let trip = try fixture.conversation()
        let message = try fixture.message(trip, at: 10)
        try fixture.run("INSERT INTO receipt VALUES (?, '8:ann', '10', 100), (?, '8:me', '99', 200)", [trip.number, trip.number])
        let receipts = try fixture.account.receipts(of: trip).get()
        #expect(receipts.map(\.message) == [message, nil])
        #expect(receipts.map(\.isOwn) == [false, true])
        #expect(try fixture.account.message(message).get().receipts.map(\.participant) == ["8:ann"])
    }

    @Test func `a message tells who has read it, also by what they read later`() throws {
        let trip = try fixture.conversation()
        let first = try fixture.message(trip, at: 10) { $0.token = "t" }
        // The same send once more: who has read this copy has read the message.
        try fixture.message(trip, at: 20) { $0.token = "t" }
        let last = try fixture.message(trip, at: 30)
        let unsent = try fixture.unsent(trip, "later", token: "later").message
        for (reader, message) in [("ann", "10"), ("bob", "20"), ("carol", "30"), ("dan", "99"), ("eve", "5")] {
            try fixture.run("INSERT INTO receipt VALUES (?, '8:' || ?, ?, 100)", [trip.number, reader, message])
        }
        func readers(_ message: MessageID) throws -> [String] {
            try fixture.account.message(message).get().receipts.map(\.participant.rawValue)
        }
        #expect(try readers(first) == ["8:ann", "8:bob", "8:carol"])
        #expect(try readers(last) == ["8:carol"])
        #expect(try readers(unsent).isEmpty)
    }

    @Test func `rejects are listed without their bytes`() throws {
        let trip = try fixture.conversation()
        try fixture.run(
            """
            INSERT INTO reject (account, conversation, subject, remoteID, reason, raw, decoder, firstSeenAt, lastSeenAt)
            VALUES (?, ?, 'messages', '7', 'type', x'0102', '1.0', 1, 2)
            """, [fixture.account.id, trip.number])
        let rejects = try fixture.account.rejects().get()
        #expect(rejects.map(\.size) == [2])
        #expect(rejects.map(\.conversation) == [trip])
    }
}
