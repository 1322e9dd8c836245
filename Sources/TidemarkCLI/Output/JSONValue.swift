import Tidemark

/// JSON as the commands print it: one line, fields in their documented order, absent values as `null`.
enum JSONValue: Sendable {
    case string(String)
    case number(Int)
    case decimal(Double)
    case bool(Bool)
    case array([JSONValue])
    case object([(String, JSONValue)])
    case null

    static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
    static func optional(_ number: Int64?) -> JSONValue { number.map { .number(Int($0)) } ?? .null }
    static func id(_ id: (some CustomStringConvertible)?) -> JSONValue { optional(id?.description) }
    /// RFC 3339 with milliseconds, UTC.
    static func time(_ time: Timestamp?) -> JSONValue { optional(time?.rfc3339) }

    var text: String {
        var output = ""
        write(to: &output)
        return output
    }

    private func write(to output: inout String) {
        switch self {
        case .string(let text): Self.write(text, to: &output)
        case .number(let number): output += String(number)
        case .decimal(let number): output += number.isFinite ? String(number) : "null"
        case .bool(let value): output += value ? "true" : "false"
        case .null: output += "null"
        case .array(let values):
            output += "["
            for (index, value) in values.enumerated() {
                if index > 0 { output += "," }
                value.write(to: &output)
            }
            output += "]"
        case .object(let fields):
            output += "{"
            for (index, (name, value)) in fields.enumerated() {
                if index > 0 { output += "," }
                Self.write(name, to: &output)
                output += ":"
                value.write(to: &output)
            }
            output += "}"
        }
    }

    private static func write(_ text: String, to output: inout String) {
        output += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            default:
                // A terminal may be reading this too: nothing that could move its cursor or turn its text around.
                if EscapedText.isDangerous(scalar) {
                    writeEscape(scalar, to: &output)
                } else {
                    output.unicodeScalars.append(scalar)
                }
            }
        }
        output += "\""
    }

    private static func writeEscape(_ scalar: Unicode.Scalar, to output: inout String) {
        for unit in String(scalar).utf16 {
            let digits = String(unit, radix: 16)
            output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }
}
