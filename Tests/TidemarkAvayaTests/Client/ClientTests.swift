import Foundation
import HTTPTypes
import Testing
import TidemarkAvaya
import TidemarkModel

/// The plain client: each call of the REST page, its bytes and its answer.
struct ClientTests {
    private func client(_ transport: ScriptedHTTP) throws -> AvayaSpacesClient {
        AvayaSpacesClient(
            servers: try Example.servers(), credential: try JWTAuthenticator(token: "t-1"), transport: transport)
    }

    @Test func `the user, spaces and what joins them`() async throws {
        let transport = ScriptedHTTP { sent, _ in
            switch sent.head.path {
            case "/api/users/me": .json(200, #"{"_id":"u-1","aType":"user","displayname":"Ann","timezone":"X"}"#)
            case "/api/spaces/s-1/join": .json(200, #"{"topic":{"_id":"s-1","title":"Trip"},"other":1}"#)
            case "/api/spaces/direct/anonymous/u-2": .json(200, #"{"data":[{"_id":"s-2","type":"direct"}]}"#)
            case "/api/spaces/invite": .json(200, #"{"data":[{"topicId":"s-9"}]}"#)
            case "/api/spaces/s-1", "/api/spaces/invites/i-1/join": .json(200, #"{"_id":"s-1","title":"Trip"}"#)
            default: .empty(200)
            }
        }
        let client = try client(transport)
        #expect(try await client.me().displayName == "Ann")
        #expect(try await client.space("s-1").title == "Trip")
        #expect(try await client.join("s-1").id == "s-1")
        #expect(try await client.join(invitation: "i-1").id == "s-1")
        #expect(try await client.directSpace(with: "u-2", type: .anonymous).type == "direct")
        #expect(try await client.createSpace(title: "New", invitees: [AvayaInvitee(.email, "e@example.com")]) == "s-9")
        try await client.invite([AvayaInvitee(.userId, "u-3", role: "guest")], to: "s-1")
        try await client.updateSpace("s-1", title: "T", settings: #"{"a":true}"#)
        try await client.setPreference(AvayaPreference(isPinned: true, notification: #""all""#), for: "s-1")
        try await client.markRead("s-1")
        #expect(
            transport.sent.map(\.line) == [
                "GET /api/users/me", "GET /api/spaces/s-1", "GET /api/spaces/s-1/join", "GET /api/spaces/invites/i-1/join",
                "GET /api/spaces/direct/anonymous/u-2", "POST /api/spaces/invite", "POST /api/spaces/s-1/invite",
                "POST /api/spaces/s-1", "POST /api/users/me/spaces/s-1/preference", "POST /api/users/me/spaces/s-1/markread",
            ])
        #expect(
            transport.sent.suffix(4).map(\.text) == [
                #"{"invitees":[{"invitee":"u-3","inviteeType":"userId","role":"guest"}]}"#,
                #"{"settings":{"a":true},"title":"T"}"#,
                #"{"isPinned":true,"notification":"all"}"#, "{}",
            ])
        let error = await #expect(throws: ServiceError.self) { try await client.updateSpace("s-1", settings: "{") }
        #expect(error?.code == .invalid && transport.sent.count == 10)
    }

    @Test func `messages are sent, read, changed and deleted one by one`() async throws {
        let item = try Example.message()
        let transport = ScriptedHTTP { sent, _ in
            if sent.head.path == "/api/messages/deletemessages" {
                return .json(
                    200,
                    #"""
                    {"deletedMessages":["a"],"notFoundMmessages":["b"],"noPermittedMessages":[{"messageId":"c"}],\#
                    "notDeletedMessages":[{"messageId":"d","reason":{"code":"x.y","message":"Why"}}]}
                    """#)
            }
            return .json(200, sent.head.method == .get ? item : #"{"data":[\#(item)]}"#)
        }
        let client = try client(transport)
        #expect(try await client.send("a < b", to: Example.space).id == Example.message)
        #expect(try await client.message(Example.message).body == "hello")
        try await client.edit("m", body: "x", details: "y", base: Timestamp(milliseconds: 0))
        let post = AvayaOutgoingMessage(
            body: "Plan", details: "All of it",
            task: AvayaTask(assignees: ["u-1"], status: 0, dueDate: Timestamp(milliseconds: 0)))
        _ = try await client.createTask(post, in: "s-1", notify: true)
        _ = try await client.createPost(AvayaOutgoingMessage(body: "Plan"), in: "s-1")
        let result = try await client.delete(["a", "b", "c", "d"])
        #expect(result.deleted == ["a"] && result.notFound == ["b"] && result.notPermitted.map(\.id) == ["c"])
        #expect(result.notDeleted.first?.code == "x.y" && result.notDeleted.first?.message == "Why")
        #expect(
            transport.sent.map(\.line) == [
                "POST /api/spaces/\(Example.space)/chats", "GET /api/messages/\(Example.message)", "POST /api/messages/m",
                "POST /api/spaces/s-1/tasks?notify=true", "POST /api/spaces/s-1/ideas", "POST /api/messages/deletemessages",
            ])
        #expect(transport.sent[0].text == #"{"content":{"bodyText":"a &lt; b"}}"#)
        #expect(
            transport.sent[2].text
                == #"{"_id":"m","content":{"bodyText":"x","description":"y"},"modified":"1970-01-01T00:00:00.000Z"}"#)
        #expect(
            transport.sent[3].text
                == #"{"content":{"assignees":[{"_id":"u-1"}],"bodyText":"Plan","description":"All of it","#
                + #""dueDate":"1970-01-01T00:00:00.000Z","status":0}}"#)
        #expect(transport.sent[5].text == #"["a","b","c","d"]"#)
    }

    @Test(arguments: [0, 101]) func `a hundred messages are deleted at once and no more`(count: Int) async throws {
        let transport = ScriptedHTTP(.json(200, #"{"deletedMessages":[]}"#))
        let client = try client(transport)
        let ids = (0..<count).map { RemoteMessageID("m-\($0)") }
        let error = await #expect(throws: ServiceError.self) { try await client.delete(ids) }
        #expect(error?.code == .invalid && transport.sent.isEmpty)
        #expect(try await client.delete([RemoteMessageID]((0..<100).map { RemoteMessageID("m-\($0)") })).deleted.isEmpty)
    }

    @Test func `every listing has its address`() async throws {
        let transport = ScriptedHTTP(.json(200, #"{"data":[]}"#))
        let client = try client(transport)
        let space: RemoteConversationID = "s-1"
        for try await _ in client.spaces(
            AvayaSpacesQuery(size: 5, search: "a b", onlyPinned: true, includeDeleted: true, after: Timestamp(milliseconds: 7)))
        {}
        for try await _ in client.members(of: space, search: "x") {}
        for try await _ in client.messages(
            in: space,
            AvayaMessagesQuery(
                .after, size: 9, category: .idea, reference: Timestamp(milliseconds: 0), commentsOn: .task, search: "q",
                onlyChats: true, onlyFiles: true))
        {}
        for try await _ in client.messagesByReference(in: space) {}
        for try await _ in client.changes(AvayaChangesQuery([space, "s-2"], after: Timestamp(milliseconds: 7))) {}
        for try await _ in client.posts(in: space, AvayaReferenceQuery(next: "m-1")) {}
        for try await _ in client.tasks(in: space, AvayaReferenceQuery(previous: "m-1")) {}
        for try await _ in client.comments(on: "m-2", category: .idea) {}
        for try await _ in client.comments(on: "m-2", category: .task, AvayaReferenceQuery(size: 2)) {}
        #expect(
            transport.sent.map { $0.head.path ?? "" } == [
                "/api/users/me/spaces?size=5&search=a%20b&filtertype=pinned&includedeleted=true&after=7",
                "/api/spaces/s-1/members?size=30&page=0&search=x",
                "/api/spaces/s-1/messages/query?category=idea&refTime=1970-01-01T00%3A00%3A00.000Z&direction=after&"
                    + "parentmsg_category=task&chatmsg_only=yes&file_only=yes&searchstring=q&size=9",
                "/api/spaces/s-1/messages/byref?size=30",
                "/api/users/me/messages?spacelist=s-1%2Cs-2&size=50&includedeleted=true&after=7",
                "/api/spaces/s-1/ideas?nextRefObjId=m-1", "/api/spaces/s-1/tasks?prevRefObjId=m-1", "/api/ideas/m-2/messages",
                "/api/tasks/m-2/messages?size=2",
            ])
        await #expect(throws: ServiceError.self) { for try await _ in client.comments(on: "m", category: .chat) {} }
        await #expect(throws: ServiceError.self) { for try await _ in client.changes(AvayaChangesQuery([])) {} }
        let many = (0..<16).map { RemoteConversationID("s-\($0)") }
        await #expect(throws: ServiceError.self) { for try await _ in client.changes(AvayaChangesQuery(many)) {} }
        #expect(transport.sent.count == 9)
    }

    @Test func `a listing is read over its pages, and each tells where it goes on and back`() async throws {
        let item = try Example.message()
        let transport = ScriptedHTTP { sent, _ in
            switch sent.head.path {
            case "/api/x?p=2":
                .json(200, #"{"data":[],"nextPageUrl":"/api/x?p=3","previousPageUrl":"/api/x?p=1"}"#)
            case "/api/x?p=3": .json(200, #"{"data":[\#(item)],"nextPageUrl":"end","prevPageUrl":"/api/x?p=2"}"#)
            default: .json(200, #"{"data":[\#(item),{"no":"id"}],"total":1,"nextPageUrl":"/api/x?p=2"}"#)
            }
        }
        let listing = try client(transport).messages(in: "s-1")
        var items = 0
        for try await _ in listing { items += 1 }
        #expect(items == 2 && transport.sent.count == 3)
        var pages: [ItemPage<AvayaMessage>] = []
        for try await page in listing.byPage() { pages.append(page) }
        #expect(pages.map(\.next) == ["/api/x?p=2", "/api/x?p=3", nil])
        #expect(pages.map(\.previous) == [nil, "/api/x?p=1", "/api/x?p=2"] && pages[0].rejects.count == 1)
        var rest = 0
        for try await page in listing.byPage(continuing: "/api/x?p=3") { rest += page.items.count }
        #expect(rest == 1)
    }

    @Test func `a listing that leads back to where it was ends with an error`() async throws {
        let transport = ScriptedHTTP(.json(200, #"{"data":[],"nextPageUrl":"/api/x"}"#))
        let listing = try client(transport).messages(in: "s-1")
        let error = await #expect(throws: ServiceError.self) { for try await _ in listing {} }
        #expect(error?.code == .unreadable && transport.sent.count == 2)
    }

    @Test func `members without links are read to their end`() async throws {
        let transport = ScriptedHTTP { sent, _ in
            let page = sent.head.path?.hasSuffix("page=0") == true ? 0..<30 : 30..<31
            return .json(200, #"{"data":[\#(page.map { #"{"member":"u-\#($0)"}"# }.joined(separator: ","))]}"#)
        }
        var ids: [ParticipantID] = []
        for try await member in try client(transport).members(of: "s-1") { ids.append(member.id) }
        #expect(ids == (0..<31).map { ParticipantID("u-\($0)") } && transport.sent.count == 2)
    }

    @Test func `files have addresses to put and to fetch them`() async throws {
        let transport = ScriptedHTTP { sent, _ in
            sent.head.path == "/api/files/getuploadurl"
                ? .json(200, #"{"data":[{"url":"https://storage.example/a?s","fileKey":"k-1"}]}"#)
                : .json(200, #"{"data":[{"url":"https://storage.example/b","fileKey":"k-1"},"https://storage.example/c"]}"#)
        }
        let client = try client(transport)
        let upload = AvayaUpload(mediaType: "image/png", bytes: 12)
        let put = try await client.uploadURLs(for: [upload], in: "s-1")
        #expect(put.map(\.fileKey) == ["k-1"] && put.first?.url.host() == "storage.example")
        let fetched = try await client.downloadURLs(for: ["k-1", "k-2"])
        #expect(fetched.map(\.fileKey) == ["k-1", "k-2"])
        #expect(
            transport.sent.map(\.text) == [
                #"{"files":[{"Content-Length":12,"Content-Type":"image/png"}],"topicId":"s-1"}"#, #"{"fileKeys":["k-1","k-2"]}"#,
            ])
        let error = await #expect(throws: ServiceError.self) { try await client.uploadURLs(for: [upload, upload]) }
        #expect(error?.code == .unreadable)
    }

    @Test(.enabled(if: AvayaRecording.isExpected)) func `what the service says of itself is read`() async throws {
        let limit = try AvayaRecording.answer("limit.response.partial.json")
        let configuration = try AvayaRecording.answer("service-configurations.response.json")
        let transport = ScriptedHTTP { sent, _ in
            switch sent.head.path {
            case "/api/limit": limit
            case "/api/service-configurations": configuration
            case "/api/flavor":
                .json(200, #"{"data":[{"flavorId":"eu","urls":{"apis":"https://eu.example","socket":"https://eus.example"}}]}"#)
            case "/api/flavor/email/ann%40example.com": .json(200, #"{"flavorId":"eu"}"#)
            default: .json(200, #"{"useGlobal":true}"#)
            }
        }
        let client = try client(transport)
        let limits = try await client.limits()
        #expect(limits.restRequests == 600 && limits.restInterval == .seconds(300) && limits.socketConnections == 3)
        #expect(limits.socketPayloadKilobytes == 16 && limits.socketEvents == 600 && limits.socketInterval == .seconds(60))
        #expect(try await client.serviceConfiguration(instead: .staging) == .production)
        let flavor = try #require(try await client.flavors().first)
        let servers = flavor.servers(instead: .production)
        #expect(servers.rest.host() == "eu.example" && servers.accounts == AvayaServers.production.accounts)
        #expect(try await client.flavorID(of: "ann@example.com") == "eu")
        #expect(try await client.flavorID(of: "bob") == nil)
    }

    @Test func `a hostile answer about limits and servers changes nothing`() async throws {
        let transport = ScriptedHTTP(
            .json(
                200,
                #"""
                {"global":{"rest_api":{"rate_limit":1e99,"rate_interval":-5},"socketio":[]},\#
                "spaces":{"server_url":"javascript:alert(1)","socketio_server_url":7},"accounts":null}
                """#))
        let client = try client(transport)
        let limits = try await client.limits()
        #expect(limits.restRequests == nil && limits.restInterval == nil && limits.socketConnections == nil)
        #expect(try await client.serviceConfiguration() == .production)
    }
}
