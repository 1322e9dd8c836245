#if NIO
import NIOCore
import NIOPosix
import Synchronization
import TidemarkModel

/// A file as a request's body: the next piece is read when it is asked for.
struct FileUpload: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    private final class Start: Sendable {
        let hasBegun = Mutex(false)
    }

    let file: FileSource
    private let start = Start()
    private let progress: @Sendable (Int64) -> Void

    init(file: FileSource, progress: @escaping @Sendable (Int64) -> Void) {
        self.file = file
        self.progress = progress
    }

    /// Whether the first piece was asked for, which is when the request's head has left.
    var hasBegun: Bool { start.hasBegun.withLock { $0 } }

    func makeAsyncIterator() -> Iterator {
        start.hasBegun.withLock { $0 = true }
        return Iterator(upload: self)
    }

    struct Iterator: AsyncIteratorProtocol {
        let upload: FileUpload
        var offset: Int64 = 0

        /// Asking for a piece tells that the one before was taken.
        mutating func next() async throws -> ByteBuffer? {
            if offset > 0 { upload.progress(offset) }
            let (file, start) = (upload.file, offset)
            guard start < file.size else { return nil }
            let piece = try await NIOThreadPool.singleton.runIfActive {
                ByteBuffer(bytes: try file.read(at: start, maximum: AsyncHTTPClientTransport.fileChunkBytes))
            }
            offset += Int64(piece.readableBytes)
            return piece
        }
    }
}
#endif
