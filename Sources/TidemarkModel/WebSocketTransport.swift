public import HTTPTypes

/// Opens WebSocket connections that carry text.
///
/// A transport neither reconnects nor follows redirects, refuses plain `ws` except to this machine (or where it was told
/// otherwise), and bounds sizes by ``WebSocketLimits``.
public protocol WebSocketTransport: Sendable {
    /// Opens a connection to a request's address, whose scheme is `http` or `https`. Throws `TransportError`: the code
    /// ``TransportError/Code/refused(status:)`` where the other side answers with an HTTP status instead; cancelling the task
    /// gives up with the code `.cancelled`.
    func connect(_ request: HTTPRequest, limits: WebSocketLimits) async throws(TransportError) -> any WebSocketConnection
}

/// One open connection. It answers the other side's pings by itself.
///
/// One task receives; any may send. Messages are sent in the order of the calls. Binary messages are passed over.
public protocol WebSocketConnection: Sendable {
    /// Returns when the text has been handed to the operating system: that says nothing of its arrival. Throws
    /// `.connectionLost`, and `.cancelled` when the task is, with a true `requestMayHaveArrived` if a byte may have left.
    func send(_ text: String) async throws(TransportError)

    /// The next text message, put together from its fragments; `nil` when the other side closed in order. Throws `.connectionLost`
    /// when the connection broke, `.responseTooLarge` for a message above the limit, `.cancelled` when the task is; it depends on
    /// the transport whether the connection can be used after that.
    func receive() async throws(TransportError) -> String?

    /// Says goodbye and ends the connection. It does not wait for an answer; what is received from then on is `nil`.
    func close() async
}

public struct WebSocketLimits: Hashable, Sendable {
    /// From the first step to the upgraded connection.
    public var connectTimeout: Duration
    /// UTF-8 bytes of a message, all its fragments together.
    public var maximumMessageBytes: Int
    /// How many messages may wait to be received; beyond them, and beyond ``maximumMessageBytes`` in all, nothing more is read
    /// from the network until one was taken. What one read brought waits as well.
    public var maximumWaitingMessages: Int

    public init(
        connectTimeout: Duration = .seconds(20), maximumMessageBytes: Int = 4 * 1024 * 1024, maximumWaitingMessages: Int = 256
    ) {
        self.connectTimeout = connectTimeout
        self.maximumMessageBytes = maximumMessageBytes
        self.maximumWaitingMessages = maximumWaitingMessages
    }
}

extension TransportError.Code {
    private static let refusal = "refused."

    /// The other side answered a WebSocket's handshake with this HTTP status.
    public static func refused(status: Int) -> TransportError.Code { TransportError.Code(rawValue: "\(refusal)\(status)") }

    /// The status of ``refused(status:)``.
    public var refusedStatus: Int? {
        rawValue.hasPrefix(Self.refusal) ? Int(rawValue.dropFirst(Self.refusal.count)) : nil
    }
}
