/// Why some bytes are no JSON. It holds no part of them.
package struct JSONError: Error, Hashable, Sendable {
    package var reason: String
    /// How many bytes had been read.
    package var offset: Int
}

extension JSONValue {
    /// Reads one JSON text, and nothing but it.
    ///
    /// Nesting beyond `maximumDepth` is refused, because reading recurses. Bytes that are no UTF-8 and halves of
    /// surrogate pairs become U+FFFD; of two members with one name the later wins.
    package init(reading bytes: [UInt8], maximumDepth: Int = 64) throws(JSONError) {
        var reader = JSONReader(bytes: bytes, depth: maximumDepth)
        self = try reader.document()
    }

    package init(reading text: String) throws(JSONError) {
        try self.init(reading: Array(text.utf8))
    }
}

private struct JSONReader {
    let bytes: [UInt8]
    var position = 0
    var depth: Int

    /// Longer than any number that means something; what is longer is an attack on the one who converts it.
    private static let longestNumber = 400

    init(bytes: [UInt8], depth: Int) {
        self.bytes = bytes
        self.depth = depth
        // A byte order mark, which some gateways add.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    mutating func document() throws(JSONError) -> JSONValue {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw failure("more follows the JSON text") }
        return value
    }

    private func failure(_ reason: String) -> JSONError {
        JSONError(reason: reason, offset: position)
    }

    private var next: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try nested { reader throws(JSONError) in try reader.object() }
        case UInt8(ascii: "["): return try nested { reader throws(JSONError) in try reader.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw failure("the JSON text ends too early")
        default: return try number()
        }
    }

    private mutating func nested(
        _ read: (inout JSONReader) throws(JSONError) -> JSONValue
    ) throws(JSONError) -> JSONValue {
        guard depth > 0 else { throw failure("the JSON text is nested too deeply") }
        depth -= 1
        position += 1
        let value = try read(&self)
        depth += 1
        return value
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        var members: [String: JSONValue] = [:]
        if take("}") { return .object(members) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw failure("a name is expected") }
            let name = try string()
            guard take(":") else { throw failure("a colon is expected") }
            members[name] = try value()
        } while take(",")
        guard take("}") else { throw failure("an object does not end") }
        return .object(members)
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        var elements: [JSONValue] = []
        if take("]") { return .array(elements) }
        repeat { elements.append(try value()) } while take(",")
        guard take("]") else { throw failure("an array does not end") }
        return .array(elements)
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let end = position + word.utf8CodeUnitCount
        let expected = word.withUTF8Buffer { Array($0) }
        guard end <= bytes.count, bytes[position..<end].elementsEqual(expected) else { throw failure("an unknown word") }
        position = end
        return value
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        while let byte = next, Self.isOfNumber(byte) { position += 1 }
        guard position > start, position - start <= Self.longestNumber else { throw failure("a value is expected") }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard Double(text) != nil, text.first != "+" else { throw failure("a malformed number") }
        return .number(text)
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): true
        default: false
        }
    }

    private mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { position += 1 }
        // Nearly all texts have no escapes and are taken whole.
        if next == UInt8(ascii: "\"") {
            position += 1
            return String(decoding: bytes[start..<(position - 1)], as: UTF8.self)
        }
        var text = Array(bytes[start..<position])
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text.append(contentsOf: try escape())
            default: text.append(byte)
            }
        }
        throw failure("a text does not end")
    }

    private mutating func escape() throws(JSONError) -> [UInt8] {
        guard let byte = next else { throw failure("a text does not end") }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "u"): return Array(String(try codePoint()).utf8)
        default: throw failure("an unknown escape")
        }
    }

    private mutating func codePoint() throws(JSONError) -> Character {
        let first = try hexadecimal()
        guard (0xD800...0xDBFF).contains(first) else {
            return Unicode.Scalar(first).map(Character.init) ?? "\u{FFFD}"
        }
        let before = position
        guard next == UInt8(ascii: "\\") else { return "\u{FFFD}" }
        position += 1
        guard next == UInt8(ascii: "u") else {
            position = before
            return "\u{FFFD}"
        }
        position += 1
        let second = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(second) else {
            position = before
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)).map(Character.init) ?? "\u{FFFD}"
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw failure("a malformed escape")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
