#if NIO
import HTTPTypes
import NIOHTTP1
import Testing
import TidemarkModel

/// What a transport says when an exchange fails, and that it sends nothing twice.
@Suite(.timeLimit(.minutes(1)))
struct FailureTests {
    @Test(arguments: TransportKind.allCases, ["/large", "/endless"])
    func `an answer over the limit ends while it streams`(_ kind: TransportKind, _ path: String) async throws {
        let server = try await LoopbackServer()
        let limits = HTTPLimits(maximumResponseBytes: 1_000_000)
        let failure = try await kind.with { await $0.failure(of: HTTPRequest(.get, path, port: server.port), limits: limits) }
        #expect(failure == TransportError(.responseTooLarge, requestMayHaveArrived: true))
        var closed = server.closed.makeAsyncIterator()
        #expect(await closed.next() == 1)
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `an answer exactly as large as the limit is whole`(_ kind: TransportKind) async throws {
        let server = try await LoopbackServer()
        let limits = HTTPLimits(maximumResponseBytes: 4_000_000)
        let request = HTTPRequest(.get, "/large", port: server.port)
        let response = try await kind.with { try await $0.send(request, body: [], limits: limits) }
        #expect(response.body.count == 4_000_000)
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases, ["/silent", "/slow"])
    func `the timeout covers the whole exchange`(_ kind: TransportKind, _ path: String) async throws {
        let server = try await LoopbackServer()
        // Long enough for the request to get there on a busy machine.
        let limits = HTTPLimits(timeout: .seconds(2))
        let failure = try await kind.with {
            await $0.failure(of: HTTPRequest(.post, path, port: server.port), body: [1], limits: limits)
        }
        #expect(failure == TransportError(.timeout, requestMayHaveArrived: true))
        #expect(server.seen.arrivals.count == 1)
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `a refused connection lets nothing out`(_ kind: TransportKind) async throws {
        let server = try await LoopbackServer()
        try await server.close()
        let request = HTTPRequest(.post, "/echo", port: server.port)
        // A client that tried again on its own would go on for 10 s each time, however fast the machine; one that does not is
        // only as slow as the machine is busy.
        var quickest = Duration.seconds(60)
        for _ in 0..<4 where quickest > .seconds(8) {
            let (failure, elapsed) = try await kind.with { transport in
                let began = ContinuousClock.now
                return (await transport.failure(of: request, body: [1]), ContinuousClock.now - began)
            }
            #expect(failure == TransportError(.unreachable, requestMayHaveArrived: false))
            quickest = min(quickest, elapsed)
        }
        #expect(quickest < .seconds(8))
    }

    @Test(arguments: TransportKind.allCases)
    func `a name that does not exist lets nothing out`(_ kind: TransportKind) async throws {
        let request = HTTPRequest(method: .post, scheme: "https", authority: "no-such-host.invalid", path: "/")
        let failure = try await kind.with { await $0.failure(of: request, body: [1]) }
        #expect(failure == TransportError(.unreachable, requestMayHaveArrived: false))
    }

    @Test(arguments: TransportKind.allCases)
    func `a failed TLS handshake lets nothing out`(_ kind: TransportKind) async throws {
        let server = try await LoopbackServer()
        let request = HTTPRequest(.post, "/echo", port: server.port, scheme: "https")
        let failure = try await kind.with { await $0.failure(of: request, body: [1]) }
        let named = TransportError(.unreachable, requestMayHaveArrived: false)
        #expect(failure == (kind.namesHandshakeFailures ? named : TransportError(.connectionLost, requestMayHaveArrived: true)))
        #expect(server.seen.arrivals.isEmpty)
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases, ["/half", "/drop"])
    func `a connection that closes instead of answering may have carried the request`(
        _ kind: TransportKind, _ path: String
    ) async throws {
        let server = try await LoopbackServer()
        let failure = try await kind.with { await $0.failure(of: HTTPRequest(.post, path, port: server.port), body: [1]) }
        #expect(failure == TransportError(.connectionLost, requestMayHaveArrived: true))
        #expect(server.seen.arrivals.count == 1)
        try await server.close()
    }

    // libcurl, and HTTP clients in general, like to repeat a request when a kept connection closes without a word.
    @Test(arguments: TransportKind.allCases, [HTTPRequest.Method.get, .post, .patch, .put, .delete])
    func `a request is not repeated on another connection`(_ kind: TransportKind, _ method: HTTPRequest.Method) async throws {
        let server = try await LoopbackServer()
        let failure = try await kind.with { transport in
            _ = try await transport.send(HTTPRequest(.get, "/echo", port: server.port), body: [], limits: HTTPLimits())
            return await transport.failure(of: HTTPRequest(method, "/drop", port: server.port))
        }
        #expect(failure == TransportError(.connectionLost, requestMayHaveArrived: true))
        #expect(server.seen.arrivals.map(\.target) == ["/echo", "/drop"])
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases, [HTTPRequest.Method.get, .post])
    func `a redirect is an answer`(_ kind: TransportKind, _ method: HTTPRequest.Method) async throws {
        let server = try await LoopbackServer()
        let request = HTTPRequest(method, "/redirect", port: server.port)
        let response = try await kind.with { try await $0.send(request, body: [], limits: HTTPLimits()) }
        #expect(response.head.status.code == 307)
        #expect(response.head.headerFields[.location] == "/elsewhere")
        #expect(server.seen.arrivals.map(\.target) == ["/redirect"])
        try await server.close()
    }
}
#endif
