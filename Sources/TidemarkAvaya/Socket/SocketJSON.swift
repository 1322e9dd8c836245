package import TidemarkModel

/// One JSON text as it came. Nothing of it is read before it is asked for.
///
/// Of two members with one name the later counts, as in JavaScript.
package struct SocketJSON: Hashable, Sendable {
    package let bytes: [UInt8]

    package static let maximumDepth = 64

    package init(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    package init(_ text: String) {
        self.init(text.utf8)
    }

    /// A member of an object; `nil` for what is absent, null, or no object.
    package subscript(name: String) -> SocketJSON? {
        var scanner = scanner
        scanner.skipSpace()
        guard scanner.next == UInt8(ascii: "{") else { return nil }
        var found: SocketJSON?
        do throws(JSONError) {
            try scanner.members { scanner, member throws(JSONError) in
                let value = try Self.value(&scanner)
                if member == name { found = value }
            }
        } catch {
            return nil
        }
        return found?.isNull == true ? nil : found
    }

    /// The text of a JSON string.
    package var text: String? {
        var scanner = scanner
        scanner.skipSpace()
        guard scanner.next == UInt8(ascii: "\"") else { return nil }
        do throws(JSONError) { return try scanner.text() } catch { return nil }
    }

    /// A number cut to a whole one; `nil` for what is none or doesn't fit.
    package var integer: Int64? {
        let digits = String(decoding: bytes, as: UTF8.self).trimmed
        if let value = Int64(digits) { return value }
        guard let value = Double(digits), value.isFinite else { return nil }
        return Int64(exactly: value.rounded(.towardZero))
    }

    /// The elements of an array, or `nil` if it is none.
    package func elements(atMost limit: Int) throws(JSONError) -> [SocketJSON]? {
        var scanner = scanner
        scanner.skipSpace()
        guard scanner.next == UInt8(ascii: "[") else { return nil }
        var elements: [SocketJSON] = []
        try scanner.elements { scanner throws(JSONError) in
            guard elements.count < limit else { throw scanner.failure("the array has too many elements") }
            elements.append(try Self.value(&scanner))
        }
        try scanner.end()
        return elements
    }

    /// Throws unless this is one whole JSON value and nothing else.
    package func check() throws(JSONError) {
        var scanner = scanner
        _ = try Self.value(&scanner)
        try scanner.end()
    }

    package var isObject: Bool { bytes.first { !Self.isSpace($0) } == UInt8(ascii: "{") }
    private var isNull: Bool { String(decoding: bytes, as: UTF8.self).trimmed == "null" }

    private var scanner: JSONScanner {
        JSONScanner(bytes, maximumDepth: Self.maximumDepth, refusesControls: false)
    }

    /// Passes the value that begins here and keeps its bytes.
    private static func value(_ scanner: inout JSONScanner) throws(JSONError) -> SocketJSON {
        scanner.skipSpace()
        let start = scanner.position
        try pass(&scanner)
        return SocketJSON(scanner.bytes[start..<scanner.position])
    }

    private static func pass(_ scanner: inout JSONScanner) throws(JSONError) {
        scanner.skipSpace()
        switch scanner.next {
        case UInt8(ascii: "{"): try scanner.members { scanner, _ throws(JSONError) in try pass(&scanner) }
        case UInt8(ascii: "["): try scanner.elements { scanner throws(JSONError) in try pass(&scanner) }
        case UInt8(ascii: "\""): _ = try scanner.text()
        case UInt8(ascii: "t"): try scanner.pass("true")
        case UInt8(ascii: "f"): try scanner.pass("false")
        case UInt8(ascii: "n"): try scanner.pass("null")
        case nil: throw scanner.failure("the JSON text ends too early")
        default: try number(&scanner)
        }
    }

    private static func number(_ scanner: inout JSONScanner) throws(JSONError) {
        let start = scanner.position
        while let byte = scanner.next, "+-.eE0123456789".utf8.contains(byte) { scanner.position += 1 }
        guard Double(String(decoding: scanner.bytes[start..<scanner.position], as: UTF8.self)) != nil else {
            throw scanner.failure("a value is expected")
        }
    }

    fileprivate static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x0A, 0x0D, 0x09].contains(byte) }
}

extension SocketJSON {
    /// A JSON string, with the escapes that JSON asks for and no others.
    package init(string text: String) {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x0A: bytes += "\\n".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0x09: bytes += "\\t".utf8
            case 0..<0x20: bytes += ("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)).utf8
            default: bytes.append(byte)
            }
        }
        self.init(bytes + [UInt8(ascii: "\"")])
    }

    /// An object of the members that are there, in this order.
    package init(bool value: Bool) {
        self.init(Array((value ? "true" : "false").utf8))
    }

    package init(members: [(String, SocketJSON?)]) {
        var bytes: [UInt8] = []
        for (name, value) in members {
            guard let value else { continue }
            bytes += bytes.isEmpty ? "{".utf8 : ",".utf8
            bytes += SocketJSON(string: name).bytes + [UInt8(ascii: ":")] + value.bytes
        }
        self.init(bytes.isEmpty ? Array("{}".utf8) : bytes + [UInt8(ascii: "}")])
    }
}

extension String {
    fileprivate var trimmed: String {
        let bytes = utf8.drop { SocketJSON.isSpace($0) }.reversed().drop { SocketJSON.isSpace($0) }.reversed()
        return String(decoding: Array(bytes), as: UTF8.self)
    }
}
