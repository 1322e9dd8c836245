import TidemarkModel

/// Why a frame is not read. It holds no part of the frame.
package struct SocketFrameError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// It breaks the protocol's grammar.
        case malformed
        /// It announces or carries binary data; this channel carries text (wire page §6).
        case binary
        case tooLarge
    }

    package var code: Code
    package var reason: String

    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    init(_ error: JSONError) {
        self.init(.malformed, error.reason)
    }

    package var description: String {
        switch code {
        case .malformed: "A frame of the socket could not be read: \(reason)."
        case .binary: "A frame of the socket carries binary data, which chat does not use: \(reason)."
        case .tooLarge: "A frame of the socket is larger than the limit: \(reason)."
        }
    }
}
