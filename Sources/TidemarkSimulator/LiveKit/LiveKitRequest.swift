internal import Foundation

/// A request's message in either of Twirp's two forms, read by name and number of its fields.
///
/// JSON as protobuf's own mapping has it (wire page §4): names of the schema or in camel case, `null` for what is absent,
/// enumerations by name or number, bytes as base64 of either alphabet; unknown fields are ignored, wrong types refused.
enum LiveKitRequest {
    case json(JSON)
    case protobuf(Protobuf)

    struct Field {
        var name: String
        var number: UInt64

        init(_ name: String, _ number: UInt64) {
            self.name = name
            self.number = number
        }

        var camelName: String {
            let words = name.split(separator: "_")
            return String(words.first ?? "") + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        }
    }

    /// `nil` for what is neither an object nor a whole message.
    init?(_ body: [UInt8], isJSON: Bool) {
        if isJSON {
            guard let json = JSON(body), json.members != nil else { return nil }
            self = .json(json)
        } else {
            guard let message = Protobuf(body) else { return nil }
            self = .protobuf(message)
        }
    }

    private static func present(_ json: JSON, _ field: Field) -> JSON? {
        guard let value = json[field.camelName] ?? json[field.name], value != .null else { return nil }
        return value
    }

    func text(_ field: Field) throws(LiveKitRefusal) -> String? {
        switch self {
        case .json(let json):
            guard let value = Self.present(json, field) else { return nil }
            guard let text = value.text else { throw .malformed(isJSON: true) }
            return text
        case .protobuf(let message):
            guard let value = message[field.number] else { return nil }
            return try Self.text(value)
        }
    }

    func texts(_ field: Field) throws(LiveKitRefusal) -> [String] {
        switch self {
        case .json(let json):
            guard let value = Self.present(json, field) else { return [] }
            guard let list = value.list else { throw .malformed(isJSON: true) }
            var texts: [String] = []
            for item in list {
                guard let text = item.text else { throw .malformed(isJSON: true) }
                texts.append(text)
            }
            return texts
        case .protobuf(let message):
            var texts: [String] = []
            for value in message.all(field.number) { texts.append(try Self.text(value)) }
            return texts
        }
    }

    func bytes(_ field: Field) throws(LiveKitRefusal) -> [UInt8] {
        switch self {
        case .json(let json):
            guard let value = Self.present(json, field) else { return [] }
            guard let bytes = value.text.flatMap(WireText.bytes(anyBase64:)) else { throw .malformed(isJSON: true) }
            return bytes
        case .protobuf(let message):
            guard let value = message[field.number] else { return [] }
            guard case .bytes(let bytes) = value else { throw .malformed(isJSON: false) }
            return bytes
        }
    }

    /// A whole number that is not negative and has at most 32 bits; an enumeration's value by its name too.
    func number(_ field: Field, names: [String] = []) throws(LiveKitRefusal) -> Int64 {
        switch self {
        case .json(let json):
            guard let value = Self.present(json, field) else { return 0 }
            let number: Int64? =
                switch value {
                case .number(let number): number
                case .text(let text): names.firstIndex(of: text).map(Int64.init) ?? (names.isEmpty ? Int64(text) : nil)
                default: nil
                }
            guard let number, (0...Int64(UInt32.max)).contains(number) else { throw .malformed(isJSON: true) }
            return number
        case .protobuf(let message):
            guard let value = message[field.number] else { return 0 }
            guard case .varint(let number) = value else { throw .malformed(isJSON: false) }
            return Int64(UInt32(truncatingIfNeeded: number))
        }
    }

    private static func text(_ value: Protobuf.Value) throws(LiveKitRefusal) -> String {
        guard case .bytes(let bytes) = value, let text = String(bytes: bytes, encoding: .utf8) else {
            throw .malformed(isJSON: false)
        }
        return text
    }
}
