public import HTTPTypes

/// Carries one HTTP request and its answer, bytes in and bytes out.
///
/// A transport neither retries nor follows redirects, refuses plain http except to this machine (or where it was
/// told otherwise), and bounds time and size by ``HTTPLimits``.
public protocol HTTPTransport: Sendable {
    /// Throws `TransportError`, whose `requestMayHaveArrived` tells whether the service can have seen the request.
    /// Cancelling the task ends the exchange with the code `.cancelled`.
    func send(_ request: HTTPRequest, body: [UInt8], limits: HTTPLimits) async throws(TransportError) -> TransportResponse

    /// Sends a request whose body is a file, and reads the answer: whole or not at all. An answer that refuses the request
    /// before all of the file has left is the answer.
    ///
    /// The body has as many bytes as the file had when it was opened, and as many as the request's `Content-Length` says
    /// where it has one. A file of another size than that, or one that shrinks or grows meanwhile, throws `.fileChanged`; one
    /// that can't be read `.fileUnreadable`. Cancelling ends the exchange with the code `.cancelled`.
    ///
    /// A conformer that streams holds a small part of the file in memory. Without a conformer's own, the file is read whole
    /// and given to ``send(_:body:limits:)``; one with more than ``HTTPLimits/largestFileInMemory`` throws `.fileTooLarge`.
    ///
    /// - Parameters:
    ///   - request: what is asked.
    ///   - path: a plain file that nobody writes to meanwhile.
    ///   - limits: `timeout` is here how long nothing may move; how long the whole takes is up to the file.
    ///   - progress: told how many bytes of the file have been handed to the network, in order, from any thread. Bytes that
    ///     have been handed over need not have arrived: the answer alone says so.
    func upload(
        _ request: HTTPRequest, file path: String, limits: HTTPLimits, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(TransportError) -> TransportResponse

    /// Sends a request without a body and writes the body of a 2xx answer into a file. Another answer is returned with its
    /// body, bounded by the limits, and leaves no file.
    ///
    /// The bytes go into a new file beside `path`, which only its owner may read and whose name ends in `.part`; it is synced
    /// and takes `path`'s place when it is whole. An exchange that ends otherwise removes it; only a process that dies
    /// meanwhile leaves it. Cancelling ends the exchange with the code `.cancelled`.
    ///
    /// Throws `.responseTooLarge` for more than `maximumBytes`, as soon as that shows, and `.fileUnwritable` if the file can't
    /// be made, written or moved. Without a conformer's own, the body is held in memory, and
    /// ``HTTPLimits/largestFileInMemory`` bounds it too.
    ///
    /// - Parameters:
    ///   - request: what is asked.
    ///   - path: the file that is written.
    ///   - limits: as in ``upload(_:file:limits:progress:)``; `maximumResponseBytes` bounds bodies that go into no file.
    ///   - maximumBytes: more is refused.
    ///   - progress: told how many bytes of the body have come, in order, from any thread.
    func download(
        _ request: HTTPRequest, to path: String, limits: HTTPLimits, maximumBytes: Int64,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws(TransportError) -> TransportResponse
}

public struct HTTPLimits: Hashable, Sendable {
    /// The largest file that a transport carries which doesn't stream.
    public static let largestFileInMemory: Int64 = 16 * 1024 * 1024

    /// From the first step to the answer's last byte; where a file is carried, how long nothing may move.
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
        /// A file to be sent that is not there, is no plain file, or can't be read.
        public static let fileUnreadable = Code(rawValue: "fileUnreadable")
        /// A file to be sent that has another size than was announced.
        public static let fileChanged = Code(rawValue: "fileChanged")
        /// A file larger than a transport carries that doesn't stream.
        public static let fileTooLarge = Code(rawValue: "fileTooLarge")
        /// A file to be received that can't be made, written or moved: rights, space, or a folder that is not there.
        public static let fileUnwritable = Code(rawValue: "fileUnwritable")
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
        case .fileUnreadable: "The file to be sent can't be read; see whether it is still there."
        case .fileChanged: "The file to be sent has another size than it had; attach it again."
        case .fileTooLarge: "The file is larger than this transport carries; use one that streams."
        case .fileUnwritable: "The file that came can't be written; see to the folder's rights and its space."
        default:
            code.refusedStatus.map { "The service refused the connection (HTTP \($0))." }
                ?? "The exchange failed (\(code.rawValue))."
        }
    }
}
