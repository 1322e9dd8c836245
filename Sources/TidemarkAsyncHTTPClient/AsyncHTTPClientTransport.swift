#if NIO
import AsyncHTTPClient
import Foundation
public import HTTPTypes
import NIOCore
import NIOHTTP1
public import TidemarkModel

/// Carries requests with AsyncHTTPClient: the transport for Linux, servers and the command line.
///
/// It owns its client, because a borrowed one brings redirects and retries that can't be seen from outside. Connections
/// are kept and used again. Call ``shutdown()`` when the transport is no longer needed; a transport that is dropped
/// without it closes its connections in the background.
///
/// Nothing is sent twice: redirects are returned as answers, a connection that can't be made fails at once, and HTTP/1.1
/// puts one exchange on a connection at a time, so that a broken connection strikes one request. Answers are asked for
/// without compression, so that the limit counts the bytes that arrive.
public final class AsyncHTTPClientTransport: HTTPTransport {
    let client: HTTPClient
    let allowsPlainHTTP: Bool

    /// - Parameter allowsPlainHTTP: Lets plain http reach other machines than this one. Tokens and texts can then be
    ///   read on the way; for test networks only.
    public init(allowsPlainHTTP: Bool = false) {
        // One loop for connections and exchanges: what a delegate has seen is then in the order in which it happened,
        // and a cancelled exchange knows whether its request had begun to leave.
        let loop = HTTPClient.defaultEventLoopGroup.any()
        self.client = HTTPClient(eventLoopGroupProvider: .shared(loop), configuration: Self.configuration)
        self.allowsPlainHTTP = allowsPlainHTTP
    }

    deinit {
        client.shutdown { _ in }
    }

    /// Closes the kept connections and ends what is under way as `.cancelled`. Later requests end as `.cancelled` too.
    /// Calling it again does nothing. A connection that is just being made is waited for, 10 s at most.
    public func shutdown() async {
        // The one failure there is says that it was shut down before.
        try? await client.shutdown()
    }

    /// One exchange. `requestMayHaveArrived` is false exactly if the request's head had not begun to leave.
    ///
    /// Cancelling closes the connection and throws `.cancelled`. The timeout counts from the call to the last byte of
    /// the answer, waiting for a free connection included. Making a connection has
    /// 10 s, TLS included.
    public func send(
        _ request: HTTPRequest, body: [UInt8], limits: HTTPLimits
    ) async throws(TransportError) -> TransportResponse {
        let address = try ExchangeAddress(request, allowsPlainHTTP: allowsPlainHTTP)
        if Task.isCancelled { throw TransportError(.cancelled, requestMayHaveArrived: false) }
        guard limits.timeout > .zero else { throw TransportError(.timeout, requestMayHaveArrived: false) }
        let delegate = ExchangeDelegate(maximumBytes: limits.maximumResponseBytes)
        do {
            return try await perform(
                try HTTPClient.Request(address, request, body: body.isEmpty ? nil : .bytes(body)), delegate,
                deadline: .now() + TimeAmount(min(limits.timeout, Self.longestTimeout)))
        } catch {
            throw TransportError(error, requestHasBegun: delegate.requestHasBegun)
        }
    }

    func perform(
        _ request: HTTPClient.Request, _ delegate: ExchangeDelegate, deadline: NIODeadline
    ) async throws -> TransportResponse {
        let task = client.execute(request: request, delegate: delegate, deadline: deadline)
        return try await withTaskCancellationHandler {
            try await task.get()
        } onCancel: {
            task.cancel()
        }
    }

    private static let longestTimeout: Duration = .seconds(24 * 60 * 60)

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        // More than an engine has under way at once, so that no exchange queues for a connection.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        configuration.timeout.connect = .seconds(10)
        // A tracer would record whole addresses, and queries stay out of logs.
        configuration.tracing.tracer = nil
        return configuration
    }
}

extension HTTPClient.Request {
    init(_ address: ExchangeAddress, _ request: HTTPRequest, body: HTTPClient.Body?) throws {
        try self.init(
            url: address.url, method: HTTPMethod(rawValue: request.method.rawValue), headers: HTTPHeaders(request.headerFields),
            body: body)
    }
}

extension HTTPHeaders {
    /// Without those that frame a body, which are the client's.
    init(_ fields: HTTPFields) {
        self.init(fields.withoutFraming.map { ($0.name.rawName, $0.value) })
        replaceOrAdd(name: "accept-encoding", value: "identity")
    }
}
#endif
