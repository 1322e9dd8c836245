/// A text frame of socket.io 2 over engine.io 3 (wire page §6), as a server reads it.
enum AvayaPacket: Hashable, Sendable {
    /// The client's heartbeat, with what is to be sent back.
    case ping(String)
    case pong
    case closing
    case noop
    /// Enters a namespace; the query stands behind its name.
    case connect(namespace: String, query: String)
    case disconnect(namespace: String)
    case event(namespace: String, acknowledgement: String?, name: String, arguments: [JSON])
    case acknowledgement

    /// `nil` for what is no frame of a client.
    init?(_ text: String) {
        guard let first = text.utf8.first else { return nil }
        let rest = text.dropFirst()
        switch first {
        case UInt8(ascii: "1"): self = .closing
        case UInt8(ascii: "2"): self = .ping(String(rest))
        case UInt8(ascii: "3"): self = .pong
        case UInt8(ascii: "4"):
            guard let packet = Self.message(rest) else { return nil }
            self = packet
        case UInt8(ascii: "6"): self = .noop
        default: return nil
        }
    }

    /// A type digit, `/namespace,`, an acknowledgement's digits, JSON: all but the first may be missing.
    private static func message(_ text: Substring) -> AvayaPacket? {
        guard let type = text.first else { return nil }
        var rest = text.dropFirst()
        var namespace = Substring("/")
        if rest.first == "/" {
            namespace = rest.prefix { $0 != "," }
            rest = rest.dropFirst(namespace.count + 1)
        }
        let parts = namespace.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        switch type {
        case "0": return .connect(namespace: name, query: parts.count > 1 ? String(parts[1]) : "")
        case "1": return .disconnect(namespace: name)
        case "2":
            let digits = rest.prefix { ("0"..."9").contains($0) }
            guard digits.count < 10, let items = JSON(Array(rest.dropFirst(digits.count).utf8))?.list,
                let event = items.first?.text
            else { return nil }
            return .event(
                namespace: name, acknowledgement: digits.isEmpty ? nil : String(digits), name: event,
                arguments: Array(items.dropFirst()))
        case "3": return .acknowledgement
        default: return nil
        }
    }

    // MARK: What the server writes

    static func event(_ name: String, _ payload: JSON) -> String {
        "42/chat," + JSON.list([.text(name), payload]).written
    }

    static func refusal(_ namespace: String, _ reason: String) -> String {
        "44\(namespace)," + JSON.text(reason).written
    }
}
