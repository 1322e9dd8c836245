import Testing
import TidemarkAvaya
import TidemarkModel

/// What the socket pushes, in the engine's words.
struct EventTests {
    private func events(_ name: String, _ payload: String) throws -> [RemoteEvent] {
        try Example.wire().events(named: name, payload: Array(payload.utf8))
    }

    @Test(arguments: ["chat", "idea", "task"])
    func `a pushed message is merged like one of a page, and proves no sequence`(category: String) throws {
        let item = try Example.message(category: category, more: #","topicTitle":"T","loopbackMetadata":{"t":"1"}"#)
        guard case .message(let message, let space)? = try events("MESSAGE_SENT", item).first else {
            Issue.record("no message")
            return
        }
        #expect(space == Example.space && message.id == Example.message && message.sequence == nil)
        #expect(message.version == 1_596_628_473_290 && message.place == message.version && message.text == "hello")
        let page = try Example.wire().page(of: .json(200, "[\(item)]"), for: PageRequest(.messages(in: Example.space)))
        var listed = try #require(page.messages.first)
        listed.sequence = nil
        #expect(listed == message)
    }

    @Test func `a renamed space tells its title`() throws {
        let payload = #"{"category":"topic.updated","topicId":"s-1","topicTitle":"New","modified":"2020-08-05T11:54:33.290Z"}"#
        let expected = RemoteConversation(id: "s-1", topic: "New", version: 1_596_628_473_290)
        #expect(try events("MESSAGE_SENT", payload) == [.conversation(expected)])
        #expect(try events("MESSAGE_SENT", #"{"category":"topic.updated","topicId":"s-1"}"#).isEmpty)
    }

    @Test(arguments: [
        #""messageId":"m-1""#, #""content":{"messageId":"m-1"}"#, #""_id":"m-1""#, #""message":{"_id":"m-1"}"#,
        #""content":{"message":"m-1"},"_id":"event-7""#,
    ])
    func `a removal that names its message makes a tombstone`(naming: String) throws {
        let payload = #"{"category":"app.event.message.removed","topicId":"s-1","created":"2020-08-05T11:54:33.290Z",\#(naming)}"#
        let tombstone = RemoteMessage(id: "m-1", deletedAt: Timestamp(milliseconds: 1_596_628_473_290))
        #expect(try events("MESSAGE_SENT", payload) == [.message(tombstone, in: "s-1")])
    }

    @Test func `a removal that names nothing is only a reason to look`() throws {
        #expect(try events("MESSAGE_SENT", #"{"category":"app.event.message.removed","topicId":"s-1"}"#).isEmpty)
        #expect(try events("MESSAGE_SENT", #"{"category":"app.event.message.removed","_id":"m-1"}"#).isEmpty)
    }

    @Test func `a pushed status alone makes no tombstone`() throws {
        guard case .message(let message, _)? = try events("MESSAGE_SENT", try Example.message(more: #","status":1"#)).first else {
            Issue.record("no message")
            return
        }
        #expect(message.deletedAt == nil)
    }

    @Test func `typing is told by its sender, and other presence is not`() throws {
        let sender = #""sender":{"_id":"u-1","displayname":"Ann"},"topicId":"s-1""#
        for category in ["party.typing", "app.event.presence.party.typing"] {
            let payload = #"{"category":"\#(category)",\#(sender)}"#
            #expect(try events("PRESENCE_EVENT_RESPONSE", payload) == [.typing("u-1", displayName: "Ann", in: "s-1")])
        }
        #expect(try events("PRESENCE_EVENT_RESPONSE", #"{"category":"app.event.presence.party.online",\#(sender)}"#).isEmpty)
        #expect(try events("PRESENCE_EVENT_RESPONSE", #"{"category":"party.typing"}"#).isEmpty)
    }

    @Test(arguments: ["CHANNEL_SUBSCRIBED", "MEDIA_SESSION_RESPONSE", "SEND_MESSAGE_FAILED", "", "ANYTHING"])
    func `events that are not known give nothing`(name: String) throws {
        #expect(try events(name, "not even JSON").isEmpty)
    }

    @Test func `categories that are not known give nothing`() throws {
        #expect(try events("MESSAGE_SENT", #"{"category":"app.event.other","_id":"m","topicId":"s"}"#).isEmpty)
    }

    @Test(arguments: ["", "7", "[]", #"{"category":"chat","_id":"m"}"#, #"{"category":"chat","topicId":"s"}"#])
    func `a message that can't be read is said so`(payload: String) throws {
        let error = #expect(throws: ServiceError.self) { try events("MESSAGE_SENT", payload) }
        #expect(error?.code == .unreadable && error?.certainty == .notApplied)
    }
}
