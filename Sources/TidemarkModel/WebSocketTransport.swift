public import HTTPTypes

/// Opens WebSocket connections that carry text.
///
/// A transport neither reconnects nor follows redirects, refuses plain `ws` except to this machine (or where it was told
/// otherwise), and bounds sizes by ``WebSocketLimits``.
public protocol WebSocketTransport: Sendable {
    /// Opens a connection to a request's address, whose scheme is `http` or `https`. Throws `TransportError`;
    /// cancelling the task gives up with the code `.cancelled`.
    func connect(_ request: HTTPRequest, limits: WebSocketLimits) async throws(TransportError) -> any WebSocketConnection
}

/// One open connection. It answers the other side's pings by itself.
///
/// One task receives; any may send. Messages are sent in the order of the calls.
public protocol WebSocketConnection: Sendable {
    /// Returns when the text has been handed to the operating system: that says nothing of its arrival.
    func send(_ text: String) async throws(TransportError)

    /// The next text message, put together from its fragments; `nil` when the other side closed in order. Throws `.connectionLost`
    /// when the connection broke, `.responseTooLarge` for a message above the limit, `.cancelled` when the task is.
    func receive() async throws(TransportError) -> String?

    /// Says goodbye and ends the connection. It does not wait for an answer; what is received from then on is `nil`.
    func close() async
}

public struct WebSocketLimits: Hashable, Sendable {
    /// From the first step to the upgraded connection.
    public var connectTimeout: Duration
    /// UTF-8 bytes of a message, all its fragments together.
    public var maximumMessageBytes: Int
    /// How many messages may wait to be received; beyond them nothing more is read from the network until one was taken.
    public var maximumWaitingMessages: Int

    public init(
        connectTimeout: Duration = .seconds(20), maximumMessageBytes: Int = 4 * 1024 * 1024, maximumWaitingMessages: Int = 256
    ) {
        self.connectTimeout = connectTimeout
        self.maximumMessageBytes = maximumMessageBytes
        self.maximumWaitingMessages = maximumWaitingMessages
    }
}
