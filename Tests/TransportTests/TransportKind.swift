#if NIO
import HTTPTypes
import TidemarkAsyncHTTPClient
import TidemarkModel
import TidemarkURLSession

/// The transports that the suite holds to one contract, and the freedoms that the contract leaves them.
enum TransportKind: CaseIterable, Sendable {
    case asyncHTTPClient
    case urlSession

    /// Runs the body with a fresh transport and shuts it down after.
    func with<Value>(
        allowsPlainHTTP: Bool = false, _ body: (any HTTPTransport) async throws -> Value
    ) async throws -> Value {
        switch self {
        case .asyncHTTPClient:
            let transport = AsyncHTTPClientTransport(allowsPlainHTTP: allowsPlainHTTP)
            do {
                let value = try await body(transport)
                await transport.shutdown()
                return value
            } catch {
                await transport.shutdown()
                throw error
            }
        case .urlSession:
            return try await body(URLSessionTransport(allowsPlainHTTP: allowsPlainHTTP))
        }
    }

    /// Whether connections are used again. URLSession on Linux can't do it without repeating requests on its own.
    var keepsConnections: Bool {
        #if canImport(FoundationNetworking)
        self == .asyncHTTPClient
        #else
        true
        #endif
    }

    /// Whether a failed TLS handshake has a name of its own. On Linux Foundation gives libcurl's code the name "unknown".
    var namesHandshakeFailures: Bool {
        #if canImport(FoundationNetworking)
        self == .asyncHTTPClient
        #else
        true
        #endif
    }

    /// Whether a cancelled or timed-out exchange knows that its request had not begun to leave.
    var knowsHowFarItCame: Bool { self == .asyncHTTPClient }
}

extension HTTPRequest {
    init(_ method: Method = .get, _ path: String, port: Int, scheme: String = "http", host: String = "127.0.0.1") {
        self.init(method: method, scheme: scheme, authority: "\(host):\(port)", path: path)
    }
}

extension HTTPTransport {
    /// The failure of an exchange that must not succeed.
    func failure(of request: HTTPRequest, body: [UInt8] = [], limits: HTTPLimits = HTTPLimits()) async -> TransportError? {
        do {
            _ = try await send(request, body: body, limits: limits)
            return nil
        } catch {
            return error
        }
    }
}
#endif
