internal import Foundation

/// JSON as the simulator writes and reads it. Objects keep the order in which they were written, so that the same
/// history gives the same bytes. It shares nothing with the adapter's reader.
indirect enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Int64)
    case text(String)
    case list([JSON])
    case object([(String, JSON)])

    static func == (left: JSON, right: JSON) -> Bool { left.written == right.written }

    func hash(into hasher: inout Hasher) { hasher.combine(written) }

    /// An object without the members that are absent.
    static func members(_ members: (String, JSON?)...) -> JSON {
        .object(members.compactMap { name, value in value.map { (name, $0) } })
    }

    subscript(_ name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.0 == name }?.1
    }

    var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    var list: [JSON]? {
        if case .list(let list) = self { list } else { nil }
    }

    var members: [(String, JSON)]? {
        if case .object(let members) = self { members } else { nil }
    }

    // MARK: Writing

    var bytes: [UInt8] { Array(written.utf8) }

    var written: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let value): String(value)
        case .text(let text): Self.quoted(text)
        case .list(let list): "[" + list.map(\.written).joined(separator: ",") + "]"
        case .object(let members): "{" + members.map { Self.quoted($0.0) + ":" + $0.1.written }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    // MARK: Reading

    /// `nil` for what is no JSON.
    init?(_ bytes: [UInt8]) {
        guard let value = try? JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed]) else { return nil }
        self.init(foundation: value)
    }

    private init?(foundation value: Any) {
        switch value {
        case let text as String: self = .text(text)
        case let list as [Any]: self = .list(list.compactMap(JSON.init(foundation:)))
        case let object as [String: Any]:
            self = .object(
                object.sorted { $0.key < $1.key }.compactMap { key, value in JSON(foundation: value).map { (key, $0) } })
        case let number as NSNumber:
            let isBoolean = number === (true as NSNumber) || number === (false as NSNumber)
            self = isBoolean ? .bool(number.boolValue) : .number(number.int64Value)
        default: self = .null
        }
    }
}
