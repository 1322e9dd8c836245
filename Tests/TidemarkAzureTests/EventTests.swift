import Testing
import TidemarkAzure
import TidemarkModel

/// Payloads as the service pushes them, written by hand after the wire page: JSON text inside JSON.
struct EventTests {
    private static let common =
        #""senderId":"8:acs:r_1","recipientId":"acs:r_2","groupId":"19:abc_DEF-123@thread.v2","collapseId":"c""#
    private static let written =
        common
        + #","messageId":"1704164645123","messageType":"Text","messageBody":"hello","senderDisplayName":"Al","clientMessageId":"","originalArrivalTime":"2024-01-02T03:04:05.1230000Z","priority":"","version":"1704164645123""#

    private func decode(_ name: String, _ body: String) throws -> [RemoteEvent] {
        try AzureEvent.decode(name, payload: Array("{\(body)}".utf8))
    }

    private func message(_ name: String, _ body: String) throws -> RemoteMessage {
        guard case .message(let message, Example.thread) = try #require(try decode(name, body).first) else {
            throw Unexpected()
        }
        return message
    }

    private struct Unexpected: Error {}

    @Test func `a received message is the copy that a list would tell`() throws {
        let metadata = #","acsChatMessageMetadata":"{\"tidemarkToken\":\"t1\",\"k\":\"v\"}""#
        let pushed = try message("chatMessageReceived", Self.written + metadata)
        let listed = """
            {"value":[{"id":"1704164645123","type":"text","version":"1704164645123","content":{"message":"hello"},
            "senderDisplayName":"Al","createdOn":"2024-01-02T03:04:05Z","senderCommunicationIdentifier":{"rawId":"8:acs:r_1"},
            "metadata":{"tidemarkToken":"t1","k":"v"}}]}
            """
        let page = try Example.wire().page(of: .json(200, listed), for: PageRequest(.messages(in: Example.thread)))
        #expect(page.items == .messages([pushed]))
    }

    @Test func `an edit tells its marker and a delete has no text`() throws {
        let edited = try message(
            "247",
            Self.written.replacing("\"version\":\"1704164645123\"", with: "\"version\":\"1704164700000\"")
                + #","edittime":"2024-01-02T03:05:00.0000000Z","acsChatMessageMetadata":"{\"tidemarkEdit\":\"e\"}""#)
        #expect(edited.editedAt == Timestamp(milliseconds: 1_704_164_700_000) && edited.editMarker == "e")
        let deleted = try message(
            "chatMessageDeleted",
            Self.common + #","messageId":"1704164645123","version":1704164800123,"deletetime":"2024-01-02T03:06:40.123Z""#)
        #expect(deleted.deletedAt == Timestamp(milliseconds: 1_704_164_800_000) && deleted.text == nil)
        #expect(deleted.version == 1_704_164_800_123 && deleted.sequence == nil)
    }

    @Test func `html and absent metadata are read`() throws {
        let html = try message(
            "chatMessageReceived",
            Self.written.replacing("\"Text\"", with: "\"RichText/Html\"") + #","acsChatMessageMetadata":"null""#)
        #expect(html.kind == .html && html.metadata.isEmpty && html.token == nil)
    }

    @Test func `typing and receipts name who and where`() throws {
        let typing = try decode(
            "typingIndicatorReceived", Self.common + #","messageType":"Control/Typing","senderDisplayName":"Al""#)
        #expect(typing == [.typing("8:acs:r_1", displayName: "Al", in: Example.thread)])
        let body = #"{\"user\":\"8:acs:r_9\",\"consumptionhorizon\":\"1704164645123;1704164650456;0\",\"version\":\"5\"}"#
        let receipt = try decode("246", Self.common + #","messageId":"1704164645123","messageBody":"\#(body)""#)
        let expected = Receipt(
            participant: "8:acs:r_9", message: "1704164645123", readAt: Timestamp(milliseconds: 1_704_164_650_000))
        #expect(receipt == [.receipt(expected, in: Example.thread)])
    }

    @Test func `a thread's making, change and end are read`() throws {
        let thread = #""threadId":"19:abc_DEF-123@thread.v2","version":"1704164645123""#
        let created = try decode(
            "chatThreadCreated",
            thread
                + #","createTime":"2024-01-02T03:04:05.1234567Z","createdBy":"{\"displayName\":\"Al\",\"participantId\":\"8:acs:r_1\"}","#
                + #""members":"[{\"displayName\":null,\"participantId\":\"8:acs:r_2\",\"shareHistoryTime\":0}]","properties":"{\"topic\":\"Trip\"}""#
        )
        let conversation = RemoteConversation(
            id: Example.thread, topic: "Trip", createdAt: Timestamp(milliseconds: 1_704_164_645_000), createdBy: "8:acs:r_1",
            version: 1_704_164_645_123)
        let member = Participant(id: "8:acs:r_2", shareHistoryTime: Timestamp(milliseconds: 0))
        #expect(created == [.conversation(conversation), .participantsAdded([member], in: Example.thread)])
        let renamed = try decode("258", thread + #","properties":"{\"topic\":\"New\"}","editTime":"2024-01-02T03:04:05Z""#)
        #expect(renamed == [.conversation(RemoteConversation(id: Example.thread, topic: "New", version: 1_704_164_645_123))])
        guard case .conversation(let gone) = try decode("259", thread + #","deleteTime":"2024-01-02T03:04:05Z""#).first else {
            throw Unexpected()
        }
        #expect(gone.deletedAt == Timestamp(milliseconds: 1_704_164_645_000))
    }

    @Test func `who came and who went is read`() throws {
        let thread = #""threadId":"19:abc_DEF-123@thread.v2","version":"1""#
        let list = #""[{\"participantId\":\"8:acs:r_2\",\"displayName\":\"Bob\"}]""#
        #expect(
            try decode("participantsAdded", thread + #","participantsAdded":\#(list)"#)
                == [.participantsAdded([Participant(id: "8:acs:r_2", displayName: "Bob")], in: Example.thread)])
        #expect(
            try decode("261", thread + #","participantsRemoved":\#(list)"#)
                == [.participantsRemoved(["8:acs:r_2"], in: Example.thread)])
    }

    @Test func `an event is found by the number in its payload, and a new kind is no error`() throws {
        let byNumber = try AzureEvent.decode(payload: Array(("{" + Self.written + #","eventId":200}"#).utf8))
        #expect(byNumber == (try decode("chatMessageReceived", Self.written)))
        #expect(try decode("realTimeNotificationConnected", "") == [.connected])
        #expect(try decode("somethingNew", "not even JSON").isEmpty && decode("999", "").isEmpty)
        #expect(AzureEvent.allCases.allSatisfy { AzureEvent(name: $0.name) == $0 })
    }

    @Test(arguments: [
        ("200", ""), ("200", common), ("247", common + #","messageId":"1""#), ("246", common + #","messageId":"1""#),
        ("245", #""groupId":"19:x""#), ("260", #""threadId":"t","participantsAdded":"broken""#), ("257", "\"x\":"),
        ("259", #""threadId":"t""#), ("261", #""threadId":"t","participantsRemoved":"[{}]""#),
    ])
    func `an event that lacks what its kind needs is unreadable`(name: String, body: String) throws {
        let error = #expect(throws: ServiceError.self) { try decode(name, body) }
        #expect(error?.code == .unreadable && error?.certainty == .notApplied)
    }
}
