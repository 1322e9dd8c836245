#if Tools
import Foundation
import HTTPTypes
import Testing
import TidemarkAsyncHTTPClient
import TidemarkModel
import TidemarkSimulator
import TidemarkSimulatorServer

/// A real socket, a real client. The server's clock is virtual, so that nothing waits.
struct ServerTests {
    private struct Stage: Sendable {
        var server: SimulatorServer<AzureSimulator>
        var transport: AsyncHTTPClientTransport
        var description: SimulatorDescription
        var thread: String

        var path: String { "/chat/threads/\(thread)/messages?api-version=2024-03-07" }

        func send(_ text: String) async throws(TransportError) -> TransportResponse {
            var request = HTTPRequest(
                method: .post, scheme: "http", authority: "127.0.0.1:\(description.port)", path: path)
            request.headerFields[.authorization] = "Bearer \(description.accounts[0].token)"
            return try await transport.send(request, body: Array(#"{"content":"\#(text)"}"#.utf8), limits: HTTPLimits())
        }

        /// What was sent and arrived.
        var texts: [String] {
            server.with { azure in azure.simulator.threads[0].messages.filter { $0.kind == .text }.map(\.content) }
        }
    }

    private func serving(_ faults: String, _ body: @escaping @Sendable (Stage) async throws -> Void) async throws {
        var azure = AzureSimulator()
        let clock = VirtualClock()
        let thread = azure.createThread("t", by: azure.users[0].id, with: [], now: clock.now)
        let server = SimulatorServer(FaultyAzure(azure, faults: try FaultPlan(faults)), clock: clock)
        let (ready, announce) = AsyncStream.makeStream(of: SimulatorDescription.self)
        let transport = AsyncHTTPClientTransport()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { announce.finish() }
                try await server.run { announce.yield($0) }
            }
            var start = ready.makeAsyncIterator()
            if let description = await start.next() {
                do {
                    try await body(Stage(server: server, transport: transport, description: description, thread: thread))
                } catch {
                    Issue.record(error)
                }
            } else {
                Issue.record("the server did not start")
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        await transport.shutdown()
    }

    @Test func `a request on the socket is answered, and the description leads to it`() async throws {
        try await serving("delay=20ms") { stage in
            let answer = try await stage.send("hello")
            #expect(answer.head.status.code == 201 && stage.texts == ["hello"])
            #expect(stage.description.url == "http://127.0.0.1:\(stage.description.port)" && stage.description.port > 0)
            #expect(stage.description.connectionString.hasPrefix("endpoint=\(stage.description.url)/;accesskey="))
            #expect(stage.description.accounts.count == 4)
            let location = answer.head.headerFields[.location] ?? ""
            #expect(location.hasPrefix(stage.description.url))
        }
    }

    @Test func `a lost request is a lost connection, and nothing was applied`() async throws {
        try await serving("drop-request=1") { stage in
            await #expect(throws: TransportError(.connectionLost, requestMayHaveArrived: true)) { try await stage.send("x") }
            #expect(stage.texts.isEmpty)
            stage.server.with { $0.faults.stop() }
            let status1 = try await stage.send("after").head.status.code
            #expect(status1 == 201)
        }
    }

    @Test func `a lost answer is a lost connection, and it was applied`() async throws {
        try await serving("drop-response=1") { stage in
            await #expect(throws: TransportError(.connectionLost, requestMayHaveArrived: true)) { try await stage.send("x") }
            #expect(stage.texts == ["x"])
        }
    }

    @Test func `a late request is a lost connection, and it arrives after all`() async throws {
        try await serving("late=1,late-by=0ms") { stage in
            await #expect(throws: TransportError(.connectionLost, requestMayHaveArrived: true)) { try await stage.send("late") }
            stage.server.with { $0.faults.stop() }
            _ = try await stage.send("next")
            #expect(stage.texts == ["late", "next"])
        }
    }

    @Test func `a status is answered without acting, or after it`() async throws {
        try await serving("status-503=1") { stage in
            let status2 = try await stage.send("x").head.status.code
            #expect(status2 == 503)
            #expect(stage.texts.isEmpty)
        }
        try await serving("applied-504=1") { stage in
            let status3 = try await stage.send("x").head.status.code
            #expect(status3 == 504)
            #expect(stage.texts == ["x"])
        }
    }

    @Test func `a state in a file goes on where it ended, and a file of something else is told`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "state-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let state = SimulatorState(path: path)
        #expect(try state.load()?.simulator.users.count == nil)
        var azure = AzureSimulator(seed: 21)
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        let thread = azure.createThread("kept", by: azure.users[0].id, with: [], now: now)
        azure.send("kept too", as: azure.users[0].id, in: thread, now: now)
        try state.save(FaultyAzure(azure, faults: try FaultPlan("late=0.5")))
        let loaded = try #require(try state.load())
        #expect(loaded.simulator.threads == azure.threads && loaded.simulator.users == azure.users)
        #expect(loaded.simulator.accessKey == azure.accessKey)
        try Data("{}".utf8).write(to: URL(fileURLWithPath: path))
        #expect { try state.load() } throws: { ($0 as? SimulatorStateError)?.description.contains("--state") == true }
    }
}
#endif
