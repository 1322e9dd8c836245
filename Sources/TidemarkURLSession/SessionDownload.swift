import Foundation
import HTTPTypes
import TidemarkModel

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// One download as the session's delegate. The session writes the body to a file of its own, which is taken over at the end.
///
/// It is no `URLSessionDataDelegate`: Foundation on Linux takes whatever is one for the delegate of a data task, and crashes.
final class SessionDownload: NSObject, URLSessionDownloadDelegate {
    let end: SessionEnd
    private let path: String
    private let maximumBytes: Int64
    private let maximumWords: Int
    private let received: @Sendable (Int64) -> Void

    /// - Parameters:
    ///   - maximumBytes: of the file.
    ///   - maximumWords: of an answer that is no success.
    init(
        to path: String, maximumBytes: Int64, maximumWords: Int, received: @escaping @Sendable (Int64) -> Void
    ) {
        end = SessionEnd(maximumBytes: maximumWords)
        self.path = path
        self.maximumBytes = maximumBytes
        self.maximumWords = maximumWords
        self.received = received
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        end.take(HTTPResponse(answer: response))
        completionHandler(nil)
    }

    func urlSession(
        _ session: URLSession, downloadTask: URLSessionDownloadTask, didWriteData bytesWritten: Int64,
        totalBytesWritten: Int64, totalBytesExpectedToWrite: Int64
    ) {
        // On Linux the status is not known before the end; the end looks once more.
        let kind = downloadTask.response.flatMap(HTTPResponse.init(answer:))?.status.kind
        let bound =
            switch kind {
            case .successful: maximumBytes
            case nil: max(maximumBytes, Int64(maximumWords))
            default: Int64(maximumWords)
            }
        guard max(totalBytesWritten, totalBytesExpectedToWrite) <= bound else { return end.end(.responseTooLarge) }
        if kind == nil || kind == .successful { received(totalBytesWritten) }
    }

    /// The session removes its file when this returns.
    func urlSession(_ session: URLSession, downloadTask: URLSessionDownloadTask, didFinishDownloadingTo location: URL) {
        guard !end.isOver, let head = downloadTask.response.flatMap(HTTPResponse.init(answer:)) else { return }
        do throws(TransportError) {
            if head.status.kind == .successful {
                try keep(location)
            } else {
                end.take(try words(in: location))
            }
            end.take(head)
        } catch {
            end.finish(.failure(error))
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        end.complete(task, error)
    }

    /// Copies the session's file to the place that was asked for. A move would do within one volume; whether it is one is not
    /// for this to know.
    private func keep(_ file: URL) throws(TransportError) {
        let destination = try FileDestination(path: path)
        let source = try reading { () throws(TransportError) in try FileSource(path: file.path) }
        guard source.size <= maximumBytes else { throw TransportError(.responseTooLarge, requestMayHaveArrived: true) }
        var offset: Int64 = 0
        while offset < source.size {
            let start = offset
            let piece = try reading { () throws(TransportError) in try source.read(at: start, maximum: 1 << 20) }
            try destination.write(piece)
            offset += Int64(piece.count)
        }
        try destination.commit()
        received(source.size)
    }

    /// What can't be read of the session's own file is no fault of a file that is sent.
    private func reading<Value>(_ body: () throws(TransportError) -> Value) throws(TransportError) -> Value {
        do {
            return try body()
        } catch {
            throw TransportError(.fileUnwritable, requestMayHaveArrived: true)
        }
    }

    private func words(in file: URL) throws(TransportError) -> Data {
        guard let source = try? FileSource(path: file.path) else { return Data() }
        guard source.size <= Int64(maximumWords) else {
            throw TransportError(.responseTooLarge, requestMayHaveArrived: true)
        }
        return Data((try? source.read(at: 0, maximum: maximumWords)) ?? [])
    }
}
