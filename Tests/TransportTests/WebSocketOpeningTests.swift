#if NIO
import HTTPTypes
import NIOSSL
import Testing
import TidemarkAsyncHTTPClient
import TidemarkModel

/// How a WebSocket is opened, or not.
@Suite(.timeLimit(.minutes(1)))
struct WebSocketOpeningTests {
    private let transport = NIOWebSocketTransport()

    private func failure(
        _ request: HTTPRequest, _ limits: WebSocketLimits = WebSocketLimits(), over transport: NIOWebSocketTransport? = nil
    ) async -> TransportError? {
        do {
            await (try (transport ?? self.transport).connect(request, limits: limits)).close()
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [200, 301, 401, 403, 404, 429, 503])
    func `a handshake that is answered with a status is refused`(_ status: Int) async throws {
        let server = try await WebSocketServer()
        let failure = await failure(HTTPRequest(.get, "/refuse/\(status)", port: server.port))
        #expect(failure == TransportError(.refused(status: status), requestMayHaveArrived: true))
        #expect(failure?.code.refusedStatus == status)
        var closed = server.closed.makeAsyncIterator()
        #expect(await closed.next() == 1)
        try await server.close()
    }

    @Test func `plain ws to another host is refused before any connection`() async throws {
        let server = try await WebSocketServer()
        let request = HTTPRequest(.get, "/echo", port: server.port, host: "127.0.0.2")
        #expect(await failure(request) == TransportError(.insecure, requestMayHaveArrived: false))
        let allowed = await failure(request, over: NIOWebSocketTransport(allowsPlainHTTP: true))
        // Allowed, it is tried; this server listens to another address.
        #expect(allowed == TransportError(.unreachable, requestMayHaveArrived: false))
        #expect(server.heads.isEmpty)
        try await server.close()
    }

    @Test func `a port that nobody listens to is unreachable`() async throws {
        let server = try await WebSocketServer()
        try await server.close()
        let failure = await failure(HTTPRequest(.get, "/echo", port: server.port))
        #expect(failure == TransportError(.unreachable, requestMayHaveArrived: false))
    }

    @Test func `a name that nobody has is unreachable`() async {
        let request = HTTPRequest(method: .get, scheme: "https", authority: "nobody.invalid", path: "/")
        #expect(await failure(request) == TransportError(.unreachable, requestMayHaveArrived: false))
    }

    @Test func `a handshake that is never answered runs into the timeout`() async throws {
        let server = try await WebSocketServer()
        let limits = WebSocketLimits(connectTimeout: .seconds(2))
        let failure = await failure(HTTPRequest(.get, "/mute", port: server.port), limits)
        #expect(failure == TransportError(.timeout, requestMayHaveArrived: true))
        try await server.close()
    }

    @Test func `no time at all opens nothing`() async throws {
        let server = try await WebSocketServer()
        let limits = WebSocketLimits(connectTimeout: .zero)
        let failure = await failure(HTTPRequest(.get, "/echo", port: server.port), limits)
        #expect(failure == TransportError(.timeout, requestMayHaveArrived: false))
        #expect(server.heads.isEmpty)
        try await server.close()
    }

    @Test func `cancelling while it connects closes the connection`() async throws {
        let server = try await WebSocketServer()
        let request = HTTPRequest(.get, "/mute", port: server.port)
        let ending = await cancelled({ await failure(request) }, after: server.asked)
        #expect(ending == TransportError(.cancelled, requestMayHaveArrived: true))
        var closed = server.closed.makeAsyncIterator()
        #expect(await closed.next() == 1)
        try await server.close()
    }

    @Test func `cancelling what receives leaves the connection usable`() async throws {
        let server = try await WebSocketServer()
        let connection = try await transport.connect(HTTPRequest(.get, "/echo", port: server.port), limits: WebSocketLimits())
        let (waiting, isWaiting) = AsyncStream.makeStream(of: Void.self)
        let failure = await cancelled(
            {
                isWaiting.yield()
                do throws(TransportError) {
                    _ = try await connection.receive()
                    return nil
                } catch {
                    return error
                }
            }, after: waiting)
        #expect(failure?.code == .cancelled)
        try await connection.send("still here")
        #expect(try await connection.receive() == "still here")
        await connection.close()
        try await server.close()
    }

    // The other side reads nothing: what is sent fills the buffers of both machines and then waits.
    @Test func `cancelling what sends ends it`() async throws {
        let server = try await WebSocketServer()
        let connection = try await transport.connect(HTTPRequest(.get, "/echo", port: server.port), limits: WebSocketLimits())
        let task = Task { () -> TransportError? in
            do throws(TransportError) {
                // The echo comes back to nobody, so that both sides stop reading in the end.
                while true { try await connection.send(String(repeating: "z", count: 1_000_000)) }
            } catch {
                return error
            }
        }
        var frames = server.frames.makeAsyncIterator()
        for _ in 0..<3 { _ = await frames.next() }
        task.cancel()
        #expect(await task.value?.code == .cancelled)
        await connection.close()
        try await server.close()
    }

    @Test func `a trusted certificate opens, another one does not`() async throws {
        let certificate = try TestCertificate.load()
        let server = try await WebSocketServer(certificate: certificate)
        let trusting = NIOWebSocketTransport(trustedCertificates: Array(TestCertificate.pem.utf8))
        let request = HTTPRequest(.get, "/echo", port: server.port, scheme: "https", host: "localhost")
        let connection = try await trusting.connect(request, limits: WebSocketLimits())
        try await connection.send("over TLS")
        #expect(try await connection.receive() == "over TLS")
        await connection.close()
        let unreachable = TransportError(.unreachable, requestMayHaveArrived: false)
        // The system trusts nobody of that name; and the name counts, too.
        #expect(await failure(request) == unreachable)
        let byAddress = HTTPRequest(.get, "/echo", port: server.port, scheme: "https")
        #expect(await failure(byAddress, over: trusting) == unreachable)
        #expect(server.heads.count == 1)
        try await server.close()
    }

    @Test func `wss to a server without TLS is unreachable`() async throws {
        let server = try await WebSocketServer()
        let failure = await failure(HTTPRequest(.get, "/echo", port: server.port, scheme: "https"))
        #expect(failure == TransportError(.unreachable, requestMayHaveArrived: false))
        try await server.close()
    }

    /// Runs the operation, and cancels it at the first signal.
    private func cancelled<Signal: Sendable>(
        _ operation: @escaping @Sendable () async -> TransportError?, after signals: AsyncStream<Signal>
    ) async -> TransportError? {
        await withTaskGroup(of: TransportError?.self) { group in
            group.addTask { await operation() }
            var iterator = signals.makeAsyncIterator()
            _ = await iterator.next()
            group.cancelAll()
            return await group.next() ?? nil
        }
    }
}
#endif
