extension JSONValue {
    /// Reads one JSON text, and nothing but it.
    ///
    /// Nesting beyond `maximumDepth` is refused, because reading recurses. Bytes that are no UTF-8 and halves of
    /// surrogate pairs become U+FFFD; of two members with one name the later wins.
    package init(reading bytes: [UInt8], maximumDepth: Int = 64) throws(JSONError) {
        // A byte order mark, which some gateways add.
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var scanner = JSONScanner(bytes, from: start, maximumDepth: maximumDepth, refusesControls: false)
        self = try JSONReader.value(&scanner)
        try scanner.end()
    }

    package init(reading text: String) throws(JSONError) {
        try self.init(reading: Array(text.utf8))
    }
}

/// Reads leniently what services and gateways write.
private enum JSONReader {
    /// Longer than any number that means something; what is longer is an attack on the one who converts it.
    private static let longestNumber = 400

    static func value(_ scanner: inout JSONScanner) throws(JSONError) -> JSONValue {
        scanner.skipSpace()
        switch scanner.next {
        case UInt8(ascii: "{"): return .object(try object(&scanner))
        case UInt8(ascii: "["):
            var elements: [JSONValue] = []
            try scanner.elements { scanner throws(JSONError) in elements.append(try value(&scanner)) }
            return .array(elements)
        case UInt8(ascii: "\""): return .string(try scanner.text())
        case UInt8(ascii: "t"):
            try scanner.pass("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try scanner.pass("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try scanner.pass("null")
            return .null
        case nil: throw scanner.failure("the JSON text ends too early")
        default: return try number(&scanner)
        }
    }

    private static func object(_ scanner: inout JSONScanner) throws(JSONError) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        try scanner.members { scanner, name throws(JSONError) in
            members[name] = try value(&scanner)
        }
        return members
    }

    private static func number(_ scanner: inout JSONScanner) throws(JSONError) -> JSONValue {
        let start = scanner.position
        while let byte = scanner.next, isOfNumber(byte) { scanner.position += 1 }
        let digits = scanner.bytes[start..<scanner.position]
        guard !digits.isEmpty, digits.count <= longestNumber else { throw scanner.failure("a value is expected") }
        let text = String(decoding: digits, as: UTF8.self)
        guard Double(text) != nil, text.first != "+" else { throw scanner.failure("a malformed number") }
        return .number(text)
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): true
        default: false
        }
    }
}
