import Foundation
import HTTPTypes
import Testing
import TidemarkLiveKit
import TidemarkModel

@Suite struct RoomClientTests {
    private func client(_ transport: ScriptedTransport, _ endpoint: String = "wss://lk.example:7880/base/") throws
        -> LiveKitRoomClient
    {
        LiveKitRoomClient(
            endpoint: try #require(URL(string: endpoint)), credential: LiveKitCredential { _ in "tok-secret" },
            transport: transport)
    }

    private func recorded(_ name: String) throws -> [String: Any] {
        try #require(try Recording.list("protobuf.json", "cases").first { $0["name"] as? String == name })
    }

    @Test(.enabled(if: Recording.isExpected)) func `data is sent in the recorded JSON`() async throws {
        for name in ["send_data_request", "send_data_request_targets", "send_data_request_minimal"] {
            let json = try recorded(name).object("json_camel")
            let transport = ScriptedTransport { _ in .answer(200, "{}") }
            try await client(transport).sendData(
                LiveKitSendData(
                    room: try json.text("room"), payload: try Recording.bytes(json["data"]), topic: json["topic"] as? String,
                    isReliable: json["kind"] as? String != "LOSSY",
                    destinations: json["destinationIdentities"] as? [String] ?? [],
                    nonce: json["nonce"] == nil ? nil : LiveKitNonce(try Recording.bytes(json["nonce"]))))
            let sent = try #require(transport.sent.first)
            #expect(sent.json == json as NSDictionary, "\(name)")
            #expect(sent.head.path == "/base/twirp/livekit.RoomService/SendData")
            #expect(sent.head.scheme == "https" && sent.head.authority == "lk.example:7880" && sent.head.method == .post)
            #expect(sent.head.headerFields[.contentType] == "application/json")
            #expect(sent.head.headerFields[.authorization] == "Bearer tok-secret")
        }
    }

    @Test(.enabled(if: Recording.isExpected)) func `participants are read in every way in which they are written`() async throws {
        let item = try recorded("list_participants_response")
        for form in ["json_camel", "json_proto_names", "json_as_the_go_server_writes_it"] {
            let body = try JSONSerialization.data(withJSONObject: try item.object(form))
            let transport = ScriptedTransport { _ in TransportResponse(head: HTTPResponse(status: .ok), body: Array(body)) }
            let people = try await client(transport).listParticipants(in: "lobby")
            #expect(people.map(\.identity) == ["alice", "bob"] && people.map(\.sid) == ["PA_1", "PA_2"], "\(form)")
            #expect(people[0].attributes == ["k": "v"] && people[0].name == "N" && people[0].state == "ACTIVE", "\(form)")
            #expect(people[0].joinedAt == Timestamp(milliseconds: 1_700_000_000_123), "\(form)")
            #expect(people[1].joinedAt == Timestamp(milliseconds: 1_700_000_003_000) && people[1].state == "JOINED", "\(form)")
            #expect(people.allSatisfy { $0.canPublishData && !$0.isHidden }, "\(form)")
            #expect(transport.sent.first?.json == ["room": "lobby"])
        }
    }

