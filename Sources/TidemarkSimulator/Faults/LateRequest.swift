internal import HTTPTypes

/// A request that is still on its way although its client has given up.
struct LateRequest: Hashable, Sendable, Codable {
    /// Unix milliseconds.
    var arrival: Int64
    var request: HTTPRequest
    var body: [UInt8]
    var isAfterQuarantine: Bool
}

/// A late request that arrived, for a judge: it may have made a copy that nobody could prevent.
public struct LateArrival: Hashable, Sendable, Codable {
    /// Unix milliseconds.
    public var arrival: Int64
    /// The message that it made, if it made one.
    public var message: Int64?
    /// It came later than the quarantine after its client gave up.
    public var isAfterQuarantine: Bool
}
