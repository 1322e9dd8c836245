import HTTPTypes
import Testing
import TidemarkAvaya
import TidemarkModel

/// The bytes of every request that the engine makes.
struct RequestTests {
    struct Write: Sendable, CustomTestStringConvertible {
        var action: Delivery.Action
        var base: Int64?
        var created: Timestamp?
        var line: String
        var body: String
        var testDescription: String { line }
    }

    private static let space = Example.space.rawValue

    @Test(arguments: [
        Write(
            action: .createConversation(
                topic: "Trip", participants: [Participant(id: Example.bob), Participant(id: "eve@example.com", role: "guest")]),
            line: "POST /api/spaces/invite",
            body: #"""
                {"invitees":[{"invitee":"5efc5417aa4a347af96de291","inviteeType":"userId","role":"member"},\#
                {"invitee":"eve@example.com","inviteeType":"email","role":"guest"}],\#
                "topic":{"id":null,"title":"Trip","type":"group"}}
                """#),
        Write(
            action: .createConversation(topic: "Alone", participants: []), line: "POST /api/spaces/invite",
            body: #"{"invitees":[],"topic":{"id":null,"title":"Alone","type":"group"}}"#),
        Write(
            action: .send(OutgoingMessage("a < b & \"c\"\nd"), in: Example.space), line: "POST /api/spaces/\(space)/chats",
            body: #"{"content":{"bodyText":"a &lt; b &amp; \"c\"<br>d"}}"#),
        Write(
            action: .send(OutgoingMessage("<b>x</b>", kind: .html), in: Example.space), line: "POST /api/spaces/\(space)/chats",
            body: #"{"content":{"bodyText":"<b>x</b>"}}"#),
        Write(
            action: .edit("m-1", text: "new", metadata: ["k": "v"], in: Example.space), base: 1_596_628_473_290,
            line: "POST /api/messages/m-1",
            body: #"{"_id":"m-1","content":{"bodyText":"new"},"modified":"2020-08-05T11:54:33.290Z"}"#),
        Write(
            action: .edit("m-1", text: "new", metadata: [:], in: Example.space), line: "POST /api/messages/m-1",
            body: #"{"_id":"m-1","content":{"bodyText":"new"}}"#),
        Write(
            action: .delete("m-1", in: Example.space), line: "POST /api/messages/deletemessages", body: #"["m-1"]"#),
        Write(
            action: .markRead("m-1", in: Example.space), created: Timestamp(milliseconds: 1_596_628_473_290),
            line: "POST /api/users/me/spaces/\(space)/markread", body: #"{"readTime":"2020-08-05T11:54:33.290Z"}"#),
        Write(
            action: .markRead("m-1", in: Example.space), line: "POST /api/users/me/spaces/\(space)/markread", body: "{}"),
        Write(action: .rename(Example.space, topic: "New"), line: "POST /api/spaces/\(space)", body: #"{"title":"New"}"#),
        Write(
            action: .addParticipants([Participant(id: "eve@example.com")], in: Example.space),
            line: "POST /api/spaces/\(space)/invite",
            body: #"{"invitees":[{"invitee":"eve@example.com","inviteeType":"email","role":"member"}]}"#),
    ])
    func `every verb has its bytes`(write: Write) throws {
        let request = try Example.wire().request(for: Example.delivery(write.action, base: write.base, created: write.created))
        #expect(request.line == write.line && request.text == write.body)
        #expect(request.head.headerFields[.contentType] == "application/json")
        #expect(request.head.scheme == "https" && request.head.authority == "spaces.example")
        #expect(request.head.headerFields[.authorization] == nil)
    }

    @Test(arguments: [
        Delivery.Action.removeParticipant(Example.bob, in: Example.space), .deleteConversation(Example.space),
    ])
    func `what the service has no call for is refused, and its traits say so`(action: Delivery.Action) throws {
        let wire = try Example.wire()
        let error = #expect(throws: ServiceError.self) { try wire.request(for: Example.delivery(action)) }
        #expect(error?.code == .unsupported && error?.certainty == .notApplied)
        #expect(wire.traits.lostAnswers[action.verb] == nil)
    }

    @Test(arguments: [
        (PageRequest(.conversations), "/api/users/me/spaces?size=50&topicstatus=all&topictype=all"),
        (PageRequest(.conversations, resultsPerPage: 900), "/api/users/me/spaces?size=50&topicstatus=all&topictype=all"),
        (
            PageRequest(.conversations, resultsPerPage: 7, startTime: Example.start),
            "/api/users/me/spaces?size=7&topicstatus=all&topictype=all&includedeleted=true&after=1699999999999"
        ),
        (PageRequest(.conversation(Example.space)), "/api/spaces/\(space)"),
        (PageRequest(.messages(in: Example.space)), "/api/spaces/\(space)/messages/query?direction=before&size=50"),
        (
            PageRequest(.messages(in: Example.space), resultsPerPage: 3),
            "/api/spaces/\(space)/messages/query?direction=before&size=3"
        ),
        (
            PageRequest(.messages(in: Example.space), resultsPerPage: 200, startTime: Example.start),
            "/api/users/me/messages?spacelist=\(space)&size=50&includedeleted=true&after=1699999999999"
        ),
        (
            PageRequest(.messages(in: Example.space), startTime: Timestamp(milliseconds: .min)),
            "/api/users/me/messages?spacelist=\(space)&size=50&includedeleted=true&after=\(Int64.min)"
        ),
        (PageRequest(.message("m-1", in: Example.space)), "/api/messages/m-1"),
        (PageRequest(.participants(in: Example.space)), "/api/spaces/\(space)/members?size=30&page=0"),
        (PageRequest(.participants(in: Example.space), skip: 29), "/api/spaces/\(space)/members?size=29&page=1"),
    ])
    func `every read has its address`(page: PageRequest, path: String) throws {
        let request = try Example.wire().request(for: page)
        #expect(request.line == "GET \(path)" && request.body.isEmpty)
    }

    @Test func `receipts are not listed`() throws {
        let wire = try Example.wire()
        let error = #expect(throws: ServiceError.self) { try wire.request(for: PageRequest(.receipts(in: Example.space))) }
        #expect(error?.code == .unsupported && !wire.traits.listsReceipts)
    }

    @Test(arguments: ["https://h.example/api", "https://h.example/api/", "https://h.example", "https://h.example/"])
    func `an endpoint is given with or without its api`(endpoint: String) throws {
        let request = try Example.wire(at: endpoint).request(for: AvayaOperation.me)
        #expect(request.head.path == "/api/users/me")
    }

    @Test(arguments: ["..", ".", "", "a/b", "a?b", "%2e%2e", "é"])
    func `no id changes which call is meant`(id: String) throws {
        let wire = try Example.wire()
        let delivery = Example.delivery(.rename(RemoteConversationID(id), topic: "t"))
        guard !["..", ".", ""].contains(id) else {
            let error = #expect(throws: ServiceError.self) { try wire.request(for: delivery) }
            #expect(error?.code == .invalid)
            return
        }
        let path = try #require(try wire.request(for: delivery).head.path)
        #expect(path.hasPrefix("/api/spaces/") && path.split(separator: "/").count == 3 && !path.contains("?"))
    }

    @Test func `a space's password goes with its own requests only`() throws {
        let wire = try Example.wire(passwords: [Example.space: "s3cret"])
        let name = try #require(HTTPField.Name("spaces-x-space-password"))
        for page in [
            PageRequest(.conversation(Example.space)), PageRequest(.messages(in: Example.space)),
            PageRequest(.messages(in: Example.space), startTime: Example.start), PageRequest(.message("m", in: Example.space)),
            PageRequest(.participants(in: Example.space)),
            PageRequest(.messages(in: Example.space), cursor: "/api/spaces/x/messages/query?a=1"),
        ] {
            #expect(try wire.request(for: page).head.headerFields[name] == "s3cret")
        }
        let delivery = Example.delivery(.send(OutgoingMessage("x"), in: Example.space))
        #expect(try wire.request(for: delivery).head.headerFields[name] == "s3cret")
        for page in [PageRequest(.conversations), PageRequest(.messages(in: Example.otherSpace))] {
            #expect(try wire.request(for: page).head.headerFields[name] == nil)
        }
        var shown = ""
        dump(wire, to: &shown)
        #expect(!shown.contains("s3cret") && !"\(wire)".contains("s3cret"))
    }

    @Test func `what is asked for another user is refused`() throws {
        let wire = try Example.wire(as: Example.bob)
        let send = Example.delivery(.send(OutgoingMessage("x"), in: Example.space), as: Example.ann)
        let write = #expect(throws: ServiceError.self) { try wire.request(for: send) }
        let read = #expect(throws: ServiceError.self) {
            try wire.request(for: PageRequest(.conversations, identity: Example.ann))
        }
        for error in [write, read] { #expect(error?.code == .wrongIdentity && error?.certainty == .notApplied) }
    }
}
