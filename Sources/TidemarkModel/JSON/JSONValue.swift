/// A piece of JSON whose types nobody has promised: every reading of it is a question that may be answered with `nil`.
///
/// Numbers keep their text, so that a 64-bit id survives, and objects forget their order.
package indirect enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue {
    /// The value under the first of these names that is present and not `null`.
    package subscript(_ names: String...) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        for name in names {
            if let value = members[name], value != .null { return value }
        }
        return nil
    }

    /// Text; a number or a truth value as its text.
    package var text: String? {
        switch self {
        case .string(let text): text
        case .number(let text): text
        case .bool(let value): value ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// A whole number, also one that came as text. `nil` if it has a fraction or does not fit.
    package var integer: Int64? {
        guard let text, !text.isEmpty else { return nil }
        if let value = Int64(text) { return value }
        return Double(text).flatMap { Int64(exactly: $0) }
    }

    package var double: Double? {
        guard let text, let value = Double(text), value.isFinite else { return nil }
        return value
    }

    package var truth: Bool? {
        switch self {
        case .bool(let value): value
        case .string("true"), .string("True"): true
        case .string("false"), .string("False"): false
        default: nil
        }
    }

    package var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    package var members: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// Names and texts; a value that is no text keeps its JSON.
    package var texts: [String: String]? {
        members?.filter { $0.value != .null }.mapValues { $0.text ?? $0.serialized }
    }
}
