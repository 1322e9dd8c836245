#if NIO
import Foundation
import HTTPTypes
import NIOHTTP1
import Synchronization
import Testing
import TidemarkModel

/// Files that go up.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct UploadTests {
    @Test(arguments: TransportKind.allCases, [0, 1, 65_536, 131_073, 5_000_000])
    func `a file arrives whole with its length and its type`(_ kind: TransportKind, _ size: Int) async throws {
        let (server, folder, moved) = (try await LoopbackServer(), try TemporaryFolder(), Steps())
        let bytes = Pattern.bytes(size)
        let path = try folder.make("file", bytes)
        var request = HTTPRequest(.put, "/echo?a=%2F", port: server.port)
        request.headerFields[.contentType] = "image/png"
        request.headerFields[.contentLength] = "\(size)"
        let put = request
        let response = try await kind.with { transport in
            try await transport.upload(put, file: path, limits: HTTPLimits()) { moved.add($0) }
        }
        #expect(response.head.status.code == 200)
        #expect(response.body == bytes)
        let arrival = try #require(server.seen.arrivals.first)
        #expect(arrival.body == bytes)
        #expect(arrival.headers["content-length"] == ["\(size)"])
        #expect(arrival.headers["content-type"] == ["image/png"])
        #expect(arrival.headers["transfer-encoding"].isEmpty)
        #expect(moved.all == moved.all.sorted())
        #expect(size == 0 || moved.all.last == Int64(size))
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `a refusal before the end is the answer`(_ kind: TransportKind) async throws {
        let (server, folder) = (try await LoopbackServer(), try TemporaryFolder())
        let path = try folder.makeSparse("file", bytes: 12_000_000)
        let request = HTTPRequest(.put, "/early", port: server.port)
        let response = try await kind.with { try await $0.upload(request, file: path, limits: HTTPLimits()) { _ in } }
        #expect(response.head.status.code == 413)
        #expect(response.body == Array("too large".utf8))
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `an upload that is cut in half may have arrived`(_ kind: TransportKind) async throws {
        let (server, folder) = (try await LoopbackServer(), try TemporaryFolder())
        let path = try folder.makeSparse("file", bytes: 12_000_000)
        let request = HTTPRequest(.put, "/cut", port: server.port)
        let failure = try await kind.with { await $0.failure(of: request, uploading: path) }
        #expect(failure == TransportError(.connectionLost, requestMayHaveArrived: true))
        #expect(server.seen.connections == 1)
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `a file of another size than announced does not leave`(_ kind: TransportKind) async throws {
        let (server, folder) = (try await LoopbackServer(), try TemporaryFolder())
        let path = try folder.make("file", [1, 2, 3])
        for length in ["2", "4", "three", "-1", "99999999999999999999"] {
            var request = HTTPRequest(.put, "/echo", port: server.port)
            request.headerFields[.contentLength] = length
            let put = request
            let failure = try await kind.with { await $0.failure(of: put, uploading: path) }
            #expect(failure == TransportError(.fileChanged, requestMayHaveArrived: false))
        }
        #expect(server.seen.connections == 0)
        try await server.close()
    }

    /// Not with `URLSession`, which on Linux has read it before it is sent.
    @Test(arguments: [TransportKind.asyncHTTPClient], [100, 30_000_000])
    func `a file that changes its size while it is sent is no success`(_ kind: TransportKind, _ size: UInt64) async throws {
        let (server, folder) = (try await LoopbackServer(), try TemporaryFolder())
        let path = try folder.makeSparse("file", bytes: 12_000_000)
        let request = HTTPRequest(.put, "/count", port: server.port)
        let change = Once()
        // A file that is cut may leave a session waiting for bytes that never come.
        let limits = HTTPLimits(timeout: kind == .urlSession ? .seconds(3) : .seconds(30))
        let failure = try await kind.with { transport in
            await transport.failure(of: request, uploading: path, limits: limits) { _ in
                change.run { try? folder.resize("file", to: size) }
            }
        }
        #expect(failure == TransportError(.fileChanged, requestMayHaveArrived: true))
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `what is no plain file can't be sent`(_ kind: TransportKind) async throws {
        let (server, folder) = (try await LoopbackServer(), try TemporaryFolder())
        for path in [folder.file("absent"), folder.path, "", "/dev/zero"] {
            let request = HTTPRequest(.put, "/echo", port: server.port)
            let failure = try await kind.with { await $0.failure(of: request, uploading: path) }
            #expect(failure == TransportError(.fileUnreadable, requestMayHaveArrived: false))
        }
        #expect(server.seen.connections == 0)
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `nothing leaves for another machine by plain http`(_ kind: TransportKind) async throws {
        let folder = try TemporaryFolder()
        let path = try folder.make("file", [1])
        let request = HTTPRequest(method: .put, scheme: "http", authority: "storage.example", path: "/")
        let failure = try await kind.with { await $0.failure(of: request, uploading: path) }
        #expect(failure == TransportError(.insecure, requestMayHaveArrived: false))
    }

    @Test(arguments: TransportKind.allCases)
    func `cancelling ends an upload that nobody takes`(_ kind: TransportKind) async throws {
        let (server, folder) = (try await LoopbackServer(), try TemporaryFolder())
        let path = try folder.makeSparse("file", bytes: 12_000_000)
        let request = HTTPRequest(.put, "/deaf", port: server.port)
        let failure = try await kind.with { transport in
            await withTaskGroup(of: TransportError?.self) { group in
                group.addTask { await transport.failure(of: request, uploading: path) }
                var arrivals = server.arrivals.makeAsyncIterator()
                _ = await arrivals.next()
                group.cancelAll()
                return await group.next() ?? nil
            }
        }
        #expect(failure == TransportError(.cancelled, requestMayHaveArrived: true))
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `an upload in which nothing moves runs into the timeout`(_ kind: TransportKind) async throws {
        let (server, folder) = (try await LoopbackServer(), try TemporaryFolder())
        let path = try folder.makeSparse("file", bytes: 12_000_000)
        let request = HTTPRequest(.put, "/deaf", port: server.port)
        let limits = HTTPLimits(timeout: .seconds(1))
        let failure = try await kind.with { await $0.failure(of: request, uploading: path, limits: limits) }
        #expect(failure == TransportError(.timeout, requestMayHaveArrived: true))
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `a refused connection lets nothing of a file out`(_ kind: TransportKind) async throws {
        let (server, folder) = (try await LoopbackServer(), try TemporaryFolder())
        try await server.close()
        let path = try folder.make("file", [1])
        let request = HTTPRequest(.put, "/echo", port: server.port)
        let failure = try await kind.with { await $0.failure(of: request, uploading: path) }
        #expect(failure == TransportError(.unreachable, requestMayHaveArrived: false))
    }
}

/// What a progress told, in the order in which it came.
final class Steps: Sendable {
    private let steps = Mutex<[Int64]>([])

    var all: [Int64] { steps.withLock { $0 } }

    func add(_ step: Int64) { steps.withLock { $0.append(step) } }
}

/// Runs what it is given the first time only.
final class Once: Sendable {
    private let isDone = Mutex(false)

    func run(_ body: () -> Void) {
        let isFirst = isDone.withLock { isDone in
            defer { isDone = true }
            return !isDone
        }
        if isFirst { body() }
    }
}

extension HTTPTransport {
    /// The failure of an upload that must not succeed.
    func failure(
        of request: HTTPRequest, uploading path: String, limits: HTTPLimits = HTTPLimits(),
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async -> TransportError? {
        do {
            _ = try await upload(request, file: path, limits: limits, progress: progress)
            return nil
        } catch {
            return error
        }
    }

    /// The failure of a download that must not succeed.
    func failure(
        of request: HTTPRequest, downloading path: String, limits: HTTPLimits = HTTPLimits(), maximumBytes: Int64 = 1 << 30,
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async -> TransportError? {
        do {
            _ = try await download(request, to: path, limits: limits, maximumBytes: maximumBytes, progress: progress)
            return nil
        } catch {
            return error
        }
    }
}
#endif
