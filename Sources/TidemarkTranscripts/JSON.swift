import Foundation

/// Any JSON, with whole numbers kept whole.
package enum JSON: Hashable, Sendable, Codable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    package init(bytes: some Sequence<UInt8>) throws {
        self = try JSONDecoder().decode(JSON.self, from: Data(bytes))
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    /// One line, keys sorted.
    package var line: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { return "null" }
        return String(decoding: data, as: UTF8.self)
    }

    var text: String? { if case .text(let value) = self { value } else { nil } }
    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    var list: [JSON]? { if case .list(let value) = self { value } else { nil } }
    var object: [String: JSON]? { if case .object(let value) = self { value } else { nil } }

    static func optional(_ text: String?) -> JSON { text.map(JSON.text) ?? .null }

    /// Whether this has all that is expected: of an object the named fields, of a list every item in its place.
    func covers(_ expected: JSON) -> Bool {
        switch (self, expected) {
        case (.object(let here), .object(let there)):
            there.allSatisfy { key, value in (here[key] ?? .null).covers(value) }
        case (.list(let here), .list(let there)):
            here.count == there.count && zip(here, there).allSatisfy { $0.covers($1) }
        default:
            self == expected
        }
    }

    /// This, with only the fields that the other one names.
    func projected(like other: JSON) -> JSON {
        switch (self, other) {
        case (.object(let here), .object(let there)):
            .object(there.reduce(into: [:]) { $0[$1.key] = (here[$1.key] ?? .null).projected(like: $1.value) })
        case (.list(let here), .list(let there)):
            .list(here.enumerated().map { there.isEmpty ? $1 : $1.projected(like: there[min($0, there.count - 1)]) })
        default:
            self
        }
    }
}
