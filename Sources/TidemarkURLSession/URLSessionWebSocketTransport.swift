// FoundationNetworking has no WebSockets that work: its libcurl is built without them (wire page of Avaya, §10).
#if !canImport(FoundationNetworking)
import Foundation
public import HTTPTypes
import Synchronization
public import TidemarkModel

/// Opens WebSocket connections with Foundation's URLSession: the transport for Apple platforms, without SwiftNIO.
///
/// The system puts fragments together and answers pings. It reads one message ahead of ``WebSocketConnection/receive()``, so
/// that ``TidemarkModel/WebSocketLimits/maximumWaitingMessages`` is never reached. Nothing is kept between connections:
/// no cookies, no cache, no credentials.
public struct URLSessionWebSocketTransport: WebSocketTransport {
    private let allowsPlainHTTP: Bool

    /// - Parameter allowsPlainHTTP: Lets plain ws reach other machines than this one; for test networks only. The app's
    ///   transport security must allow it as well.
    public init(allowsPlainHTTP: Bool = false) {
        self.allowsPlainHTTP = allowsPlainHTTP
    }

    public func connect(
        _ request: HTTPRequest, limits: WebSocketLimits
    ) async throws(TransportError) -> any WebSocketConnection {
        let address = try ExchangeAddress(request, allowsPlainHTTP: allowsPlainHTTP)
        if Task.isCancelled { throw TransportError(.cancelled, requestMayHaveArrived: false) }
        guard limits.connectTimeout > .zero else { throw TransportError(.timeout, requestMayHaveArrived: false) }
        guard var parts = URLComponents(url: address.url, resolvingAgainstBaseURL: false) else {
            throw TransportError(.invalidRequest, requestMayHaveArrived: false)
        }
        parts.scheme = parts.scheme == "https" ? "wss" : "ws"
        guard let url = parts.url else { throw TransportError(.invalidRequest, requestMayHaveArrived: false) }
        var upgrade = URLRequest(url: url)
        for field in request.headerFields.withoutFraming {
            upgrade.addValue(field.value, forHTTPHeaderField: field.name.rawName)
        }
        let opening = SessionWebSocketOpening()
        let session = URLSession(configuration: Self.configuration, delegate: opening, delegateQueue: nil)
        let task = session.webSocketTask(with: upgrade)
        task.maximumMessageSize = max(1, limits.maximumMessageBytes)
        // The session lives as long as its task.
        session.finishTasksAndInvalidate()
        try await opening.open(task, timeout: min(limits.connectTimeout, .seconds(24 * 60 * 60))).get()
        return SessionWebSocketConnection(task)
    }

    private static var configuration: URLSessionConfiguration {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        configuration.httpCookieStorage = nil
        configuration.urlCache = nil
        configuration.urlCredentialStorage = nil
        return configuration
    }
}

/// Waits for the handshake's end, and takes the first that comes.
private final class SessionWebSocketOpening: NSObject, URLSessionWebSocketDelegate {
    typealias Outcome = Result<Void, TransportError>

    private struct State {
        var outcome: Outcome?
        var waiting: CheckedContinuation<Outcome, Never>?
    }

    private let state = Mutex(State())

    func open(_ task: URLSessionWebSocketTask, timeout: Duration) async -> Outcome {
        task.resume()
        let outcome = await withTaskGroup { group in
            group.addTask {
                // A sleep that is cut short says that the handshake ended first.
                guard (try? await Task.sleep(for: timeout)) != nil else { return }
                self.finish(.failure(TransportError(.timeout, requestMayHaveArrived: true)))
            }
            let outcome = await withTaskCancellationHandler {
                await self.outcome()
            } onCancel: {
                self.finish(.failure(TransportError(.cancelled, requestMayHaveArrived: true)))
            }
            group.cancelAll()
            return outcome
        }
        if case .failure = outcome { task.cancel() }
        return outcome
    }

    private func outcome() async -> Outcome {
        await withCheckedContinuation { continuation in
            let early = state.withLock { state in
                if state.outcome == nil { state.waiting = continuation }
                return state.outcome
            }
            if let early { continuation.resume(returning: early) }
        }
    }

    private func finish(_ outcome: Outcome) {
        state.withLock { state -> CheckedContinuation<Outcome, Never>? in
            guard state.outcome == nil else { return nil }
            state.outcome = outcome
            defer { state.waiting = nil }
            return state.waiting
        }?.resume(returning: outcome)
    }

    func urlSession(
        _ session: URLSession, webSocketTask: URLSessionWebSocketTask, didOpenWithProtocol protocol: String?
    ) {
        finish(.success(()))
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        // A handshake that was answered otherwise ends in an error and leaves the answer with the task.
        let status = (task.response as? HTTPURLResponse)?.statusCode
        if let status, status != 101 {
            finish(.failure(TransportError(.refused(status: status), requestMayHaveArrived: true)))
        } else {
            finish(.failure(error.map { TransportError($0) } ?? TransportError(.connectionLost, requestMayHaveArrived: true)))
        }
    }
}

private final class SessionWebSocketConnection: WebSocketConnection {
    private let task: URLSessionWebSocketTask
    /// Set when this side has said goodbye.
    private let isClosed = Mutex(false)

    init(_ task: URLSessionWebSocketTask) {
        self.task = task
    }

    deinit {
        task.cancel()
    }

    func send(_ text: String) async throws(TransportError) {
        if Task.isCancelled { throw TransportError(.cancelled, requestMayHaveArrived: false) }
        if task.state != .running { throw TransportError(.connectionLost, requestMayHaveArrived: false) }
        do {
            try await task.send(.string(text))
        } catch {
            throw TransportError(Task.isCancelled ? .cancelled : .connectionLost, requestMayHaveArrived: true)
        }
    }

    /// Cancelling it ends the connection: the system's receive can't be taken back.
    func receive() async throws(TransportError) -> String? {
        while !isClosed.withLock({ $0 }) {
            do {
                let task = task
                let message = try await withTaskCancellationHandler {
                    try await task.receive()
                } onCancel: {
                    task.cancel(with: .goingAway, reason: nil)
                }
                if case .string(let text) = message { return text }
            } catch {
                return try ended(error)
            }
        }
        return nil
    }

    private func ended(_ error: any Error) throws(TransportError) -> String? {
        if Task.isCancelled { throw TransportError(.cancelled, requestMayHaveArrived: true) }
        // A message above the limit ends in this code of POSIX.
        if (error as NSError).domain == NSPOSIXErrorDomain, (error as NSError).code == Int(EMSGSIZE) {
            task.cancel(with: .messageTooBig, reason: nil)
            throw TransportError(.responseTooLarge, requestMayHaveArrived: true)
        }
        if isClosed.withLock({ $0 }) || task.closeCode != .invalid { return nil }
        throw TransportError(.connectionLost, requestMayHaveArrived: true)
    }

    func close() async {
        isClosed.withLock { $0 = true }
        task.cancel(with: .normalClosure, reason: nil)
    }
}
#endif
