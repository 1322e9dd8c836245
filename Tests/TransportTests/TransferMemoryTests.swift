#if NIO && os(Linux)
import Foundation
import HTTPTypes
import Synchronization
import Testing
import TidemarkModel

private let wantedMegabytes = ProcessInfo.processInfo.environment["TIDEMARK_TRANSFER_MB"].flatMap { UInt64($0) }

/// Files larger than memory should be: what a transfer adds to the process, its server included. `URLSession` refuses them on Linux.
///
/// Other tests of the process would be measured along, so that they run on request only: `TIDEMARK_TRANSFER_MB=1024` and a filter.
@Suite(.timeLimit(.minutes(5)), .serialized, .enabled(if: wantedMegabytes != nil))
struct TransferMemoryTests {
    private static let bound: Int64 = 64 << 20

    @Test(arguments: [TransportKind.asyncHTTPClient])
    func `a large file goes up in little memory`(_ kind: TransportKind) async throws {
        let (server, folder) = (try await LoopbackServer(), try TemporaryFolder())
        let bytes = try #require(wantedMegabytes) << 20
        let path = try folder.makeSparse("file", bytes: bytes)
        let request = HTTPRequest(.put, "/count", port: server.port)
        let memory = Memory()
        let response = try await kind.with { transport in
            try await transport.upload(request, file: path, limits: HTTPLimits()) { _ in memory.look() }
        }
        #expect(response.body == Array("\(bytes)".utf8))
        #expect(memory.growth < Self.bound, "\(memory.growth >> 20) MB")
        memory.tell("up", kind)
        try await server.close()
    }

    @Test(arguments: [TransportKind.asyncHTTPClient])
    func `a large file comes down in little memory`(_ kind: TransportKind) async throws {
        let (server, folder) = (try await LoopbackServer(), try TemporaryFolder())
        let bytes = Int64(try #require(wantedMegabytes) << 20)
        let request = HTTPRequest(.get, "/bytes?\(bytes)", port: server.port)
        let memory = Memory()
        _ = try await kind.with { transport in
            try await transport.download(
                request, to: folder.file("file"), limits: HTTPLimits(), maximumBytes: bytes
            ) { _ in memory.look() }
        }
        let size = try FileManager.default.attributesOfItem(atPath: folder.file("file"))[.size] as? Int64
        #expect(size == bytes)
        #expect(memory.growth < Self.bound, "\(memory.growth >> 20) MB")
        memory.tell("down", kind)
        try await server.close()
    }
}

/// What this process has in memory, against what it had at the start.
private final class Memory: Sendable {
    private let start: Int64
    private let most: Mutex<Int64>

    init() {
        let now = Self.resident
        start = now
        most = Mutex(now)
    }

    var growth: Int64 { most.withLock { $0 } - start }

    func look() {
        let now = Self.resident
        most.withLock { $0 = max($0, now) }
    }

    func tell(_ way: String, _ kind: TransportKind) {
        print("\(kind) \(way): \(growth >> 20) MB more")
    }

    private static var resident: Int64 {
        let statm = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (statm.split(separator: " ").dropFirst().first.flatMap { Int64($0) } ?? 0) * 4096
    }
}
#endif
