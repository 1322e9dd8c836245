/// A piece of JSON as it came: numbers keep their digits, and of two members with one name the later wins, as in every
/// LiveKit reader.
package indirect enum LiveKitJSON: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The digits, or `NaN`, `Infinity` or `-Infinity`, which Python writes and reads.
    case number(String)
    case string(String)
    case array([LiveKitJSON])
    case object([String: LiveKitJSON])
}

extension LiveKitJSON {
    package subscript(name: String) -> LiveKitJSON? {
        guard case .object(let members) = self, let value = members[name], value != .null else { return nil }
        return value
    }

    package var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var truth: Bool? {
        if case .bool(let truth) = self { truth } else { nil }
    }

    package var elements: [LiveKitJSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// A whole number, also one that came as text: protobuf's JSON writes 64-bit integers so.
    package var integer: Int64? {
        switch self {
        case .number(let digits), .string(let digits):
            if let value = Int64(digits) { return value }
            return Double(digits).flatMap { Int64(exactly: $0) }
        default: return nil
        }
    }

    /// What Python's `or` passes over: null, false, zero, and what is empty.
    var isFalsy: Bool {
        switch self {
        case .null: true
        case .bool(let truth): !truth
        case .number(let digits): Double(digits) == 0
        case .string(let text): text.isEmpty
        case .array(let elements): elements.isEmpty
        case .object(let members): members.isEmpty
        }
    }

    /// The value as a reader without types shows it: a text as it is, everything else as its JSON, names in order.
    var shown: String {
        if case .string(let text) = self { return text }
        return String(decoding: LiveKitJSONText(ordered).compact, as: UTF8.self)
    }

    private var ordered: LiveKitJSONText.Value {
        switch self {
        case .null: .null
        case .bool(let truth): .bool(truth)
        case .number(let digits): .number(digits)
        case .string(let text): .string(text)
        case .array(let elements): .array(elements.map(\.ordered))
        case .object(let members):
            .object(
                members.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
                    .map { ($0.key, $0.value.ordered) })
        }
    }
}
