#if NIO
import HTTPTypes
import Testing
import TidemarkModel

/// Cancelling ends an exchange at once and says truly whether its request may have arrived.
@Suite(.timeLimit(.minutes(1)))
struct CancellationTests {
    @Test(arguments: TransportKind.allCases, ["/silent", "/slow"])
    func `a request that the server has may have arrived`(_ kind: TransportKind, _ path: String) async throws {
        let server = try await LoopbackServer()
        let failure = try await kind.with { transport in
            await cancelled(
                { await transport.failure(of: HTTPRequest(.post, path, port: server.port), body: [1]) },
                after: server.arrivals)
        }
        #expect(failure == TransportError(.cancelled, requestMayHaveArrived: true))
        var closed = server.closed.makeAsyncIterator()
        #expect(await closed.next() == 1)
        #expect(server.seen.arrivals.count == 1)
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `a task cancelled before the call opens nothing`(_ kind: TransportKind) async throws {
        let server = try await LoopbackServer()
        let failure = try await kind.with { transport in
            let (gate, open) = AsyncStream.makeStream(of: Void.self)
            return await cancelled(
                {
                    open.yield()
                    for await _ in AsyncStream<Void>.never {}
                    return await transport.failure(of: HTTPRequest(.post, "/echo", port: server.port), body: [1])
                }, after: gate)
        }
        #expect(failure == TransportError(.cancelled, requestMayHaveArrived: false))
        #expect(server.seen.connections == 0)
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `a request whose TLS handshake never ends has not left`(_ kind: TransportKind) async throws {
        let server = try await LoopbackServer(speaksHTTP: false)
        let request = HTTPRequest(.post, "/echo", port: server.port, scheme: "https")
        let failure = try await kind.with { transport in
            let failure = await cancelled({ await transport.failure(of: request, body: [1]) }, after: server.opened)
            try await server.close()
            return failure
        }
        #expect(failure == TransportError(.cancelled, requestMayHaveArrived: !kind.knowsHowFarItCame))
    }

    @Test(arguments: TransportKind.allCases)
    func `a handshake that never ends runs into the timeout`(_ kind: TransportKind) async throws {
        let server = try await LoopbackServer(speaksHTTP: false)
        let request = HTTPRequest(.post, "/echo", port: server.port, scheme: "https")
        let limits = HTTPLimits(timeout: .milliseconds(300))
        let failure = try await kind.with { transport in
            let failure = await transport.failure(of: request, body: [1], limits: limits)
            try await server.close()
            return failure
        }
        #expect(failure == TransportError(.timeout, requestMayHaveArrived: !kind.knowsHowFarItCame))
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

extension AsyncStream {
    /// Ends only with its task.
    fileprivate static var never: AsyncStream { AsyncStream { _ in } }
}
#endif