    @Test func `rooms are listed, opened and read`() async throws {
        let room =
            #"{"sid":"RM_1","name":"lobby","empty_timeout":300,"departure_timeout":20,"creation_time":"1700000000","#
            + #""creation_time_ms":"0","num_participants":2,"metadata":"m","x":[1]}"#
        let transport = ScriptedTransport { sent in
            .answer(200, sent.head.path?.hasSuffix("ListRooms") == true ? #"{"rooms":[\#(room),{},7]}"# : room)
        }
        let client = try client(transport, "http://127.0.0.1")
        let rooms = try await client.listRooms(named: ["lobby"])
        let opened = try await client.createRoom("lobby", emptyTimeout: .seconds(60), metadata: "m")
        #expect(rooms == [opened])
        #expect(opened.sid == "RM_1" && opened.participantCount == 2 && opened.metadata == "m")
        #expect(opened.emptyTimeout == .seconds(300) && opened.departureTimeout == .seconds(20))
        #expect(opened.createdAt == Timestamp(milliseconds: 1_700_000_000_000))
        #expect(transport.sent.map(\.json) == [["names": ["lobby"]], ["name": "lobby", "emptyTimeout": 60, "metadata": "m"]])
        #expect(transport.sent.map(\.head.authority) == ["127.0.0.1", "127.0.0.1"])
    }

    @Test func `each call asks for a token that allows just that`() async throws {
        let transport = ScriptedTransport { _ in .answer(200, #"{"name":"r"}"#) }
        let (grants, asked) = AsyncStream<LiveKitVideoGrant>.makeStream()
        let client = LiveKitRoomClient(
            endpoint: try #require(URL(string: "https://lk.example")),
            credential: LiveKitCredential { grant in
                asked.yield(grant)
                return "t"
            }, transport: transport)
        try await client.sendData(LiveKitSendData(room: "r", payload: [1]))
        _ = try await client.listParticipants(in: "r")
        _ = try await client.listRooms()
        try await client.createRoom("r")
        asked.finish()
        var seen: [LiveKitVideoGrant] = []
        for await grant in grants { seen.append(grant) }
        #expect(seen == [.administer("r"), .administer("r"), .listRooms, .createRooms])
    }

    @Test(arguments: [
        ("", 1, true, [], ServiceError.Code.invalid), (String(repeating: "é", count: 129), 1, true, [], .invalid),
        ("r", 1, true, ["a", ""], .invalid), ("r", 15 * 1024 + 1, true, [], .tooLarge), ("r", 1_301, false, [], .tooLarge),
    ]) func `what rooms would lose does not leave`(
        room: String, bytes: Int, isReliable: Bool, destinations: [String], code: ServiceError.Code
    ) async throws {
        let data = LiveKitSendData(
            room: room, payload: [UInt8](repeating: 0, count: bytes), isReliable: isReliable, destinations: destinations)
        let transport = ScriptedTransport { _ in .answer(200, "{}") }
        let error = await #expect(throws: ServiceError.self) { try await client(transport).sendData(data) }
        #expect(error?.code == code && error?.certainty == .notApplied)
        #expect(transport.sent.isEmpty)
    }

    @Test(arguments: [
        (
            401, #"{"code":"unauthenticated","msg":"permissions denied"}"#, ServiceError.Code.forbidden,
            ServiceError.Certainty.notApplied
        ),
        (401, "invalid API key: x", .unauthenticated, .notApplied),
        (401, "", .unauthenticated, .notApplied),
        (400, #"{"code":"invalid_argument","msg":"nonce should be 16-bytes or not present"}"#, .invalid, .notApplied),
        (400, #"{"code":"malformed","msg":"failed to parse request json"}"#, .invalid, .notApplied),
        (404, #"{"code":"bad_route","msg":"no handler for path"}"#, .unsupported, .notApplied),
        (404, "404 page not found", .unsupported, .notApplied),
        (404, #"{"code":"not_found","msg":"room does not exist"}"#, .roomNotOpen, .notApplied),
        (403, #"{"code":"permission_denied","msg":""}"#, .forbidden, .notApplied),
        (408, #"{"code":"deadline_exceeded","msg":"request timed out"}"#, .serverFailure, .unknown),
        (413, "Request Entity Too Large", .tooLarge, .notApplied),
        (429, #"{"code":"resource_exhausted","msg":""}"#, .throttled, .notApplied),
        (500, #"{"code":"internal","msg":""}"#, .serverFailure, .unknown),
        (503, #"{"code":"unavailable","msg":"no response from servers"}"#, .serverFailure, .unknown),
        (502, "<html>", .serverFailure, .unknown), (302, "", .unreadable, .unknown),
        (200, "<html>Sign in</html>", .unreadable, .unknown), (200, "[]", .unreadable, .unknown),
        (204, "", .unreadable, .unknown),
    ]) func `an answer that is no success says what failed and how sure that is`(
        status: Int, body: String, code: ServiceError.Code, certainty: ServiceError.Certainty
    ) async throws {
        let transport = ScriptedTransport { sent in
            sent.head.path?.hasSuffix("ListRooms") == true ? .answer(200, #"{"rooms":[{"name":"r"}]}"#) : .answer(status, body)
        }
        let client = try client(transport)
        let error = await #expect(throws: ServiceError.self) {
            try await client.sendData(LiveKitSendData(room: "r", payload: [1]))
        }
        #expect(error?.code == code && error?.certainty == certainty && error?.status == status, "\(String(describing: error))")
        #expect(error?.scope == (code == .unauthenticated || code == .throttled ? .account : .lane))
        // A read writes nothing, whatever becomes of it.
        let read = await #expect(throws: ServiceError.self) { try await client.listParticipants(in: "r") }
        #expect(read?.code == code && read?.certainty == .notApplied)
        #expect(!"\(String(describing: error))".contains("tok-secret"))
    }

    @Test(arguments: [
        (#"{"rooms":[]}"#, 200, ServiceError.Code.roomNotOpen, ServiceError.Certainty.notApplied),
        ("{}", 200, .roomNotOpen, .notApplied), (#"{"rooms":[{"name":"R"}]}"#, 200, .roomNotOpen, .notApplied),
        (#"{"rooms":[{"name":"r"}]}"#, 200, .serverFailure, .unknown), ("", 503, .serverFailure, .unknown),
        (#"{"code":"unauthenticated","msg":"permissions denied"}"#, 401, .serverFailure, .unknown),
    ]) func `a server that gave no answer is told from a room that is not open by asking`(
        rooms: String, status: Int, code: ServiceError.Code, certainty: ServiceError.Certainty
    ) async throws {
        let transport = ScriptedTransport { sent in
            guard sent.head.path?.hasSuffix("ListRooms") == true else {
                return .answer(503, #"{"code":"unavailable","msg":"no response from servers"}"#)
            }
            return .answer(status, rooms)
        }
        let error = await #expect(throws: ServiceError.self) {
            try await client(transport).sendData(LiveKitSendData(room: "r", payload: [1]))
        }
        #expect(error?.code == code && error?.certainty == certainty && error?.status == 503)
        #expect(transport.sent.map(\.json).last == ["names": ["r"]])
    }

    @Test func `an exchange without an answer is unknown only for what writes`() async throws {
        let transport = ScriptedTransport { _ throws(TransportError) in
            throw TransportError(.timeout, requestMayHaveArrived: true)
        }
        let client = try client(transport)
        let sent = await #expect(throws: ServiceError.self) {
            try await client.sendData(LiveKitSendData(room: "r", payload: [1]))
        }
        #expect(sent?.code == .answerLost && sent?.certainty == .unknown)
        let read = await #expect(throws: ServiceError.self) { try await client.listRooms() }
        #expect(read?.certainty == .notApplied)
        let down = ScriptedTransport { _ throws(TransportError) in
            throw TransportError(.unreachable, requestMayHaveArrived: false)
        }
        let refused = await #expect(throws: ServiceError.self) {
            try await self.client(down).sendData(LiveKitSendData(room: "r", payload: [1]))
        }
        #expect(refused?.code == .unreachable && refused?.certainty == .notApplied && refused?.scope == .host)
    }

    @Test func `a nonce is sixteen bytes, never zero, and another one for each packet of a message`() {
        #expect(LiveKitNonce([UInt8](repeating: 0, count: 16)) == nil)
        #expect(LiveKitNonce([UInt8](repeating: 1, count: 15)) == nil && LiveKitNonce([]) == nil)
        #expect(LiveKitNonce([UInt8](repeating: 1, count: 17)) == nil)
        var zeros = SeededGenerator(seed: 1)
        #expect(LiveKitNonce.random(using: &zeros).bytes.count == 16 && LiveKitNonce.random() != LiveKitNonce.random())
        let token: Token = "00112233-4455-6677-8899-aabbccddeeff"
        #expect(LiveKitNonce(token)?.bytes == (0..<16).map { UInt8($0) * 0x11 })
        #expect(Set((0..<8).map { LiveKitNonce(token, packet: $0) }).count == 8)
        #expect(LiveKitNonce("no uuid" as Token) == nil)
    }
}
