#if Tools
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NIOPosix
internal import TidemarkModel
internal import TidemarkSimulator

/// Keeps large bodies in files while a server runs, so that a gigabyte takes no gigabyte of memory.
final class BodySpool: Sendable {
    struct TooLarge: Error {}

    private let folder: String
    private let accepts: @Sendable (HTTPRequest) -> Bool
    private let maximumBytes: Int64

    /// - Parameter accepts: which requests' bodies go to files.
    init(maximumBytes: Int64, accepts: @escaping @Sendable (HTTPRequest) -> Bool) {
        folder = FileManager.default.temporaryDirectory.appending(path: "tidemark-simulator-\(UUID().uuidString)").path
        self.maximumBytes = maximumBytes
        self.accepts = accepts
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// The request with its body in a file, if it is one for this; `nil` for others, whose body is untouched.
    func spool(_ request: Request) async throws -> HTTPRequest? {
        guard accepts(request.head) else { return nil }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let path = folder + "/" + UUID().uuidString
        let file = try FileDestination(path: path)
        var bytes: Int64 = 0
        for try await part in request.body {
            bytes += Int64(part.readableBytes)
            guard bytes <= maximumBytes else { throw TooLarge() }
            try await NIOThreadPool.singleton.runIfActive { try part.withUnsafeReadableBytes { try file.write($0) } }
        }
        try await NIOThreadPool.singleton.runIfActive { try file.commit() }
        var head = request.head
        head.headerFields = SpooledBody(path: path, bytes: bytes).added(to: head.headerFields)
        return head
    }

    /// The body of an answer that stands in a file, piece by piece.
    static func body(_ spooled: SpooledBody) -> ResponseBody {
        ResponseBody(contentLength: Int(exactly: spooled.bytes)) { writer in
            let file = try FileSource(path: spooled.path, announced: spooled.bytes)
            var offset: Int64 = 0
            while offset < file.size {
                let start = offset
                let piece = try await NIOThreadPool.singleton.runIfActive {
                    ByteBuffer(bytes: try file.read(at: start, maximum: 128 * 1024))
                }
                try await writer.write(piece)
                offset += Int64(piece.readableBytes)
            }
            try await writer.finish(nil)
        }
    }
}
#endif
