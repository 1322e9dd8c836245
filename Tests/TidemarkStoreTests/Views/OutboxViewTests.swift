import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

struct OutboxViewTests {
    let fixture: ViewFixture
    let trip: ConversationID

    init() throws {
        fixture = try ViewFixture()
        trip = try fixture.conversation()
    }

    private func only() throws -> OutboxEntry {
        let entries = try fixture.account.outbox().get()
        #expect(entries.count == 1)
        return try #require(entries.first)
    }

    @Test func `the next attempt is the latest of all gates`() throws {
        _ = try fixture.unsent(trip, "hello", token: "t")
        #expect(try only().nextAttemptAt == nil)
        try fixture.run("UPDATE intent SET notBefore = 10")
        #expect(try only().nextAttemptAt == Timestamp(milliseconds: 10))
        try fixture.run("INSERT INTO lane (conversation, backoffUntil, serviceUntil) VALUES (?, 20, 30)", [trip.number])
        #expect(try only().nextAttemptAt == Timestamp(milliseconds: 30))
        try fixture.run("UPDATE account SET serviceUntil = 40")
        #expect(try only().nextAttemptAt == Timestamp(milliseconds: 40))
        try fixture.run("UPDATE account SET stopReason = 'needsCredential'")
        #expect(try only().nextAttemptAt == nil)
        #expect(try only().reason == .needsCredential)
        #expect(try only().actions.contains(.newCredential))
    }

    @Test func `a parked lane parks what is queued in it`() throws {
        _ = try fixture.unsent(trip, "hello", token: "t")
        try fixture.run("INSERT INTO lane (conversation, parkReason) VALUES (?, 'conversationGone')", [trip.number])
        #expect(try only().state == .parked(.conversationGone))
        #expect(try fixture.account.outboxSummary().get().parked == 1)
    }

    @Test func `a child waits for its parent`() throws {
        let sent = try fixture.unsent(trip, "hello", token: "t", state: .transmitting)
        try fixture.intent(.edit, trip, message: sent.message, token: "e", body: IntentBody(text: "new")) {
            $0.parent = sent.intent.number
        }
        #expect(try fixture.account.outbox().get().map(\.state) == [.transmitting, .waiting])
        #expect(try fixture.account.outbox().get().map(\.parent) == [nil, sent.intent])
        try fixture.run("UPDATE intent SET state = 'sent' WHERE id = ?", [sent.intent.number])
        #expect(try fixture.account.outbox().get().map(\.state) == [.sent, .queued])
    }

    @Test func `an asking send lists what it may have made`() throws {
        let before = try fixture.message(trip, at: 5, "below the floor", isOwn: true)
        let bare = try fixture.message(trip, at: 10, "edited elsewhere", isOwn: true)
        try fixture.message(trip, at: 20, "has a token", isOwn: true) { $0.token = "x" }
        try fixture.message(trip, at: 30, "somebody else's")
        let sent = try fixture.unsent(trip, "hello", token: "t", state: .inDoubt)
        try fixture.run("UPDATE intent SET asks = 1, floor = 5, reason = 'unprovable' WHERE id = ?", [sent.intent.number])
        let entry = try only()
        #expect(entry.candidates.map(\.message) == [bare])
        #expect(entry.candidates.map(\.remoteID) == ["10"])
        #expect(!entry.candidates.contains { $0.message == before })
        #expect(entry.actions == [.resolve, .skip, .discard])
        #expect(entry.nextAttemptAt == nil)
        #expect(try fixture.account.outboxSummary().get().asking == 1)
        try fixture.run("UPDATE intent SET isSkipped = 1")
        #expect(try only().actions == [.resolve, .discard])
    }

    @Test func `an asking create lists conversations of its topic that came after it`() throws {
        let earlier = try fixture.conversation("19:earlier", topic: "New")
        let new = try fixture.conversation(nil, topic: "New", coverage: [], bottom: nil, isRead: false)
        try fixture.intent(
            .createConversation, new, token: "c", state: .inDoubt, body: IntentBody(topic: "New")
        ) { $0.asks = true }
        let later = try fixture.conversation("19:later", topic: "New")
        _ = try fixture.conversation("19:other", topic: "Other")
        let entry = try only()
        #expect(entry.candidates.map(\.conversation) == [later])
        #expect(entry.candidates.map(\.remoteID) == ["19:later"])
        #expect(!entry.candidates.contains { $0.conversation == earlier })
    }

    @Test func `the summary counts and dates what is left`() throws {
        _ = try fixture.unsent(trip, "a", token: "1")
        _ = try fixture.unsent(trip, "b", token: "2", state: .parked, reason: "tooLarge")
        _ = try fixture.unsent(trip, "c", token: "3", state: .sent)
        try fixture.intent(.rename, trip, token: "4", state: .confirmed, body: IntentBody(topic: "x")) { $0.createdAt = 1 }
        let summary = try fixture.account.outboxSummary().get()
        #expect(summary.queued == 1)
        #expect(summary.parked == 1)
        #expect(summary.sent == 1)
        #expect(summary.needingPerson == 1)
        #expect(summary.oldestAt == Timestamp(milliseconds: 7000))
        #expect(
            try fixture.account.outbox().get().first { $0.state == .parked(.tooLarge) }?.actions == [
                .edit, .retry, .skip, .discard,
            ])
    }

    @Test(arguments: [nil, "conversationGone"]) func `the summary is that of the entries, in every state`(laneReason: String?)
        throws
    {
        let states: [IntentRow.State] = [.queued, .transmitting, .inDoubt, .sent, .parked, .confirmed, .cancelled]
        for (number, state) in states.enumerated() {
            let sent = try fixture.unsent(trip, "a\(number)", token: "t\(number)", state: state)
            let asking = try fixture.unsent(trip, "b\(number)", token: "u\(number)", state: state)
            if state == .inDoubt { try fixture.run("UPDATE intent SET asks = 1 WHERE id = ?", [asking.intent.number]) }
            if state == .sent { try fixture.run("UPDATE intent SET settledAt = 5 WHERE id = ?", [sent.intent.number]) }
        }
        if let laneReason {
            try fixture.run("INSERT INTO lane (conversation, parkReason) VALUES (?, ?)", [trip.number, laneReason])
        }
        let summary = try fixture.account.outboxSummary().get()
        #expect(summary == OutboxSummary(of: try fixture.account.outbox().get()))
        #expect(summary.parked == (laneReason == nil ? 2 : 4) && summary.asking == 1 && summary.sent == 1)
    }

    @Test func `the journal tells of one intent, oldest first`() throws {
        let sent = try fixture.unsent(trip, "a", token: "1")
        for kind in ["accepted", "transmitting"] {
            try fixture.run(
                "INSERT INTO journal (at, account, intent, kind) VALUES (1, ?, ?, ?)",
                [fixture.account.id, sent.intent.number, kind])
        }
        try fixture.run("INSERT INTO journal (at, account, kind) VALUES (1, ?, 'other')", [fixture.account.id])
        #expect(try fixture.account.journal(.intent(sent.intent)).get().map(\.kind) == ["accepted", "transmitting"])
        #expect(
            try fixture.account.journal(.since(Timestamp(milliseconds: 0)), limit: 2).get().map(\.kind) == [
                "transmitting", "other",
            ])
    }
}
