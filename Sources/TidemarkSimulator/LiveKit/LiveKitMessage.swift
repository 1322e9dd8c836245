/// An answer's message before it is bytes, in the order of its field numbers.
///
/// As JSON it has the schema's names, all defaults, 64-bit numbers as text and enumerations by name, as the Go server
/// writes it; as protobuf the defaults are left out (wire page §4, `protobuf.json`).
struct LiveKitMessage {
    indirect enum Value {
        case text(String)
        case flag(Bool)
        case small(Int64)
        case large(Int64)
        case enumeration(Int64, String)
        /// `nil`: absent, which JSON leaves out too.
        case message(LiveKitMessage?)
        case messages([LiveKitMessage])
        case map([String: String])
        /// A list that this simulator never fills.
        case empty
    }

    var fields: [(name: String, number: UInt64, value: Value)]

    init(_ fields: (String, UInt64, Value)...) {
        self.fields = fields
    }

    var json: JSON {
        .object(
            fields.compactMap { name, _, value in
                switch value {
                case .text(let text): (name, .text(text))
                case .flag(let flag): (name, .bool(flag))
                case .small(let number): (name, .number(number))
                case .large(let number): (name, .text(String(number)))
                case .enumeration(_, let label): (name, .text(label))
                case .message(let message): message.map { (name, $0.json) }
                case .messages(let messages): (name, .list(messages.map(\.json)))
                case .map(let map): (name, .object(map.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) }))
                case .empty: (name, .list([]))
                }
            })
    }

    var protobuf: Protobuf {
        var result = Protobuf()
        func number(_ field: UInt64, _ value: Int64) {
            if value != 0 { result.append(field, .varint(UInt64(bitPattern: value))) }
        }
        for (_, field, value) in fields {
            switch value {
            case .text(let text): if !text.isEmpty { result.append(field, .bytes(Array(text.utf8))) }
            case .flag(let flag): number(field, flag ? 1 : 0)
            case .small(let value), .large(let value), .enumeration(let value, _): number(field, value)
            case .message(let message): if let message { result.append(field, .bytes(message.protobuf.bytes)) }
            case .messages(let messages): for message in messages { result.append(field, .bytes(message.protobuf.bytes)) }
            case .map(let map):
                for (key, value) in map.sorted(by: { $0.key < $1.key }) {
                    var entry = Protobuf()
                    entry.append(1, .bytes(Array(key.utf8)))
                    entry.append(2, .bytes(Array(value.utf8)))
                    result.append(field, .bytes(entry.bytes))
                }
            case .empty: break
            }
        }
        return result
    }
}
