#if NIO
import Foundation
import HTTPTypes
import Testing
import TidemarkModel

/// Files that come down: whole or not at all.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct DownloadTests {
    @Test(arguments: TransportKind.allCases, [0, 1, 64_256, 5_000_001])
    func `a body becomes a file that only its owner reads`(_ kind: TransportKind, _ size: Int) async throws {
        let (server, folder, moved) = (try await LoopbackServer(), try TemporaryFolder(), Steps())
        // What was there before is replaced.
        let path = try folder.make("file", [9])
        let request = HTTPRequest(.get, "/bytes?\(size)", port: server.port)
        let response = try await kind.with { transport in
            try await transport.download(request, to: path, limits: HTTPLimits(), maximumBytes: 5_000_001) { moved.add($0) }
        }
        #expect(response.head.status.code == 200)
        #expect(response.body.isEmpty)
        #expect(try folder.bytes("file") == Pattern.bytes(size))
        #expect(folder.names == ["file"])
        let rights = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(rights == 0o600)
        #expect(moved.all == moved.all.sorted())
        #expect(size == 0 || moved.all.last == Int64(size))
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `a refusal is an answer with its body and leaves no file`(_ kind: TransportKind) async throws {
        let (server, folder, moved) = (try await LoopbackServer(), try TemporaryFolder(), Steps())
        let request = HTTPRequest(.get, "/503", port: server.port)
        let response = try await kind.with { transport in
            try await transport.download(request, to: folder.file("file"), limits: HTTPLimits(), maximumBytes: 1) {
                moved.add($0)
            }
        }
        #expect(response.head.status.code == 503)
        #expect(response.head.headerFields[.retryAfter] == "7")
        #expect(response.body == Array("busy".utf8))
        #expect(folder.names.isEmpty)
        // URLSession on Linux does not know yet what it is that comes.
        #expect(moved.all.isEmpty || kind == .urlSession)
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `a redirect is an answer and is not followed`(_ kind: TransportKind) async throws {
        let (server, folder) = (try await LoopbackServer(), try TemporaryFolder())
        let request = HTTPRequest(.get, "/redirect", port: server.port)
        let response = try await kind.with { transport in
            try await transport.download(request, to: folder.file("file"), limits: HTTPLimits(), maximumBytes: 1000) { _ in }
        }
        #expect(response.head.status.code == 307)
        #expect(folder.names.isEmpty)
        #expect(server.seen.arrivals.map(\.target) == ["/redirect"])
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases, ["/torn", "/torn-chunk", "/half", "/drop"])
    func `a torn body leaves no file`(_ kind: TransportKind, _ path: String) async throws {
        let (server, folder) = (try await LoopbackServer(), try TemporaryFolder())
        let old = try folder.make("file", [9])
        let request = HTTPRequest(.get, path, port: server.port)
        let failure = try await kind.with { await $0.failure(of: request, downloading: old) }
        #expect(failure == TransportError(.connectionLost, requestMayHaveArrived: true))
        #expect(folder.names == ["file"])
        #expect(try folder.bytes("file") == [9])
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases, ["/bytes?2000001", "/endless"])
    func `more than the maximum ends as soon as it shows`(_ kind: TransportKind, _ path: String) async throws {
        let (server, folder) = (try await LoopbackServer(), try TemporaryFolder())
        let request = HTTPRequest(.get, path, port: server.port)
        let failure = try await kind.with {
            await $0.failure(of: request, downloading: folder.file("file"), maximumBytes: 2_000_000)
        }
        #expect(failure == TransportError(.responseTooLarge, requestMayHaveArrived: true))
        #expect(folder.names.isEmpty)
        var closed = server.closed.makeAsyncIterator()
        #expect(await closed.next() == 1)
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `a download that stands still runs into the timeout`(_ kind: TransportKind) async throws {
        let (server, folder) = (try await LoopbackServer(), try TemporaryFolder())
        let request = HTTPRequest(.get, "/slow", port: server.port)
        let limits = HTTPLimits(timeout: .seconds(1))
        let failure = try await kind.with {
            await $0.failure(of: request, downloading: folder.file("file"), limits: limits)
        }
        #expect(failure == TransportError(.timeout, requestMayHaveArrived: true))
        #expect(folder.names.isEmpty)
        try await server.close()
    }

    /// Not with `URLSession`, which on Linux tells nothing before all is there.
    @Test(arguments: [TransportKind.asyncHTTPClient])
    func `cancelling a download leaves no file`(_ kind: TransportKind) async throws {
        let (server, folder) = (try await LoopbackServer(), try TemporaryFolder())
        let request = HTTPRequest(.get, "/endless", port: server.port)
        let (signals, signal) = AsyncStream.makeStream(of: Void.self)
        let failure = try await kind.with { transport in
            await withTaskGroup(of: TransportError?.self) { group in
                group.addTask {
                    await transport.failure(of: request, downloading: folder.file("file"), maximumBytes: 1 << 40) { _ in
                        signal.yield()
                    }
                }
                var moves = signals.makeAsyncIterator()
                _ = await moves.next()
                group.cancelAll()
                return await group.next() ?? nil
            }
        }
        #expect(failure == TransportError(.cancelled, requestMayHaveArrived: true))
        #expect(folder.names.isEmpty)
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `a folder that is not there is said`(_ kind: TransportKind) async throws {
        let (server, folder) = (try await LoopbackServer(), try TemporaryFolder())
        let request = HTTPRequest(.get, "/bytes?10", port: server.port)
        let failure = try await kind.with { await $0.failure(of: request, downloading: folder.file("absent/file")) }
        #expect(failure == TransportError(.fileUnwritable, requestMayHaveArrived: true))
        try await server.close()
    }
}
#endif
