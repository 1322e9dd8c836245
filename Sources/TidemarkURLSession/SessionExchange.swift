import Foundation
import HTTPTypes
import Synchronization
import TidemarkModel

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// One exchange as the session's delegate: collects the answer, stops it at its limit, and ends once, for the first
/// reason that comes.
final class SessionExchange: NSObject, URLSessionDataDelegate {
    typealias Outcome = Result<TransportResponse, TransportError>

    private struct State {
        var task: URLSessionDataTask?
        var continuation: CheckedContinuation<Outcome, Never>?
        var outcome: Outcome?
        var head: HTTPResponse?
        var body: [UInt8] = []
    }

    private let maximumBytes: Int
    private let state = Mutex(State())

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// Starts the task and waits for the end.
    func run(_ task: URLSessionDataTask) async -> Outcome {
        await withCheckedContinuation { continuation in
            let early = state.withLock { state -> Outcome? in
                if let outcome = state.outcome { return outcome }
                state.task = task
                state.continuation = continuation
                return nil
            }
            if let early {
                task.cancel()
                // It ended before its task was started.
                continuation.resume(returning: early.mapError { TransportError($0.code, requestMayHaveArrived: false) })
            } else {
                task.resume()
            }
        }
    }

    /// Ends an exchange from outside, or for a limit; its connection is closed.
    func end(_ code: TransportError.Code) {
        finish(.failure(TransportError(code, requestMayHaveArrived: true)))?.cancel()
    }

    /// Keeps the first outcome and hands it on; returns the task if it was under way.
    @discardableResult
    private func finish(_ outcome: Outcome) -> URLSessionDataTask? {
        let (task, continuation) = state.withLock { state in
            guard state.outcome == nil else { return (nil as URLSessionDataTask?, nil as CheckedContinuation<Outcome, Never>?) }
            state.outcome = outcome
            defer { (state.task, state.continuation) = (nil, nil) }
            return (state.task, state.continuation)
        }
        continuation?.resume(returning: outcome)
        return task
    }

    // MARK: - What the session reports

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        state.withLock { $0.head = HTTPResponse(answer: response) }
        completionHandler(nil)
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        state.withLock { $0.head = HTTPResponse(answer: response) }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let fits = state.withLock { state in
            guard data.count <= maximumBytes - state.body.count else { return false }
            state.body.append(contentsOf: data)
            return true
        }
        if !fits { end(.responseTooLarge) }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let error {
            finish(.failure(TransportError(error)))
            return
        }
        let (head, body) = state.withLock { ($0.head, $0.body) }
        if let head = head ?? task.response.flatMap(HTTPResponse.init(answer:)) {
            finish(.success(TransportResponse(head: head, body: body)))
        } else {
            finish(.failure(TransportError(.connectionLost, requestMayHaveArrived: true)))
        }
    }
}

extension HTTPResponse {
    fileprivate init?(answer: URLResponse) {
        guard let answer = answer as? HTTPURLResponse, (100...999).contains(answer.statusCode) else { return nil }
        self.init(status: Status(code: answer.statusCode))
        for (name, value) in answer.allHeaderFields {
            guard let name = (name as? String).flatMap({ HTTPField.Name($0) }), let value = value as? String else { continue }
            headerFields.append(HTTPField(name: name, value: value))
        }
    }
}
