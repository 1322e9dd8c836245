import Foundation
import HTTPTypes
import TidemarkModel

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Where the body of an answer goes.
protocol SessionBody: Sendable {
    func take(_ data: Data, of task: URLSessionTask, _ end: SessionEnd)
    /// All of it has come.
    func complete(_ task: URLSessionTask, _ end: SessionEnd)
}

/// An answer that is held in memory.
struct SessionMemory: SessionBody {
    func take(_ data: Data, of task: URLSessionTask, _ end: SessionEnd) { end.take(data) }

    func complete(_ task: URLSessionTask, _ end: SessionEnd) {}
}

/// One exchange as the session's delegate: hands on what comes of the answer, and stops it at its limit.
final class SessionExchange: NSObject, URLSessionDataDelegate {
    let end: SessionEnd
    private let body: any SessionBody
    private let sent: @Sendable (Int64) -> Void

    /// - Parameters:
    ///   - maximumBytes: of an answer that is held in memory.
    ///   - sent: told how much of the request's body the connection has taken.
    init(
        maximumBytes: Int, body: any SessionBody = SessionMemory(), sent: @escaping @Sendable (Int64) -> Void = { _ in }
    ) {
        end = SessionEnd(maximumBytes: maximumBytes)
        self.body = body
        self.sent = sent
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
        body.take(data, of: dataTask, end)
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, didSendBodyData bytesSent: Int64, totalBytesSent: Int64,
        totalBytesExpectedToSend: Int64
    ) {
        sent(totalBytesSent)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if error == nil { body.complete(task, end) }
        end.complete(task, error)
    }
}
