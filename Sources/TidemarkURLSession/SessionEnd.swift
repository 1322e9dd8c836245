import Foundation
import HTTPTypes
import Synchronization
import TidemarkModel

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The end of one exchange: it comes once, for the first reason that there is.
final class SessionEnd: Sendable {
    typealias Outcome = Result<TransportResponse, TransportError>

    private struct State {
        var task: URLSessionTask?
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

    var isOver: Bool { state.withLock { $0.outcome != nil } }

    /// Starts the task and waits for the end.
    func run(_ task: URLSessionTask) async -> Outcome {
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
    func finish(_ outcome: Outcome) -> URLSessionTask? {
        let (task, continuation) = state.withLock { state in
            guard state.outcome == nil else { return (nil as URLSessionTask?, nil as CheckedContinuation<Outcome, Never>?) }
            state.outcome = outcome
            defer { (state.task, state.continuation) = (nil, nil) }
            return (state.task, state.continuation)
        }
        continuation?.resume(returning: outcome)
        return task
    }

    // MARK: - What has come

    func take(_ head: HTTPResponse?) {
        state.withLock { $0.head = head }
    }

    /// Bytes of a body that is held in memory.
    func take(_ data: Data) {
        let fits = state.withLock { state in
            guard data.count <= maximumBytes - state.body.count else { return false }
            state.body.append(contentsOf: data)
            return true
        }
        if !fits { end(.responseTooLarge) }
    }

    /// The session is done with the task.
    func complete(_ task: URLSessionTask, _ error: (any Error)?) {
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
    init?(answer: URLResponse) {
        guard let answer = answer as? HTTPURLResponse, (100...999).contains(answer.statusCode) else { return nil }
        self.init(status: Status(code: answer.statusCode))
        for (name, value) in answer.allHeaderFields {
            guard let name = (name as? String).flatMap({ HTTPField.Name($0) }), let value = value as? String else { continue }
            headerFields.append(HTTPField(name: name, value: value))
        }
    }
}
