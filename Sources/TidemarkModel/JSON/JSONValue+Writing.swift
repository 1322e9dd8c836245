extension JSONValue {
    /// JSON text with its names in order, so that equal values have equal texts.
    package var serialized: String {
        var text = ""
        write(to: &text)
        return text
    }

    package var bytes: [UInt8] { Array(serialized.utf8) }

    /// An object of the members that are there.
    package static func object(of members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        var present: [String: JSONValue] = [:]
        for (name, value) in members where value != nil { present[name] = value }
        return .object(present)
    }

    package static func texts(_ texts: [String: String]) -> JSONValue {
        .object(texts.mapValues { .string($0) })
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .number(let digits): text += digits
        case .string(let value): Self.write(value, to: &text)
        case .array(let elements): Self.write(elements, between: ("[", "]"), to: &text) { $0.write(to: &$1) }
        case .object(let members):
            let sorted = members.sorted { $0.key < $1.key }
            Self.write(sorted, between: ("{", "}"), to: &text) { member, text in
                Self.write(member.key, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element], between brackets: (String, String), to text: inout String,
        each: (Element, inout String) -> Void
    ) {
        text += brackets.0
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            each(element, &text)
        }
        text += brackets.1
    }

    private static func write(_ value: String, to text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
