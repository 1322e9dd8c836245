/// JSON text whose members keep the order in which they were given, in the two forms that travel in rooms.
///
/// Its texts are `String`s, so that no half of a surrogate pair can get onto the wire.
package struct LiveKitJSONText: Sendable {
    package indirect enum Value: Sendable {
        case null
        case bool(Bool)
        case number(String)
        case string(String)
        case array([Value])
        case object([(String, Value)])

        package static func integer(_ value: Int64) -> Value { .number(String(value)) }
    }

    private let value: Value

    package init(_ value: Value) {
        self.value = value
    }

    /// An object of the members that are there.
    package init(members: [(String, Value?)]) {
        value = .object(members.compactMap { name, value in value.map { (name, $0) } })
    }

    /// Without spaces, in UTF-8.
    package var compact: [UInt8] { bytes(LiveKitJSONForm(separator: ",", colon: ":", escapesNonASCII: false)) }

    /// As Python's `json.dumps` writes it: `, ` and `: `, and everything beyond ASCII as `\uXXXX`.
    package var python: [UInt8] { bytes(LiveKitJSONForm(separator: ", ", colon: ": ", escapesNonASCII: true)) }

    /// As PyJWT writes claims: without spaces, everything beyond ASCII as `\uXXXX`.
    package var compactASCII: [UInt8] { bytes(LiveKitJSONForm(separator: ",", colon: ":", escapesNonASCII: true)) }

    private func bytes(_ form: LiveKitJSONForm) -> [UInt8] {
        var bytes: [UInt8] = []
        form.write(value, to: &bytes)
        return bytes
    }
}

private struct LiveKitJSONForm {
    var separator: String
    var colon: String
    var escapesNonASCII: Bool

    func write(_ value: LiveKitJSONText.Value, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes += "null".utf8
        case .bool(let truth): bytes += (truth ? "true" : "false").utf8
        case .number(let digits): bytes += digits.utf8
        case .string(let text): write(text, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes += separator.utf8 }
                write(element, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes += separator.utf8 }
                write(member.0, to: &bytes)
                bytes += colon.utf8
                write(member.1, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": bytes += #"\""#.utf8
            case "\\": bytes += #"\\"#.utf8
            case "\n": bytes += #"\n"#.utf8
            case "\r": bytes += #"\r"#.utf8
            case "\t": bytes += #"\t"#.utf8
            case "\u{8}": bytes += #"\b"#.utf8
            case "\u{C}": bytes += #"\f"#.utf8
            case _ where scalar.value < 0x20 || (escapesNonASCII && scalar.value > 0x7E):
                for unit in UTF16.encode(scalar) ?? .init() { write(unit: unit, to: &bytes) }
            default: bytes += UTF8.encode(scalar) ?? .init()
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private func write(unit: UInt16, to bytes: inout [UInt8]) {
        let digits = String(unit, radix: 16)
        bytes += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
    }
}
