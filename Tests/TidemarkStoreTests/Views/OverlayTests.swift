import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// A view is the last known remote state with the user's pending intents on top (P7).
struct OverlayTests {
    let fixture: ViewFixture
    let trip: ConversationID

    init() throws {
        fixture = try ViewFixture()
        trip = try fixture.conversation()
    }

    private func entry() throws -> TimelineEntry {
        try #require(try fixture.account.timeline(of: trip).get().entries.last)
    }

    private func view() throws -> ConversationView {
        try fixture.account.conversation(trip).get()
    }

    @Test(arguments: [IntentRow.State.queued, .transmitting, .inDoubt, .sent])
    func `a pending edit shows its text`(state: IntentRow.State) throws {
        let message = try fixture.message(trip, at: 10, "old", isOwn: true) { $0.metadata = #"{"a":"1","b":"2"}"# }
        let edit = try fixture.intent(
            .edit, trip, message: message, token: "e", state: state, body: IntentBody(text: "new", metadata: ["a": "", "c": "3"]))
        let entry = try entry()
        #expect(entry.text == "new")
        #expect(entry.editedAt == Timestamp(milliseconds: 7000))
        #expect(entry.metadata == ["b": "2", "c": "3"])
        #expect(entry.state.name == state.rawValue)
        #expect(entry.intents == [edit])
    }

    @Test func `the newest edit wins and the oldest open one says how far it is`() throws {
        let message = try fixture.message(trip, at: 10, "old", isOwn: true)
        try fixture.intent(.edit, trip, message: message, token: "e1", state: .inDoubt, body: IntentBody(text: "one"))
        try fixture.intent(.edit, trip, message: message, token: "e2", body: IntentBody(text: "two"))
        #expect(try entry().text == "two")
        #expect(try entry().state == .inDoubt)
    }

    @Test func `an edit that is no longer overlaid shows the remote row`() throws {
        let message = try fixture.message(trip, at: 10, "sanitised", isOwn: true)
        try fixture.intent(.edit, trip, message: message, token: "e", state: .sent, body: IntentBody(text: "new")) {
            $0.isOverlaid = false
        }
        #expect(try entry().text == "sanitised")
        #expect(try entry().state == .confirmed)
    }

    @Test func `a parked edit is not shown and not forgotten`() throws {
        let message = try fixture.message(trip, at: 10, "theirs", isOwn: true)
        let edit = try fixture.intent(
            .edit, trip, message: message, token: "e", state: .parked, body: IntentBody(text: "mine")
        ) { $0.reason = "conflict" }
        let entry = try entry()
        #expect(entry.text == "theirs")
        #expect(entry.state == .confirmed)
        #expect(entry.problem == .conflict)
        #expect(entry.intents == [edit])
        #expect(try view().pending == 1)
        #expect(try view().problem == .conflict)
    }

    @Test func `a parked send stays shown as parked`() throws {
        let sent = try fixture.unsent(trip, "hello", token: "t", state: .parked, reason: "forbidden")
        #expect(try entry().id == sent.message)
        #expect(try entry().state == .parked(.forbidden))
        #expect(try entry().text == "hello")
    }

    @Test func `a pending delete shows as deleted`() throws {
        let message = try fixture.message(trip, at: 10, "secret", isOwn: true)
        try fixture.intent(.delete, trip, message: message, token: "d", state: .sent)
        #expect(try entry().deletedAt == Timestamp(milliseconds: 7000))
        #expect(try entry().text == nil)
        #expect(try entry().state == .sent)
    }

    @Test func `a tombstone beats a pending edit`() throws {
        let message = try fixture.message(trip, at: 10, "old", isOwn: true) { $0.deletedAt = 12 }
        try fixture.intent(.edit, trip, message: message, token: "e", body: IntentBody(text: "new"))
        #expect(try entry().text == nil)
        #expect(try entry().deletedAt == Timestamp(milliseconds: 12))
    }

    @Test func `an accepted send that nobody has seen yet is sent`() throws {
        let sent = try fixture.unsent(trip, "hello", token: "t", state: .sent)
        try fixture.run("UPDATE message SET remoteID = '77' WHERE id = ?", [sent.message.number])
        #expect(try entry().state == .sent)
        #expect(try entry().remoteID == "77")
    }

    @Test func `a pending rename shows its topic until it is parked`() throws {
        let rename = try fixture.intent(.rename, trip, token: "r", body: IntentBody(topic: "Holiday"))
        #expect(try view().topic == "Holiday")
        try fixture.run("UPDATE intent SET state = 'parked', reason = 'forbidden' WHERE id = ?", [rename.number])
        #expect(try view().topic == "Trip")
    }

    @Test func `a pending deletion takes the conversation out of the list`() throws {
        try fixture.intent(.deleteConversation, trip, token: "d")
        #expect(try view().deletedAt == Timestamp(milliseconds: 7000))
        #expect(try fixture.account.conversations().get().isEmpty)
        #expect(try fixture.account.conversations(includingDeleted: true).get().map(\.id) == [trip])
    }

    @Test func `a conversation made offline is there with its people`() throws {
        let new = try fixture.conversation(nil, topic: "", coverage: [], bottom: nil, isRead: false)
        try fixture.intent(
            .createConversation, new, token: "c", body: IntentBody(topic: "New", participants: [Participant(id: "8:bob")]))
        let sent = try fixture.unsent(new, "hello", token: "t")
        let view = try fixture.account.conversation(new).get()
        #expect(view.topic == "New")
        #expect(view.state == .queued)
        #expect(view.pending == 2)
        #expect(view.lastMessage?.id == sent.message)
        #expect(view.lastMessage?.state == .waiting)
        #expect(!view.unreadAtLeast)
        let people = try fixture.account.participants(of: new).get()
        #expect(people.map(\.id) == ["8:bob"])
        #expect(people.map(\.state) == [.queued])
    }

    @Test func `pending adds and removals show in the participants`() throws {
        for id in ["8:ann", "8:me"] {
            try fixture.run(
                "INSERT INTO participant (conversation, participant, displayName) VALUES (?, ?, 'A')", [trip.number, id])
        }
        try fixture.run(
            "INSERT INTO participant (conversation, participant, isPresent) VALUES (?, '8:gone', 0)", [trip.number])
        try fixture.intent(
            .addParticipants, trip, token: "a",
            body: IntentBody(participants: [Participant(id: "8:bob"), Participant(id: "8:me")]))
        try fixture.intent(.removeParticipant, trip, token: "r", body: IntentBody(participant: "8:ann"))
        let people = try fixture.account.participants(of: trip).get()
        #expect(people.map(\.id) == ["8:bob", "8:me"])
        #expect(people.map(\.state) == [.queued, .confirmed])
        #expect(people.map(\.isOwn) == [false, true])
        try fixture.run("UPDATE intent SET state = 'parked', reason = 'forbidden'")
        #expect(try fixture.account.participants(of: trip).get().map(\.id) == ["8:ann", "8:me"])
    }
}
