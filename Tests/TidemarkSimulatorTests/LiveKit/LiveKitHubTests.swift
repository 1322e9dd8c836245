#if Tools
import HTTPTypes
import Testing
import TidemarkAsyncHTTPClient
import TidemarkModel
import TidemarkSimulatorServer
@testable import TidemarkSimulator

/// Real sockets on ports of their own. The server's clock is virtual, so that nothing waits.
@Suite(.timeLimit(.minutes(2)))
struct LiveKitHubTests {
    private struct Stage: Sendable {
        var server: LiveKitServer
        var description: LiveKitDescription
        var hub: String { description.hub }

        func send(_ text: String, using transport: AsyncHTTPClientTransport) async throws -> Int {
            let token = server.with { faulty in
                var grants = LiveKitGrants()
                grants.roomAdmin = true
                grants.room = "lobby"
                return faulty.simulator.token(grants, now: Timestamp(milliseconds: 1_700_000_000_000))
            }
            var head = HTTPRequest(
                method: .post, scheme: "http", authority: "127.0.0.1:\(description.port)",
                path: "/twirp/livekit.RoomService/SendData")
            head.headerFields[.contentType] = "application/json"
            head.headerFields[.authorization] = "Bearer \(token)"
            let data = WireText.base64(Array(text.utf8))
            let body = Array(#"{"room":"lobby","topic":"lk-chat-topic","data":"\#(data)"}"#.utf8)
            return try await transport.send(head, body: body, limits: HTTPLimits()).head.status.code
        }
    }

