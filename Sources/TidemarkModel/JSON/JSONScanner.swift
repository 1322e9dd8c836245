/// Why some bytes are no JSON. It holds no part of them.
package struct JSONError: Error, Hashable, Sendable {
    package var reason: String
    /// How many bytes had been read.
    package var offset: Int

    package init(reason: String, offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

/// Goes through the bytes of one JSON text: what is the same for every reader of JSON, however strict it is and whatever it
/// makes of it. It never reads beyond the bytes.
package struct JSONScanner: Sendable {
    package let bytes: [UInt8]
    package var position: Int
    /// Whether a raw control character in a text ends the reading, as JSON asks for.
    private let refusesControls: Bool
    /// How deep values may be nested still. Reading recurses, so it is bounded.
    private var depth: Int

    package init(_ bytes: [UInt8], from position: Int = 0, maximumDepth: Int, refusesControls: Bool) {
        self.bytes = bytes
        self.position = position
        self.refusesControls = refusesControls
        depth = maximumDepth
    }

    package func failure(_ reason: String) -> JSONError {
        JSONError(reason: reason, offset: position)
    }

    package var next: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    package mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    package mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    package mutating func takeAfterSpace(_ scalar: Unicode.Scalar) -> Bool {
        skipSpace()
        return take(scalar)
    }

    /// Passes one of JSON's words, or says that it is none.
    package mutating func pass(_ word: StaticString) throws(JSONError) {
        let end = position + word.utf8CodeUnitCount
        let expected = word.withUTF8Buffer { Array($0) }
        guard end <= bytes.count, bytes[position..<end].elementsEqual(expected) else { throw failure("an unknown word") }
        position = end
    }

    /// Nothing may follow.
    package mutating func end() throws(JSONError) {
        skipSpace()
        guard position == bytes.count else { throw failure("more follows the JSON text") }
    }

    // MARK: Nesting

    /// The members of the object that begins here, one after the other.
    package mutating func members(
        _ value: (inout JSONScanner, _ name: String) throws(JSONError) -> Void
    ) throws(JSONError) {
        try enter()
        if !takeAfterSpace("}") {
            repeat {
                skipSpace()
                guard next == UInt8(ascii: "\"") else { throw failure("a name is expected") }
                let name = try text()
                guard takeAfterSpace(":") else { throw failure("a colon is expected") }
                try value(&self, name)
            } while takeAfterSpace(",")
            guard take("}") else { throw failure("an object does not end") }
        }
        depth += 1
    }

    /// The elements of the array that begins here, one after the other.
    package mutating func elements(_ value: (inout JSONScanner) throws(JSONError) -> Void) throws(JSONError) {
        try enter()
        if !takeAfterSpace("]") {
            repeat { try value(&self) } while takeAfterSpace(",")
            guard take("]") else { throw failure("an array does not end") }
        }
        depth += 1
    }

    private mutating func enter() throws(JSONError) {
        guard depth > 0 else { throw failure("the JSON text is nested too deeply") }
        depth -= 1
        position += 1
    }
}

extension JSONScanner {
    /// The text that begins here. Halves of surrogate pairs and bytes that are no UTF-8 become U+FFFD.
    package mutating func text() throws(JSONError) -> String {
        position += 1
        let start = position
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 || !refusesControls {
            position += 1
        }
        // Nearly all texts have no escapes and are taken whole.
        if take("\"") { return String(decoding: bytes[start..<(position - 1)], as: UTF8.self) }
        var text = Array(bytes[start..<position])
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(to: &text)
            case 0..<0x20 where refusesControls: throw failure("a control character stands in a text")
            default: text.append(byte)
            }
        }
        throw failure("a text does not end")
    }

    private mutating func escape(to text: inout [UInt8]) throws(JSONError) {
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
    private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
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

    private mutating func unit() throws(JSONError) -> UInt32 {
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
