#if Tools
import Foundation
import HTTPTypes
import Testing
import TidemarkAsyncHTTPClient
import TidemarkAvaya
import TidemarkModel
import TidemarkSimulatorServer
@testable import TidemarkSimulator

/// Real sockets on ports of their own. The server's clock is virtual, so that nothing waits.
@Suite(.timeLimit(.minutes(2)))
struct AvayaServerTests {
    private struct Stage: Sendable {
        var server: AvayaServer
        var description: AvayaDescription
        var sockets: String { description.socketURL }
        var space: String { description.spaces[0] }

        func servers() throws -> AvayaServers {
            let rest = try #require(URL(string: description.url))
            return AvayaServers(rest: rest, socket: try #require(URL(string: sockets)), accounts: rest)
        }

        func token(_ user: Int = 0) -> String { description.accounts[user].token }

        /// Posts a chat as the first account.
        func post(_ text: String) async throws -> Int {
            let transport = AsyncHTTPClientTransport()
            var head = HTTPRequest(
                method: .post, scheme: "http", authority: "127.0.0.1:\(description.port)", path: "/api/spaces/\(space)/chats")
            head.headerFields[.authorization] = "jwt \(token())"
            let body = JSON.members(("content", .members(("bodyText", .text(text)))))
            do {
                let answer = try await transport.send(head, body: body.bytes, limits: HTTPLimits())
                await transport.shutdown()
                return answer.head.status.code
            } catch {
                await transport.shutdown()
                throw error
            }
        }
    }

