import TidemarkModel

/// One packet of socket.io 2, as it stands behind engine.io's `4`: a digit, a namespace, perhaps a number, and JSON (wire page §6).
package struct SocketPacket: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case connect
        case disconnect
        /// A name and what belongs to it.
        case event(String, [SocketJSON])
        case acknowledgement([SocketJSON])
        /// The namespace is refused; the reason as JSON, mostly a text.
        case error(SocketJSON?)
    }

    package var kind: Kind
    /// `/` for the one that every connection has.
    package var namespace: String
    /// What stood behind the namespace's name after a question mark.
    package var query: String?
    /// The number of an acknowledgement that is asked for, or given.
    package var id: Int64?

    package static let maximumNamespaceBytes = 4_096
    package static let maximumArguments = 64

    package init(_ kind: Kind, namespace: String, query: String? = nil, id: Int64? = nil) {
        self.kind = kind
        self.namespace = namespace
        self.query = query
        self.id = id
    }

    package init(_ bytes: ArraySlice<UInt8>) throws(SocketFrameError) {
        guard let type = bytes.first else { throw SocketFrameError(.malformed, "the packet is empty") }
        guard type != UInt8(ascii: "5"), type != UInt8(ascii: "6") else {
            throw SocketFrameError(.binary, "it announces attachments")
        }
        var rest = bytes.dropFirst()
        (namespace, query) = try Self.takeNamespace(&rest)
        id = try Self.takeID(&rest)
        let json = SocketJSON(rest)
        switch type {
        case UInt8(ascii: "0"): kind = .connect
        case UInt8(ascii: "1"): kind = .disconnect
        case UInt8(ascii: "2"):
            let elements = try Self.arguments(json)
            guard let name = elements.first?.text else { throw SocketFrameError(.malformed, "an event has no name") }
            kind = .event(name, Array(elements.dropFirst()))
        case UInt8(ascii: "3"): kind = .acknowledgement(try Self.arguments(json))
        case UInt8(ascii: "4"): kind = .error(rest.isEmpty ? nil : json)
        default: throw SocketFrameError(.malformed, "the packet's type is unknown")
        }
    }

    /// `/chat`, `/chat,` and `/chat?query,` alike; what begins otherwise is in `/`.
    private static func takeNamespace(
        _ rest: inout ArraySlice<UInt8>
    ) throws(SocketFrameError) -> (namespace: String, query: String?) {
        guard rest.first == UInt8(ascii: "/") else { return ("/", nil) }
        let name = rest.prefix { $0 != UInt8(ascii: ",") }
        guard name.count <= maximumNamespaceBytes else { throw SocketFrameError(.tooLarge, "the namespace's name") }
        rest = rest.dropFirst(name.count + 1)
        let parts = name.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        let query = parts.count > 1 ? parts[1] : nil
        return (String(decoding: parts[0], as: UTF8.self), query.map { String(decoding: $0, as: UTF8.self) })
    }

    private static func takeID(_ rest: inout ArraySlice<UInt8>) throws(SocketFrameError) -> Int64? {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !digits.isEmpty else { return nil }
        guard let id = Int64(String(decoding: digits, as: UTF8.self)) else {
            throw SocketFrameError(.malformed, "the number of an acknowledgement is too large")
        }
        rest = rest.dropFirst(digits.count)
        return id
    }

    private static func arguments(_ json: SocketJSON) throws(SocketFrameError) -> [SocketJSON] {
        let elements: [SocketJSON]?
        do throws(JSONError) {
            elements = try json.elements(atMost: maximumArguments)
        } catch {
            throw SocketFrameError(error)
        }
        guard let elements else { throw SocketFrameError(.malformed, "the packet has no array") }
        return elements
    }

    /// The form that the recorded client writes: no comma behind a namespace that nothing follows, unless it has a query.
    package var text: String {
        let (type, data) = wire
        let name = namespace == "/" && query == nil ? "" : namespace + (query.map { "?\($0)" } ?? "")
        let number = id.map(String.init) ?? ""
        let hasComma = !name.isEmpty && (query != nil || !number.isEmpty || !data.isEmpty)
        return type + name + (hasComma ? "," : "") + number + data
    }

    private var wire: (type: String, data: String) {
        switch kind {
        case .connect: ("0", "")
        case .disconnect: ("1", "")
        case .event(let name, let arguments): ("2", Self.array([SocketJSON(string: name)] + arguments))
        case .acknowledgement(let arguments): ("3", Self.array(arguments))
        case .error(let reason): ("4", reason.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "")
        }
    }

    private static func array(_ elements: [SocketJSON]) -> String {
        "[" + elements.map { String(decoding: $0.bytes, as: UTF8.self) }.joined(separator: ",") + "]"
    }
}
