extension JSONValue {
    /// JSON text with its names in order, so that equal values have equal texts.
    package var serialized: String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes of ``serialized``.
    package var bytes: [UInt8] {
        var text: [UInt8] = []
        write(to: &text)
        return text
    }

    /// An object of the members that are there.
    package static func object(of members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        var present: [String: JSONValue] = [:]
        for (name, value) in members where value != nil { present[name] = value }
        return .object(present)
    }

    package static func texts(_ texts: [String: String]) -> JSONValue {
        .object(texts.mapValues { .string($0) })
    }

    private func write(to text: inout [UInt8]) {
        switch self {
        case .null: text += "null".utf8
        case .bool(let value): text += (value ? "true" : "false").utf8
        case .number(let digits): text += digits.utf8
        case .string(let value): Self.write(value, to: &text)
        case .array(let elements): Self.write(elements, between: "[]", to: &text) { $0.write(to: &$1) }
        case .object(let members):
            Self.write(members.sorted { $0.key < $1.key }, between: "{}", to: &text) { member, text in
                Self.write(member.key, to: &text)
                text.append(UInt8(ascii: ":"))
                member.value.write(to: &text)
            }
        }
    }

    /// The text of an object of members whose texts are made already.
    static func object(ofTexts members: [(name: String, text: [UInt8])]) -> String {
        var text: [UInt8] = []
        write(members.sorted { $0.name < $1.name }, between: "{}", to: &text) { member, text in
            write(member.name, to: &text)
            text.append(UInt8(ascii: ":"))
            text += member.text
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func write<Element>(
        _ elements: [Element], between brackets: StaticString, to text: inout [UInt8],
        each: (Element, inout [UInt8]) -> Void
    ) {
        text.append(brackets.utf8Start[0])
        for (index, element) in elements.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            each(element, &text)
        }
        text.append(brackets.utf8Start[1])
    }

    private static func write(_ value: String, to text: inout [UInt8]) {
        var value = value
        text.append(UInt8(ascii: "\""))
        value.withUTF8 { bytes in
            // What needs no mark is taken over in one piece.
            var start = 0
            for (index, byte) in bytes.enumerated() {
                guard let mark = mark(for: byte) else { continue }
                text += bytes[start..<index]
                text += mark.utf8
                start = index + 1
            }
            text += bytes[start...]
        }
        text.append(UInt8(ascii: "\""))
    }

    /// How a byte stands in a text; `nil`: as itself.
    private static func mark(for byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "\""): "\\\""
        case UInt8(ascii: "\\"): "\\\\"
        case UInt8(ascii: "\n"): "\\n"
        case UInt8(ascii: "\r"): "\\r"
        case UInt8(ascii: "\t"): "\\t"
        case ..<0x10: "\\u000" + String(byte, radix: 16)
        case ..<0x20: "\\u00" + String(byte, radix: 16)
        default: nil
        }
    }
}
