import Testing
import TidemarkAzure
import TidemarkModel

/// Pages as they should be, and as they should not.
struct PageTests {
    private static let messages = PageRequest(.messages(in: Example.thread))

    private static func message(_ id: Int, _ more: String = "") -> String {
        """
        {"id":"\(id)","type":"text","sequenceId":"\(id % 100)","version":"\(id)","content":{"message":"m\(id)"},
        "createdOn":"2024-01-02T03:04:05Z","senderCommunicationIdentifier":{"rawId":"\(Example.alice)"}\(more)}
        """
    }

    private func read(_ body: String, _ request: PageRequest = messages) throws -> Page {
        try Example.wire().page(of: .json(200, body, [("Date", "Tue, 02 Jan 2024 03:04:06 GMT")]), for: request)
    }

    private func onlyMessage(_ body: String) throws -> RemoteMessage {
        guard case .messages(let messages) = try read(#"{"value":[\#(body)]}"#).items else { throw Unexpected() }
        return try #require(messages.first)
    }

    private struct Unexpected: Error {}

    @Test func `a message is read with its token, marker and unknown fields apart`() throws {
        let body = Self.message(
            1_704_164_645_123,
            #","metadata":{"k":"v","n":3,"tidemarkToken":"t1","tidemarkEdit":"e1"},"priority":"High","editedOn":"2024-01-02T03:05:00Z""#
        )
        let message = try onlyMessage(body)
        #expect(message.token == "t1" && message.editMarker == "e1" && message.metadata == ["k": "v", "n": "3"])
        #expect(message.place == 1_704_164_645_123 && message.version == message.place && message.sequence == 23)
        #expect(message.createdAt == Timestamp(milliseconds: 1_704_164_645_000))
        #expect(message.editedAt != nil && message.serviceData == #"{"priority":"High"}"#)
    }

    @Test func `a tombstone has no text, and a removed token is none`() throws {
        let message = try onlyMessage(
            Self.message(7, #","deletedOn":"2024-01-02T03:06:00Z","metadata":{"tidemarkToken":""}"#))
        #expect(message.deletedAt == Timestamp(milliseconds: 1_704_164_760_000))
        #expect(message.text == nil && message.token == nil && message.metadata.isEmpty)
    }

    @Test func `a message of an unknown type keeps its name`() throws {
        let page = try read(
            #"{"value":[{"id":"1","type":"pollCreated","version":1,"sequenceId":2,"createdOn":"2024-01-02T03:04:05Z"}]}"#)
        guard case .messages(let messages) = page.items else { throw Unexpected() }
        #expect(messages.first?.kind == .unknown("pollCreated") && messages.first?.version == 1)
        #expect(page.serverDate == Timestamp(milliseconds: 1_704_164_646_000) && page.next == nil)
    }

    @Test(arguments: [
        (#"{"type":"text","version":"1","createdOn":"2024-01-02T03:04:05Z"}"#, nil),
        (#"{"id":"9","type":"text","createdOn":"2024-01-02T03:04:05Z"}"#, "9"),
        (#"{"id":"9","type":"text","version":"1.5","createdOn":"2024-01-02T03:04:05Z"}"#, "9"),
        (#"{"id":"9","type":"text","version":"99999999999999999999"}"#, "9"),
        (#"{"id":"9","type":"text","version":"1","createdOn":"yesterday"}"#, "9"),
        (#"{"id":"9","type":"text","version":"1","createdOn":"2024-01-02T03:04:05Z","deletedOn":true}"#, "9"),
        (#"{"id":"9","type":"text","version":"1","sequenceId":"x"}"#, "9"),
        (#"{"id":"9","type":"participantAdded","version":"1","content":{"participants":[{"displayName":"?"}]}}"#, "9"),
        (#"{"id":{"a":1},"type":"text","version":"1"}"#, nil),
        ("17", nil), ("null", nil), ("[]", nil), (#""text""#, nil),
    ])
    func `one malformed item is set aside and the others are read`(item: String, id: String?) throws {
        let page = try read(#"{"value":[\#(Self.message(3)),\#(item),\#(Self.message(2))],"nextLink":"/chat/threads?skip=1"}"#)
        guard case .messages(let messages) = page.items else { throw Unexpected() }
        #expect(messages.map(\.id) == ["3", "2"])
        let reject = try #require(page.rejects.first)
        #expect(page.rejects.count == 1 && reject.id == id && !reject.reason.isEmpty && !reject.raw.isEmpty)
        #expect(page.next == "/chat/threads?skip=1")
    }

    @Test(arguments: [
        "", "{", #"{"value":[{"id":"1""#, "[]", "null", #"{"value":{}}"#, #"{"value":"x"}"#, "{}",
        #"{"value":[],"nextLink":7}"#, #"{"value":[]} x"#,
    ])
    func `a body that is no page is unreadable`(body: String) throws {
        let error = #expect(throws: ServiceError.self) { try read(body) }
        #expect(error?.code == .unreadable && error?.certainty == .notApplied)
    }

    @Test func `a whole page is read item by item`() throws {
        let page = try Example.wire().page(of: Fixture.answer(200, "messages-page.json"), for: Self.messages)
        guard case .messages(let messages) = page.items else { throw Unexpected() }
        #expect(page.rejects.isEmpty && page.next == nil && messages.map(\.sequence) == [6, 5, 2, 1])
        #expect(messages.map(\.kind) == [.text, .text, .topicUpdated, .participantAdded])
        #expect(messages[0].deletedAt != nil && messages[0].text == nil && messages[0].sender == "8:acs:r_2")
        #expect(messages[1].token == "t1" && messages[1].editMarker == "e1" && messages[1].metadata == ["k": "v"])
        #expect(messages[2].topic == "Trip" && messages[3].participants.map(\.id) == ["8:acs:r_1", "8:acs:r_2"])
    }

    @Test(arguments: ["sign-in-page.html", "messages-truncated.json"])
    func `what is no whole page is unreadable`(name: String) throws {
        let error = #expect(throws: ServiceError.self) {
            try Example.wire().page(of: Fixture.answer(200, name), for: Self.messages)
        }
        #expect(error?.code == .unreadable && error?.status == 200)
    }

    @Test(arguments: [(400, ServiceError.Code.invalid), (404, .notFound), (410, .notFound)])
    func `a cursor that died says so by its status`(status: Int, code: ServiceError.Code) throws {
        var request = Self.messages
        request.cursor = "/chat/threads/x/messages?syncState=00"
        let error = #expect(throws: ServiceError.self) { try Example.wire().page(of: .empty(status), for: request) }
        #expect(error?.code == code && error?.status == status)
    }

    @Test func `an empty page may go on`() throws {
        let page = try Example.wire().page(of: Fixture.answer(200, "threads-empty-page.json"), for: PageRequest(.conversations))
        #expect(page.items == .conversations([]) && page.next != nil)
        #expect(try read(#"{"value":[],"nextLink":null}"#).next == nil && read(#"{"value":[],"nextLink":""}"#).next == nil)
    }

    @Test func `a read by id is a page of one, or of one reject`() throws {
        let by = PageRequest(.message("5", in: Example.thread))
        guard case .messages(let messages) = try read(Self.message(5), by).items else { throw Unexpected() }
        #expect(messages.map(\.id) == ["5"])
        #expect(try read(#"{"id":"5"}"#, by).rejects.map(\.id) == ["5"])
        let thread =
            #"{"id":"19:a@thread.v2","topic":"T","createdOn":"2024-01-02T03:04:05.5Z","retentionPolicy":{"kind":"none"}}"#
        let page = try read(thread, PageRequest(.conversation("19:a@thread.v2")))
        guard case .conversations(let conversations) = page.items else { throw Unexpected() }
        #expect(conversations.first?.topic == "T" && conversations.first?.serviceData == #"{"retentionPolicy":{"kind":"none"}}"#)
    }

    @Test func `a message of three megabytes is read, and what of it is unknown is bounded`() throws {
        let text = String(repeating: "ä\\\"", count: 600_000)
        let huge = #","content":{"message":"\#(text)"},"blob":"\#(String(repeating: "x", count: 1_200_000))","small":1"#
        let message = try onlyMessage(#"{"id":"1","type":"text","version":"1"\#(huge)}"#)
        #expect(message.text?.count == 1_200_000)
        #expect(message.serviceData == #"{"small":1,"tidemarkTruncated":true}"#)
        let page = try read(#"{"value":[{"id":"1"\#(huge)}]}"#)
        #expect(page.rejects.first?.raw.count == Reject.maximumRawBytes && page.bytes > 3_000_000)
    }

    @Test func `nesting without end is refused and not followed`() throws {
        let deep = String(repeating: "[", count: 200_000)
        #expect(throws: ServiceError.self) { try read(#"{"value":"# + deep) }
        #expect(throws: JSONError.self) { try JSONValue(reading: String(repeating: #"{"a":"#, count: 100_000)) }
    }

    @Test(arguments: [
        (#""😀 é \/""#, "😀 é /"), (#""\ud800""#, "\u{FFFD}"), (#""\ud83d\u0041""#, "\u{FFFD}A"), (#""\uDC00""#, "\u{FFFD}"),
        ("\u{FEFF}\"bom\"", "bom"),
    ])
    func `odd text is read as text`(json: String, text: String) throws {
        #expect(try JSONValue(reading: json).text == text)
    }

    @Test(arguments: [
        "+1", "-", "01x", "1e", "tru", "\"", #""\x""#, #""\u12"#, #"{"a"}"#, #"{"a":1,}"#, "[1,]", "nan", "1 2", "0x10",
        "infinity",
    ])
    func `what is no JSON is refused`(json: String) {
        #expect(throws: JSONError.self) { try JSONValue(reading: json) }
    }
}
