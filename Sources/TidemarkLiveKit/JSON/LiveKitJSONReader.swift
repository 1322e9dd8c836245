package import TidemarkModel

extension LiveKitJSON {
    /// Reads one JSON text, and nothing but it, as strictly as the readers in rooms do: bytes that are no text, raw control
    /// characters in a string and anything behind the text are refused, or a packet would pass here that ends the chat of
    /// others.
    ///
    /// UTF-16, UTF-32 and byte order marks are read as Python does. Escaped halves of surrogate pairs become U+FFFD. Nesting
    /// beyond `maximumDepth` is refused, because reading recurses.
    package init(reading bytes: [UInt8], maximumDepth: Int = 96) throws(JSONError) {
        guard let text = LiveKitJSONEncoding.utf8(bytes) else { throw JSONError(reason: "the bytes are no text", offset: 0) }
        var scanner = JSONScanner(text, maximumDepth: maximumDepth, refusesControls: true)
        self = try LiveKitJSONReader.value(&scanner)
        try scanner.end()
    }
}

/// JSON as Python reads it: with NaN and the infinities, and with numbers of JSON's grammar only.
private enum LiveKitJSONReader {
    static func value(_ scanner: inout JSONScanner) throws(JSONError) -> LiveKitJSON {
        scanner.skipSpace()
        switch scanner.next {
        case UInt8(ascii: "{"): return .object(try object(&scanner))
        case UInt8(ascii: "["):
            var elements: [LiveKitJSON] = []
            try scanner.elements { scanner throws(JSONError) in elements.append(try value(&scanner)) }
            return .array(elements)
        case UInt8(ascii: "\""): return .string(try scanner.text())
        case UInt8(ascii: "t"): return try word("true", .bool(true), &scanner)
        case UInt8(ascii: "f"): return try word("false", .bool(false), &scanner)
        case UInt8(ascii: "n"): return try word("null", .null, &scanner)
        case UInt8(ascii: "N"): return try word("NaN", .number("NaN"), &scanner)
        case UInt8(ascii: "I"): return try word("Infinity", .number("Infinity"), &scanner)
        case nil: throw scanner.failure("the JSON text ends too early")
        default: return try number(&scanner)
        }
    }

    private static func object(_ scanner: inout JSONScanner) throws(JSONError) -> [String: LiveKitJSON] {
        var members: [String: LiveKitJSON] = [:]
        try scanner.members { scanner, name throws(JSONError) in
            members[name] = try value(&scanner)
        }
        return members
    }

    private static func word(
        _ word: StaticString, _ value: LiveKitJSON, _ scanner: inout JSONScanner
    ) throws(JSONError) -> LiveKitJSON {
        try scanner.pass(word)
        return value
    }

    private static func number(_ scanner: inout JSONScanner) throws(JSONError) -> LiveKitJSON {
        let start = scanner.position
        _ = scanner.take("-")
        if scanner.next == UInt8(ascii: "I") { return try word("Infinity", .number("-Infinity"), &scanner) }
        if !scanner.take("0") { try digits(&scanner) }
        if scanner.take(".") { try digits(&scanner) }
        if scanner.take("e") || scanner.take("E") {
            if !scanner.take("+") { _ = scanner.take("-") }
            try digits(&scanner)
        }
        return .number(String(decoding: scanner.bytes[start..<scanner.position], as: UTF8.self))
    }

    private static func digits(_ scanner: inout JSONScanner) throws(JSONError) {
        let start = scanner.position
        while let byte = scanner.next, (0x30...0x39).contains(byte) { scanner.position += 1 }
        guard scanner.position > start else { throw scanner.failure("a value is expected") }
    }
}
