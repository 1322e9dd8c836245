import TidemarkModel
import Testing

@testable import TidemarkStore

/// What is stored of a wish is enough to build its request, and the request does what was wished.
@Suite struct ActionTests {
    private static let conversation = ConversationID(1)
    private static let wishes: [Wish] = [
        .createConversation(topic: "Trip", participants: [Participant(id: OutboxWorld.other)]),
        .send(OutgoingMessage("a"), to: conversation),
        .edit(MessageID(1), text: "b", metadata: ["key": "value"]),
        .delete(MessageID(1)),
        .markRead(conversation, upTo: nil),
        .rename(conversation, topic: "Trip"),
        .addParticipants([Participant(id: OutboxWorld.other)], to: conversation),
        .removeParticipant(OutboxWorld.other, from: conversation),
        .deleteConversation(conversation),
    ]

    private func intent(_ wish: Wish) throws -> IntentRow {
        IntentRow(account: 1, conversation: 1, verb: wish.verb, token: "t", body: try wish.body.json(), createdAt: 0)
    }

    @Test func `every verb has a wish here, except the upload that a send brings along`() {
        #expect(Set(Self.wishes.map(\.verb)) == Set(Verb.allCases).subtracting([.upload]))
    }

    @Test(arguments: wishes) func `a stored wish becomes a request of its own verb`(wish: Wish) throws {
        let action = try #require(try intent(wish).action(in: "19:a", on: "100"))
        #expect(action.verb == wish.verb)
        switch action {
        case .createConversation(let topic, let participants):
            #expect(topic == "Trip" && participants.map(\.id) == [OutboxWorld.other])
        case .send(let message, let conversation): #expect(message.text == "a" && conversation == "19:a")
        case .edit(let target, let text, let metadata, let conversation):
            #expect(target == "100" && text == "b" && metadata == ["key": "value"] && conversation == "19:a")
        case .delete(let target, let conversation), .markRead(let target, let conversation):
            #expect(target == "100" && conversation == "19:a")
        case .rename(let conversation, let topic): #expect(conversation == "19:a" && topic == "Trip")
        case .addParticipants(let participants, let conversation):
            #expect(participants.map(\.id) == [OutboxWorld.other] && conversation == "19:a")
        case .removeParticipant(let participant, let conversation):
            #expect(participant == OutboxWorld.other && conversation == "19:a")
        case .deleteConversation(let conversation): #expect(conversation == "19:a")
        case .upload: Issue.record("Nobody wishes for an upload alone.")
        }
    }

    @Test(arguments: wishes) func `a row that lacks what its verb needs makes no request`(wish: Wish) throws {
        guard wish.verb != .createConversation else { return }
        #expect(try intent(wish).action(in: nil, on: "100") == nil)
    }

    @Test func `a damaged body parks its intent and holds nobody else's`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let rename = try world.wish(.rename(conversation, topic: "Trip"))
        try world.send("a", to: conversation)
        try world.sql("UPDATE intent SET body = '{}' WHERE id = \(rename.intent.number)")
        #expect(try world.claim().summary == ["send a"])
        #expect(try world.state(rename) == .parked)
    }
}
