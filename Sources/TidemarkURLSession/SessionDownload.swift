import Foundation
import HTTPTypes
import Synchronization
import TidemarkModel

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// One download as the session's delegate: what comes of a success is written to a file, what comes of a refusal is kept.
///
/// It serves a data task. A download task of Foundation on Linux writes on after it was cancelled, as long as the server sends, and
/// leaves its file behind: a body without an end would fill the disk.
final class SessionDownload: NSObject, URLSessionDataDelegate {
    private struct State {
        var file: FileDestination?
        var count: Int64 = 0
    }

    let end: SessionEnd
    private let path: String
    private let maximumBytes: Int64
    private let received: @Sendable (Int64) -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - maximumBytes: of the file.
    ///   - maximumWords: of an answer that is no success.
    init(
        to path: String, maximumBytes: Int64, maximumWords: Int, received: @escaping @Sendable (Int64) -> Void
    ) {
        end = SessionEnd(maximumBytes: maximumWords)
        self.path = path
        self.maximumBytes = maximumBytes
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
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        end.take(HTTPResponse(answer: response))
        // Foundation on Linux does not survive an end in here: the first piece of the body is soon enough.
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        // What comes of it after its end is passed over.
        guard !end.isOver else { return }
        guard isSuccess(dataTask) else { return end.take(data) }
        let count = state.withLock { state in
            state.count += Int64(data.count)
            return state.count
        }
        let announced = dataTask.response?.expectedContentLength ?? -1
        guard max(count, announced) <= maximumBytes else { return give(up: .responseTooLarge) }
        do throws(TransportError) {
            // Writing takes its time, and the session waits.
            try file().write([UInt8](data))
        } catch {
            return give(up: error.code)
        }
        received(count)
    }

    private func isSuccess(_ task: URLSessionTask) -> Bool {
        task.response.flatMap(HTTPResponse.init(answer:))?.status.kind == .successful
    }

    /// The file that is written; the first piece makes it.
    private func file() throws(TransportError) -> FileDestination {
        if let file = state.withLock({ $0.file }) { return file }
        let file = try FileDestination(path: path)
        state.withLock { $0.file = file }
        return file
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if error == nil, !end.isOver, isSuccess(task) {
            do throws(TransportError) {
                try file().commit()
            } catch {
                end.finish(.failure(error))
            }
        }
        end.complete(task, error)
    }

    /// Nobody waits for it any more: what has come of it goes.
    func discard() {
        state.withLock { state in
            defer { state.file = nil }
            return state.file
        }?.discard()
    }

    private func give(up code: TransportError.Code) {
        discard()
        end.end(code)
    }
}
