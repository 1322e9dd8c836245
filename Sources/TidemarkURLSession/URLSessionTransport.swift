public import HTTPTypes
public import TidemarkModel
import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Carries requests with Foundation's URLSession: the transport for Apple platforms, without SwiftNIO. It works on Linux
/// too.
///
/// Nothing is kept between exchanges: no cookies, no cache, no credentials. Redirects are returned as answers. A
/// compressed answer is unpacked by the system, and the limit counts the unpacked bytes.
///
/// What the system does on its own: Apple's URLSession may send an idempotent request (GET, HEAD, PUT, DELETE) once more
/// when a kept connection breaks, never a POST or PATCH. On Linux libcurl would repeat any request on a kept connection
/// that closed before the answer; so no connection is used twice there.
public struct URLSessionTransport: HTTPTransport {
    let allowsPlainHTTP: Bool
    #if !canImport(FoundationNetworking)
    let session = URLSession(configuration: Self.configuration)
    #endif

    /// - Parameter allowsPlainHTTP: Lets plain http reach other machines than this one. Tokens and texts can then be
    ///   read on the way; for test networks only. On Apple platforms the app's transport security must allow it as well.
    public init(allowsPlainHTTP: Bool = false) {
        self.allowsPlainHTTP = allowsPlainHTTP
    }

    /// One exchange. `requestMayHaveArrived` is false for an invalid address, a failed look-up of the name, connection
    /// or TLS handshake, and for a task that was cancelled before the call. URLSession doesn't tell how far a cancelled
    /// or timed-out exchange came; there it is true. On Linux it doesn't name a failed handshake either, which is then
    /// `.connectionLost` and true.
    ///
    /// Cancelling ends the exchange and throws `.cancelled`. The timeout counts from the call to the last byte of the
    /// answer.
    public func send(
        _ request: HTTPRequest, body: [UInt8], limits: HTTPLimits
    ) async throws(TransportError) -> TransportResponse {
        let address = try ExchangeAddress(request, allowsPlainHTTP: allowsPlainHTTP)
        // Foundation keeps a body off GET; a request that says less than its caller meant is not sent.
        guard body.isEmpty || (request.method != .get && request.method != .head) else {
            throw TransportError(.invalidRequest, requestMayHaveArrived: false)
        }
        if Task.isCancelled { throw TransportError(.cancelled, requestMayHaveArrived: false) }
        guard limits.timeout > .zero else { throw TransportError(.timeout, requestMayHaveArrived: false) }
        let timeout = min(limits.timeout, Self.longestTimeout)
        let exchange = SessionExchange(maximumBytes: limits.maximumResponseBytes)
        let task = makeTask(URLRequest(address, request, body: body, timeout: timeout), exchange)
        // A sleep that is cut short says that the exchange ended first.
        return try await perform(task, exchange.end) { (try? await Task.sleep(for: timeout)) != nil }.get()
    }

    /// - Parameter runsOut: returns true when the time is over, and false when its task is cancelled.
    func perform(
        _ task: URLSessionTask, _ exchange: SessionEnd, until runsOut: @escaping @Sendable () async -> Bool
    ) async -> Result<TransportResponse, TransportError> {
        await withTaskGroup { group in
            group.addTask {
                if await runsOut() { exchange.end(.timeout) }
            }
            let outcome = await withTaskCancellationHandler {
                await exchange.run(task)
            } onCancel: {
                exchange.end(.cancelled)
            }
            group.cancelAll()
            return outcome
        }
    }

    func makeTask(
        _ request: URLRequest, _ delegate: any URLSessionTaskDelegate,
        _ make: (URLSession, URLRequest) -> URLSessionTask = { $0.dataTask(with: $1) }
    ) -> URLSessionTask {
        #if canImport(FoundationNetworking)
        let session = URLSession(configuration: Self.configuration, delegate: delegate, delegateQueue: nil)
        defer { session.finishTasksAndInvalidate() }
        return make(session, request)
        #else
        let task = make(session, request)
        task.delegate = delegate
        return task
        #endif
    }

    static let longestTimeout: Duration = .seconds(24 * 60 * 60)

    private static var configuration: URLSessionConfiguration {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        configuration.httpCookieStorage = nil
        configuration.urlCache = nil
        configuration.urlCredentialStorage = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        return configuration
    }
}

extension URLRequest {
    init(_ address: ExchangeAddress, _ request: HTTPRequest, body: [UInt8] = [], timeout: Duration) {
        self.init(url: address.url)
        httpMethod = request.method.rawValue
        // Foundation's own clock measures idle time, in whole seconds on Linux: it stays behind ours.
        timeoutInterval = Double(timeout.components.seconds) + 60
        for field in request.headerFields.withoutFraming {
            addValue(field.value, forHTTPHeaderField: field.name.rawName)
        }
        #if canImport(FoundationNetworking)
        setValue("close", forHTTPHeaderField: "Connection")
        #endif
        if !body.isEmpty { httpBody = Data(body) }
    }
}
