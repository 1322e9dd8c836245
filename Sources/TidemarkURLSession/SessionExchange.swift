import Foundation
import HTTPTypes
import TidemarkModel

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// One exchange as the session's delegate: collects the answer and stops it at its limit.
final class SessionExchange: NSObject, URLSessionDataDelegate {
    let end: SessionEnd
    private let sent: @Sendable (Int64) -> Void

    /// - Parameter sent: told how much of the request's body the connection has taken.
    init(maximumBytes: Int, sent: @escaping @Sendable (Int64) -> Void = { _ in }) {
        end = SessionEnd(maximumBytes: maximumBytes)
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
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        end.take(data)
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, didSendBodyData bytesSent: Int64, totalBytesSent: Int64,
        totalBytesExpectedToSend: Int64
    ) {
        sent(totalBytesSent)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        end.complete(task, error)
    }
}