    private func serving(
        _ behavior: LiveKitBehavior = LiveKitBehavior(), limits: LiveKitHub.Limits = LiveKitHub.Limits(),
        _ body: @escaping @Sendable (Stage) async throws -> Void
    ) async throws {
        let clock = VirtualClock()
        var livekit = LiveKitSimulator(behavior: behavior, now: clock.now)
        livekit.fill(SeedData(), now: clock.now)
        let server = LiveKitServer(FaultyLiveKit(livekit), limits: limits, clock: clock)
        let (ready, announce) = AsyncStream.makeStream(of: LiveKitDescription.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { announce.finish() }
                try await server.run { announce.yield($0) }
            }
            var start = ready.makeAsyncIterator()
            if let description = await start.next() {
                do {
                    try await body(Stage(server: server, description: description))
                } catch {
                    Issue.record(error)
                }
            } else {
                Issue.record("the server did not start")
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test func `three connections meet in one room, and nobody hears themselves`() async throws {
        try await serving { stage in
            try await HubClient.join(stage.hub, "alice") { alice in
                try await HubClient.join(stage.hub, "bob") { bob in
                    try await HubClient.join(stage.hub, "carol", room: "studio") { carol in
                        try await alice.publish("from alice", more: #","identity":"mallory""#)
                        try await bob.publish("from bob 😀")
                        try await carol.publish("elsewhere")
                        let heard = (try await alice.text(), try await bob.text())
                        #expect(heard.0 == ("from bob 😀", "bob") && heard.1 == ("from alice", "alice"))
                        try await bob.publish("second")
                        let next = try await alice.text()
                        #expect(next == ("second", "bob"))
                    }
                }
            }
        }
    }

    @Test func `what the room service sends arrives without an identity`() async throws {
        try await serving { stage in
            let transport = AsyncHTTPClientTransport()
            try await HubClient.join(stage.hub, "alice") { alice in
                let status = try await stage.send("notice", using: transport)
                #expect(status == 200)
                let line = try await alice.next()
                #expect(line["identity"] == .null && line["topic"]?.text == "lk-chat-topic")
                #expect(line["payload_base64"]?.text == WireText.base64(Array("notice".utf8)))
                #expect(line["room"]?.text == "lobby" && line["reliable"] == .bool(true))
            }
            await transport.shutdown()
        }
    }

    @Test func `a stream keeps its id, its time and its attributes`() async throws {
        try await serving { stage in
            try await HubClient.join(stage.hub, "alice") { alice in
                try await HubClient.join(stage.hub, "bob") { bob in
                    let more = #","stream_id":"s-1","timestamp":1700000000123,"attributes":{"ü":"2"},"reliable":true"#
                    try await alice.publish("stream", more: more)
                    let line = try await bob.next()
                    #expect(line["stream_id"]?.text == "s-1" && line["timestamp"] == .number(1_700_000_000_123))
                    #expect(line["attributes"]?["ü"]?.text == "2")
                }
            }
        }
    }

    @Test func `a bad line is answered with an error, and the connection goes on`() async throws {
        let bad = [
            "nonsense", "[]", "\"x\"", "{", #"{"topic":"t"}"#, #"{"topic":5,"payload_base64":""}"#,
            #"{"payload_base64":"%%%"}"#, #"{"payload_base64":"","reliable":"yes"}"#,
            #"{"payload_base64":"","destination_identities":"bob"}"#, #"{"payload_base64":"","attributes":{"a":1}}"#,
            String(repeating: "[", count: 20_000), "\u{0}",
        ]
        try await serving { stage in
            try await HubClient.join(stage.hub, "alice") { alice in
                try await HubClient.join(stage.hub, "bob") { bob in
                    for line in bad {
                        try await bob.send(line)
                        let answer = try await bob.next()
                        #expect(
                            answer["event"]?.text == "error" && answer["message"]?.text?.isEmpty == false, "\(line.prefix(40))")
                    }
                    try await bob.send([0xFF, 0xFE, 0x0A])
                    #expect(try await bob.next()["event"]?.text == "error")
                    try await bob.send("\n\n" + #"{"event":"status"}"#)
                    try await bob.publish("good")
                    let heard = try await alice.text()
                    #expect(heard == ("good", "bob"))
                }
            }
            #expect(stage.server.with { $0.simulator.accepted.count } == 1)
        }
    }

    @Test func `nothing is published before a join, and a join that can't be is told`() async throws {
        var behavior = LiveKitBehavior()
        behavior.joinOpensRooms = false
        try await serving(behavior) { stage in
            try await HubClient.connect(stage.hub) { client in
                let lines = [
                    #"{"topic":"t","payload_base64":""}"#, #"{"room":"lobby"}"#, #"{"room":1,"identity":"a"}"#,
                    #"{"room":"\#(stage.description.absentRoom)","identity":"a"}"#, #"{"room":"lobby","identity":""}"#,
                ]
                for line in lines {
                    try await client.send(line)
                    let event = try await client.next()["event"]?.text
                    #expect(event == "error", "\(line)")
                }
                try await client.send(#"{"room":"lobby","identity":"a"}"#)
                let event = try await client.next()["event"]?.text
                #expect(event == "connected")
            }
        }
    }

    @Test func `a line over the limit is thrown away whole`() async throws {
        var limits = LiveKitHub.Limits()
        limits.maximumLineBytes = 1000
        try await serving(limits: limits) { stage in
            try await HubClient.join(stage.hub, "alice") { alice in
                try await HubClient.join(stage.hub, "bob") { bob in
                    try await bob.publish(String(repeating: "x", count: 200_000))
                    let event = try await bob.next()["event"]?.text
                    #expect(event == "error")
                    try await bob.publish("short")
                    let heard = try await alice.text()
                    #expect(heard == ("short", "bob"))
                }
            }
        }
    }

    @Test func `hanging up is leaving, half a line is nothing, and a second of the same name puts the first out`() async throws {
        try await serving { stage in
            try await HubClient.join(stage.hub, "alice") { alice in
                try await HubClient.join(stage.hub, "bob") { bob in
                    try await bob.send(Array(#"{"topic":"lk-chat-topic","payload_base64":"#.utf8))
                }
                try await HubClient.join(stage.hub, "alice") { second in
                    let event = try await alice.next()["event"]?.text
                    #expect(event == "disconnected")
                    #expect(try await alice.nextUnlessEnded() == nil)
                    try await HubClient.join(stage.hub, "carol") { carol in
                        try await carol.publish("to the second")
                        let heard = try await second.text()
                        #expect(heard.identity == "carol")
                    }
                }
            }
            #expect(stage.server.with { $0.simulator.accepted.count } == 1)
        }
    }

    @Test func `who is in a room that closes is told and hung up on`() async throws {
        try await serving { stage in
            try await HubClient.join(stage.hub, "alice") { alice in
                stage.server.with { $0.simulator.close("lobby", now: Timestamp(milliseconds: 1_700_000_000_000)) }
                let event = try await alice.next()["event"]?.text
                #expect(event == "disconnected")
                #expect(try await alice.nextUnlessEnded() == nil)
            }
        }
    }

    @Test func `one connection too many is told so`() async throws {
        var limits = LiveKitHub.Limits()
        limits.maximumConnections = 1
        try await serving(limits: limits) { stage in
            try await HubClient.join(stage.hub, "alice") { _ in
                try await HubClient.connect(stage.hub) { other in
                    let event = try await other.next()["event"]?.text
                    #expect(event == "error")
                    #expect(try await other.nextUnlessEnded() == nil)
                }
            }
        }
    }

    @Test func `a flood reaches a reader that keeps up, in its order`() async throws {
        try await serving { stage in
            try await HubClient.join(stage.hub, "alice") { alice in
                try await HubClient.join(stage.hub, "bob") { bob in
                    for number in 0..<150 {
                        try await bob.publish("\(number)")
                        let heard = try await alice.text()
                        #expect(heard.text == "\(number)")
                    }
                }
            }
        }
    }

    @Test func `packets that are under way arrive, and each sender's in order`() async throws {
        var behavior = LiveKitBehavior()
        behavior.longestWay = 700
        try await serving(behavior) { stage in
            try await HubClient.join(stage.hub, "alice") { alice in
                try await HubClient.join(stage.hub, "bob") { bob in
                    for number in 0..<50 { try await bob.publish("\(number)") }
                    var heard: [String] = []
                    for _ in 0..<50 { heard.append(try await alice.text().text) }
                    #expect(heard == (0..<50).map { "\($0)" })
                }
            }
        }
    }
}
#endif
