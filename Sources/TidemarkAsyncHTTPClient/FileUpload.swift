#if NIO
import AsyncHTTPClient
import NIOCore
import NIOPosix
import TidemarkModel

/// A file as a request's body: the next piece is read, away from the connections' threads, when the one before was taken.
private struct FileUpload: Sendable {
    let file: FileSource
    let writer: HTTPClient.Body.StreamWriter
    let loop: any EventLoop
    let progress: @Sendable (Int64) -> Void

    func send(from offset: Int64) -> EventLoopFuture<Void> {
        guard offset < file.size else { return loop.makeSucceededVoidFuture() }
        return NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
            ByteBuffer(bytes: try file.read(at: offset, maximum: AsyncHTTPClientTransport.fileChunkBytes))
        }.flatMap { piece in
            let end = offset + Int64(piece.readableBytes)
            return writer.write(.byteBuffer(piece)).flatMap {
                progress(end)
                return send(from: end)
            }
        }
    }
}

extension HTTPClient.Body {
    /// - Parameter progress: told how much the connection has taken.
    static func file(
        _ file: FileSource, on loop: any EventLoop, progress: @escaping @Sendable (Int64) -> Void
    ) -> HTTPClient.Body {
        .stream(contentLength: file.size) { writer in
            FileUpload(file: file, writer: writer, loop: loop, progress: progress).send(from: 0)
        }
    }
}
#endif