    private func serving(
        _ behavior: AvayaBehavior = AvayaBehavior(), limits: AvayaSocketLimits = AvayaSocketLimits(),
        _ body: @escaping @Sendable (Stage) async throws -> Void
    ) async throws {
        let clock = VirtualClock()
        var avaya = AvayaSimulator(behavior: behavior, now: clock.now)
        avaya.fill(SeedData(), now: clock.now)
        let server = AvayaServer(FaultyAvaya(avaya), limits: limits, clock: clock)
        let (ready, announce) = AsyncStream.makeStream(of: AvayaDescription.self)
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

    @Test func `the description leads to the service`() async throws {
        try await serving { stage in
            let description = stage.description
            #expect(description.service == "avaya" && description.url == "http://127.0.0.1:\(description.port)")
            #expect(description.accounts.count == 4 && description.spaces.count == 2)
            #expect(description.socketURL.hasPrefix("http://127.0.0.1:") && description.socketURL != description.url)
            #expect(description.accountsURL == description.url)
            let told = stage.server.with { faulty in
                (faulty.simulator.socketURL, faulty.simulator.isGood(refreshToken: description.oauth.refreshToken))
            }
            #expect(told.0 == description.socketURL && told.1)
            let status = try await stage.post("hello")
            #expect(status == 200)
        }
    }

    @Test func `a file too large to hold goes up and comes down through the server`() async throws {
        try await serving { stage in
            let folder = FileManager.default.temporaryDirectory.appending(path: "tidemark-server-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let (up, down) = (folder.appending(path: "up").path, folder.appending(path: "down").path)
            let bytes = Data((0..<20_000_000).map { UInt8(truncatingIfNeeded: $0 % 251) })
            try bytes.write(to: URL(fileURLWithPath: up))
            let client = AvayaSpacesClient(
                servers: try stage.servers(), credential: try JWTAuthenticator(token: stage.token()),
                transport: AsyncHTTPClientTransport())
            let file = try await client.upload(AvayaLocalFile(path: up, mediaType: "video/mp4"), in: "x")
            // Neither the simulator's memory nor its state file holds the bytes.
            let (held, files) = stage.server.with { ($0.simulator.content(ofFile: file.fileID), $0.simulator.uploadedFiles) }
            #expect(held == nil && files == [file.fileID: 20_000_000])
            try await client.download(file.fileID, to: down)
            let same = try Data(contentsOf: URL(fileURLWithPath: down)) == bytes
            #expect(same)
        }
    }

    @Test func `a post reaches a socket whole, in fragments`() async throws {
        var limits = AvayaSocketLimits()
        limits.fragmentBytes = 1000
        try await serving(limits: limits) { stage in
            try await AvayaSocketClient.join(stage.sockets, stage.token(1), stage.space) { client in
                let text = String(repeating: "ä", count: 30_000)
                let status = try await stage.post(text)
                let told = try await client.text()
                let fragments = client.fragments
                #expect(status == 200 && told.contains(text) && fragments > 60)
            }
        }
    }

    @Test func `a fragmented message of a client is read whole`() async throws {
        try await serving { stage in
            try await AvayaSocketClient.join(stage.sockets, stage.token(), stage.space) { client in
                for (size, event) in [(1000, "MESSAGE_SENT"), (40_000, "SEND_MESSAGE_FAILED"), (100_000, "SEND_MESSAGE_FAILED")] {
                    let bytes = Array(AvayaBench.message(String(repeating: "x", count: size), in: stage.space).utf8)
                    let middle = bytes.count / 2
                    try await client.send(.init(isFinal: false, opcode: 1, payload: Array(bytes[..<middle])))
                    try await client.send(.init(isFinal: false, opcode: 0, payload: []))
                    try await client.send(.init(isFinal: true, opcode: 0, payload: Array(bytes[middle...])))
                    let told = try await client.text()
                    #expect(told.hasPrefix(#"42/chat,["\#(event)""#))
                }
            }
        }
    }

    @Test func `pings are answered, and a goodbye is returned`() async throws {
        try await serving { stage in
            try await AvayaSocketClient.join(stage.sockets, stage.token(), stage.space) { client in
                try await client.send(.init(isFinal: true, opcode: 9, payload: [1, 2]))
                let pong = try await client.frame()
                #expect(pong == .init(isFinal: true, opcode: 10, payload: [1, 2]))
                try await client.send(.init(isFinal: true, opcode: 8, payload: [0x03, 0xE8]))
                let rest = try await client.rest()
                #expect(rest == [.init(isFinal: true, opcode: 8, payload: [0x03, 0xE8])])
            }
            // Whoever is gone takes no place.
            for _ in 0..<4 { try await AvayaSocketClient.join(stage.sockets, stage.token(), stage.space) { _ in } }
        }
    }

    @Test func `a cut is an end without a goodbye, a time-out is one with it`() async throws {
        try await serving { stage in
            for isCut in [true, false] {
                try await AvayaSocketClient.join(stage.sockets, stage.token(), stage.space) { client in
                    stage.server.with { faulty in
                        let now = Timestamp(milliseconds: 1_700_000_000_000)
                        let connection = faulty.simulator.connections(of: stage.description.accounts[0].id).last ?? 0
                        if isCut {
                            faulty.simulator.cut(connection, now: now)
                        } else {
                            faulty.simulator.end(connection, .close(1000), at: 0)
                        }
                    }
                    let rest = try await client.rest()
                    #expect(rest == (isCut ? [] : [.init(isFinal: true, opcode: 8, payload: [0x03, 0xE8])]))
                }
            }
        }
    }

    @Test func `what is no socket is answered as a request`() async throws {
        try await serving { stage in
            for (target, status) in [
                ("/socket.io/?EIO=3&transport=polling", 400), ("/socket.io/?EIO=3&transport=websocket", 400), ("/", 404),
            ] {
                try await AvayaSocketClient.connect(stage.sockets) { client in
                    let answer = try await client.request(target)
                    #expect(answer.hasPrefix("HTTP/1.1 \(status)") && answer.contains("application/json"))
                }
            }
            try await AvayaSocketClient.connect(stage.sockets) { client in
                let answer = try await client.upgrade("/socket.io/?EIO=4&transport=websocket")
                #expect(answer.hasPrefix("HTTP/1.1 400"))
            }
        }
    }

    @Test func `bytes that are no frames, and messages that never end, end their connection only`() async throws {
        var limits = AvayaSocketLimits()
        limits.maximumMessageBytes = 100_000
        try await serving(limits: limits) { stage in
            let bad: [AvayaSocketClient.Frame] = [
                .init(isFinal: true, opcode: 1, payload: Array(repeating: 65, count: 200_000)),
                .init(isFinal: true, opcode: 2, payload: [1]), .init(isFinal: true, opcode: 0, payload: [1]),
                .init(isFinal: true, opcode: 11, payload: []),
            ]
            for frame in bad {
                try await AvayaSocketClient.join(stage.sockets, stage.token(), stage.space) { client in
                    try await client.send(frame)
                    // An unknown opcode may be passed over; whatever it is, the service goes on.
                    if frame.opcode != 11 {
                        let rest = try await client.rest()
                        #expect(rest.last?.opcode == 8 || rest.isEmpty)
                    }
                }
            }
            try await AvayaSocketClient.join(stage.sockets, stage.token(1), stage.space) { client in
                try await client.send(AvayaBench.message("still here", in: stage.space))
                let told = try await client.text()
                #expect(told.contains("still here"))
            }
        }
    }

    @Test func `who does not read is hung up on, and the others go on`() async throws {
        var limits = AvayaSocketLimits()
        limits.maximumUnsentBytes = 100_000
        try await serving(limits: limits) { stage in
            let ids = stage.description.accounts.map(\.id)
            let text = String(repeating: "x", count: 100_000)
            try await AvayaSocketClient.join(stage.sockets, stage.token(0), stage.space) { _ in
                try await AvayaSocketClient.join(stage.sockets, stage.token(1), stage.description.spaces[1]) { other in
                    // Each exchange of the other is a step of the server's; what the system holds of the first is some megabytes.
                    for _ in 0..<1000 where stage.server.with({ $0.simulator.connections(of: ids[0]) }).count == 1 {
                        stage.server.with { faulty in
                            _ = faulty.simulator.send(
                                text, as: ids[2], in: stage.space, now: Timestamp(milliseconds: 1_700_000_000_000))
                        }
                        try await other.send("2")
                        let answer = try await other.text()
                        #expect(answer == "3")
                    }
                    let left = stage.server.with { $0.simulator.connections(of: ids[0]).count }
                    #expect(left == 0)
                }
            }
        }
    }

    @Test func `there are as many connections as there may be`() async throws {
        var limits = AvayaSocketLimits()
        limits.maximumConnections = 1
        try await serving(limits: limits) { stage in
            try await AvayaSocketClient.join(stage.sockets, stage.token(), stage.space) { _ in
                try await AvayaSocketClient.connect(stage.sockets) { second in
                    let rest = try? await second.rest()
                    #expect(rest ?? [] == [])
                }
            }
        }
    }
}
#endif
