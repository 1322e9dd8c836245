public import HTTPTypes

/// Carries one HTTP request and its answer, bytes in and bytes out.
///
/// A transport neither retries nor follows redirects, refuses plain http except to this machine (or where it was
/// told otherwise), and bounds time and size by ``HTTPLimits``.
public protocol HTTPTransport: Sendable {
    /// Throws `TransportError`, whose `requestMayHaveArrived` tells whether the service can have seen the request.
    /// Cancelling the task ends the exchange with the code `.cancelled`.
    func send(_ request: HTTPRequest, body: [UInt8], limits: HTTPLimits) async throws(TransportError) -> TransportResponse
}

public struct HTTPLimits: Hashable, Sendable {
    /// From the first step to the answer's last byte.
    public var timeout: Duration
    public var maximumResponseBytes: Int

    public init(timeout: Duration = .seconds(30), maximumResponseBytes: Int = 16 * 1024 * 1024) {
        self.timeout = timeout
        self.maximumResponseBytes = maximumResponseBytes
    }
}

public struct TransportResponse: Hashable, Sendable {
    public var head: HTTPResponse
    public var body: [UInt8]

    public init(head: HTTPResponse, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }
}

/// Why an exchange gave no answer.
public struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    public struct Code: Hashable, Sendable, RawRepresentable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Name, route, connection or TLS: nothing left this machine.
        public static let unreachable = Code(rawValue: "unreachable")
        public static let timeout = Code(rawValue: "timeout")
        /// The connection broke after the request had begun to leave.
        public static let connectionLost = Code(rawValue: "connectionLost")
        public static let responseTooLarge = Code(rawValue: "responseTooLarge")
        /// Plain http to another machine.
        public static let insecure = Code(rawValue: "insecure")
        public static let invalidRequest = Code(rawValue: "invalidRequest")
        public static let cancelled = Code(rawValue: "cancelled")
    }

    public var code: Code
    /// `false` only where the service can't have seen any byte of the request.
    public var requestMayHaveArrived: Bool

    public init(_ code: Code, requestMayHaveArrived: Bool) {
        self.code = code
        self.requestMayHaveArrived = requestMayHaveArrived
    }

    public var description: String {
        switch code {
        case .unreachable: "The service can't be reached; check the network and the endpoint."
        case .timeout: "The service did not answer in time."
        case .connectionLost: "The connection to the service broke."
        case .responseTooLarge: "The service's answer is larger than the limit."
        case .insecure: "The endpoint is plain http on another machine; use https or allow it explicitly."
        case .invalidRequest: "The request's address is not a valid http or https address."
        case .cancelled: "The request was cancelled."
        default:
            code.refusedStatus.map { "The service refused the connection (HTTP \($0))." }
                ?? "The exchange failed (\(code.rawValue))."
        }
    }
}
