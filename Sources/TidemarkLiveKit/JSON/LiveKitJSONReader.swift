extension LiveKitJSON {
    /// Reads one JSON text, and nothing but it, as strictly as the readers in rooms do: bytes that are no text, raw control
    /// characters in a string and anything behind the text are refused, or a packet would pass here that ends the chat of
    /// others.
    ///
    /// UTF-16, UTF-32 and byte order marks are read as Python does. Escaped halves of surrogate pairs become U+FFFD. Nesting
    /// beyond `maximumDepth` is refused, because reading recurses.
    package init(reading bytes: [UInt8], maximumDepth: Int = 96) throws(LiveKitJSONError) {
        guard let text = LiveKitJSONEncoding.utf8(bytes) else {
            throw LiveKitJSONError(reason: "the bytes are no text", offset: 0)
        }
        var reader = LiveKitJSONReader(bytes: text, depth: maximumDepth)
        self = try reader.document()
    }
}

private struct LiveKitJSONReader {
    let bytes: [UInt8]
    var position = 0
    var depth: Int

    init(bytes: [UInt8], depth: Int) {
        self.bytes = bytes
        self.depth = depth
    }

    mutating func document() throws(LiveKitJSONError) -> LiveKitJSON {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw failure("more follows the JSON text") }
        return value
    }

    private func failure(_ reason: String) -> LiveKitJSONError {
        LiveKitJSONError(reason: reason, offset: position)
    }

    private var next: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    private mutating func takeAfterSpace(_ scalar: Unicode.Scalar) -> Bool {
        skipSpace()
        return take(scalar)
    }

    private mutating func value() throws(LiveKitJSONError) -> LiveKitJSON {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try nested { reader throws(LiveKitJSONError) in try reader.object() }
        case UInt8(ascii: "["): return try nested { reader throws(LiveKitJSONError) in try reader.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "N"): return try word("NaN", .number("NaN"))
        case UInt8(ascii: "I"): return try word("Infinity", .number("Infinity"))
        case nil: throw failure("the JSON text ends too early")
        default: return try number()
        }
    }

    private mutating func nested(
        _ read: (inout LiveKitJSONReader) throws(LiveKitJSONError) -> LiveKitJSON
    ) throws(LiveKitJSONError) -> LiveKitJSON {
        guard depth > 0 else { throw failure("the JSON text is nested too deeply") }
        depth -= 1
        position += 1
        let value = try read(&self)
        depth += 1
        return value
    }

    private mutating func object() throws(LiveKitJSONError) -> LiveKitJSON {
        var members: [String: LiveKitJSON] = [:]
        if takeAfterSpace("}") { return .object(members) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw failure("a name is expected") }
            let name = try string()
            guard takeAfterSpace(":") else { throw failure("a colon is expected") }
            members[name] = try value()
        } while takeAfterSpace(",")
        guard take("}") else { throw failure("an object does not end") }
        return .object(members)
    }

    private mutating func array() throws(LiveKitJSONError) -> LiveKitJSON {
        var elements: [LiveKitJSON] = []
        if takeAfterSpace("]") { return .array(elements) }
        repeat { elements.append(try value()) } while takeAfterSpace(",")
        guard take("]") else { throw failure("an array does not end") }
        return .array(elements)
    }

    private mutating func word(_ word: String, _ value: LiveKitJSON) throws(LiveKitJSONError) -> LiveKitJSON {
        guard bytes[position...].starts(with: word.utf8) else { throw failure("an unknown word") }
        position += word.utf8.count
        return value
    }
}

extension LiveKitJSONReader {
    private mutating func number() throws(LiveKitJSONError) -> LiveKitJSON {
        let start = position
        _ = take("-")
        if next == UInt8(ascii: "I") { return try word("Infinity", .number("-Infinity")) }
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func digits() throws(LiveKitJSONError) {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
        guard position > start else { throw failure("a value is expected") }
    }

    private mutating func string() throws(LiveKitJSONError) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(to: &text)
            case 0..<0x20: throw failure("a control character stands in a text")
            default: text.append(byte)
            }
        }
        throw failure("a text does not end")
    }

    private mutating func escape(to text: inout [UInt8]) throws(LiveKitJSONError) {
        guard let byte = next else { throw failure("a text does not end") }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "u"): text += UTF8.encode(try scalar()) ?? .init()
        default: throw failure("an unknown escape")
        }
    }

    /// The character of one escape, or of two that make a pair.
    private mutating func scalar() throws(LiveKitJSONError) -> Unicode.Scalar {
        let first = try unit()
        guard (0xD800...0xDBFF).contains(first), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
        let before = position
        position += 2
        let second = try unit()
        guard (0xDC00...0xDFFF).contains(second) else {
            position = before
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private mutating func unit() throws(LiveKitJSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("a malformed escape")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
