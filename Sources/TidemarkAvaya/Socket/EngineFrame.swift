import TidemarkModel

/// One text frame of engine.io 3: a digit and what belongs to it (wire page §6).
package enum EngineFrame: Hashable, Sendable {
    case open(EngineOpening)
    case close
    /// The client asks; the text comes back in the answer.
    case ping(String)
    case pong(String)
    case message(SocketPacket)
    /// Ends a change of transport. There is one transport only, so it means nothing here.
    case upgrade
    case noop

    /// What a frame may be long: the transport's own limit for a message.
    package static let maximumBytes = 4 * 1024 * 1024

    package init(_ text: String) throws(SocketFrameError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumBytes else { throw SocketFrameError(.tooLarge, "\(bytes.count) bytes") }
        guard let type = bytes.first else { throw SocketFrameError(.malformed, "it is empty") }
        let rest = bytes.dropFirst()
        switch type {
        case UInt8(ascii: "0"): self = .open(try EngineOpening(rest))
        case UInt8(ascii: "1"): self = .close
        case UInt8(ascii: "2"): self = .ping(String(decoding: rest, as: UTF8.self))
        case UInt8(ascii: "3"): self = .pong(String(decoding: rest, as: UTF8.self))
        case UInt8(ascii: "4"): self = .message(try SocketPacket(rest))
        case UInt8(ascii: "5"): self = .upgrade
        case UInt8(ascii: "6"): self = .noop
        case UInt8(ascii: "b"): throw SocketFrameError(.binary, "it is base64")
        default: throw SocketFrameError(.malformed, "its type is unknown")
        }
    }

    package var text: String {
        switch self {
        case .open(let opening): "0" + opening.text
        case .close: "1"
        case .ping(let text): "2" + text
        case .pong(let text): "3" + text
        case .message(let packet): "4" + packet.text
        case .upgrade: "5"
        case .noop: "6"
        }
    }
}

/// What the server says when the connection opens. The values are as they came; who uses them bounds them.
package struct EngineOpening: Hashable, Sendable {
    package var sid: String?
    /// Milliseconds between two pings of the client.
    package var pingInterval: Int64?
    /// Milliseconds that an answer to a ping may take.
    package var pingTimeout: Int64?

    package init(sid: String?, pingInterval: Int64?, pingTimeout: Int64?) {
        self.sid = sid
        self.pingInterval = pingInterval
        self.pingTimeout = pingTimeout
    }

    init(_ bytes: ArraySlice<UInt8>) throws(SocketFrameError) {
        let json = SocketJSON(bytes)
        guard json.isObject else { throw SocketFrameError(.malformed, "the opening is no object") }
        do throws(JSONError) { try json.check() } catch { throw SocketFrameError(error) }
        self.init(
            sid: json["sid"]?.text, pingInterval: json["pingInterval"]?.integer, pingTimeout: json["pingTimeout"]?.integer)
    }

    fileprivate var text: String {
        let json = SocketJSON(members: [
            ("sid", sid.map { SocketJSON(string: $0) }), ("upgrades", SocketJSON("[]")),
            ("pingInterval", pingInterval.map { SocketJSON("\($0)") }),
            ("pingTimeout", pingTimeout.map { SocketJSON("\($0)") }),
        ])
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
