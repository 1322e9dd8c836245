import HTTPTypes
import Testing
import TidemarkModel
@testable import TidemarkSimulator

/// Sockets in the process, on virtual time, beside the requests of the same service.
struct AvayaSocketTransportTests {
    private struct Stage {
        let clock = VirtualClock()
        let requests: SimulatorTransport<AvayaSimulator>
        let sockets: AvayaSocketTransport
        let space: String
        let token: String

        init(_ change: (inout AvayaBehavior) -> Void = { _ in }) {
            var behavior = AvayaBehavior()
            change(&behavior)
            var avaya = AvayaSimulator(behavior: behavior)
            avaya.fill(SeedData(), now: clock.now)
            space = avaya.spaces[0].id
            token = avaya.users[0].token
            requests = SimulatorTransport(FaultyAvaya(avaya), clock: clock)
            sockets = AvayaSocketTransport(requests, clock: clock)
        }

        func connect(_ more: String = "&EIO=3&transport=websocket") async throws(TransportError) -> any WebSocketConnection {
            try await sockets.connect(
                HTTPRequest(
                    method: .get, scheme: "https", authority: "spaces", path: "/socket.io/?token=\(token)&tokenType=jwt\(more)"),
                limits: WebSocketLimits())
        }

        /// In the namespace and subscribed, with all of that received.
        func join() async throws -> any WebSocketConnection {
            let connection = try await connect()
            try await connection.send("40/chat")
            try await connection.send(AvayaBench.subscription(space))
            for start in ["0{", "40", "40/chat", #"42/chat,["CHANNEL_SUBSCRIBED""#] {
                let text = try await connection.receive()
                #expect(text?.hasPrefix(start) == true)
            }
            return connection
        }

        func say(_ text: String) {
            let (space, now) = (space, clock.now)
            requests.with { faulty in
                _ = faulty.simulator.send(text, as: faulty.simulator.users[1].id, in: space, now: now)
            }
        }
    }

    @Test func `what others say is there to receive, and a waiting receiver gets it`() async throws {
        let stage = Stage()
        let connection = try await stage.join()
        stage.say("first")
        let first = try await connection.receive()
        async let second = connection.receive()
        stage.say("second")
        let told = try await second
        #expect(first?.contains("first") == true && told?.contains("second") == true)
        await connection.close()
        let end = try await connection.receive()
        let count = stage.requests.with { $0.simulator.connectionCount }
        #expect(end == nil && count == 0)
    }

    @Test func `a request of the same service is told`() async throws {
        let stage = Stage()
        let connection = try await stage.join()
        var head = HTTPRequest(
            method: .post, scheme: "https", authority: "spaces", path: "/api/spaces/\(stage.space)/chats")
        head.headerFields[.authorization] = "jwt \(stage.token)"
        let body = Array(#"{"content":{"bodyText":"posted"}}"#.utf8)
        let status = try await stage.requests.send(head, body: body, limits: HTTPLimits()).head.status.code
        let told = try await connection.receive()
        #expect(status == 200 && told?.contains("posted") == true)
    }

    @Test func `a cut network ends every connection, and lets none be opened`() async throws {
        let stage = Stage()
        let connection = try await stage.join()
        stage.requests.setCut(true)
        await #expect(throws: TransportError(.connectionLost, requestMayHaveArrived: true)) { try await connection.receive() }
        await #expect(throws: TransportError(.connectionLost, requestMayHaveArrived: false)) { try await connection.send("2") }
        await #expect(throws: TransportError(.unreachable, requestMayHaveArrived: false)) { _ = try await stage.connect() }
        stage.requests.setCut(false)
        _ = try await stage.join()
    }

    @Test func `a refused socket is refused with its status`() async throws {
        let stage = Stage()
        await #expect(throws: TransportError(.refused(status: 400), requestMayHaveArrived: true)) {
            _ = try await stage.connect("&EIO=3&transport=polling")
        }
    }

    @Test func `what lags is delivered when it is due`() async throws {
        let stage = Stage { $0.eventLag = 1000 }
        let connection = try await stage.join()
        stage.say("late")
        try await connection.send("2")
        let pong = try await connection.receive()
        #expect(pong == "3")
        stage.clock.advance(by: .seconds(1))
        stage.sockets.deliver()
        let told = try await connection.receive()
        #expect(told?.contains("late") == true)
        stage.clock.advance(by: .seconds(86))
        stage.sockets.deliver()
        let end = try await connection.receive()
        #expect(end == nil)
    }

    @Test func `a cancelled receiver stops waiting`() async throws {
        let stage = Stage()
        let connection = try await stage.join()
        let task = Task { () async -> TransportError? in
            do throws(TransportError) {
                _ = try await connection.receive()
                return nil
            } catch {
                return error
            }
        }
        task.cancel()
        let error = await task.value
        #expect(error?.code == .cancelled)
    }
}
