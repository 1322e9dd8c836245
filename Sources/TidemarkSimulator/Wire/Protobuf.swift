/// A protobuf message as its fields, in the order of its bytes. It knows no schema: who reads a field says what it is.
///
/// Everything that is not whole is refused: a cut-off field, a number of more than 64 bits, field 0, groups.
struct Protobuf: Hashable, Sendable {
    enum Value: Hashable, Sendable {
        case varint(UInt64)
        case fixed64([UInt8])
        case bytes([UInt8])
        case fixed32([UInt8])
    }

    struct Field: Hashable, Sendable {
        var number: UInt64
        var value: Value
    }

    var fields: [Field] = []

    init() {}

    // MARK: Reading

    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let field = Self.field(&rest) else { return nil }
            fields.append(field)
        }
    }

    private static func field(_ rest: inout ArraySlice<UInt8>) -> Field? {
        guard let key = varint(&rest), (1...0x1FFF_FFFF).contains(key >> 3) else { return nil }
        let number = key >> 3
        switch key & 7 {
        case 0: return varint(&rest).map { Field(number: number, value: .varint($0)) }
        case 1: return take(8, &rest).map { Field(number: number, value: .fixed64($0)) }
        case 2:
            guard let length = varint(&rest), length <= UInt64(rest.count) else { return nil }
            return take(Int(length), &rest).map { Field(number: number, value: .bytes($0)) }
        case 5: return take(4, &rest).map { Field(number: number, value: .fixed32($0)) }
        default: return nil
        }
    }

    private static func take(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            // The tenth byte has room for one bit.
            guard shift < 63 || byte <= 1 else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    /// The last value of a field, as the format wants it for what is not repeated.
    subscript(_ number: UInt64) -> Value? { fields.last { $0.number == number }?.value }

    func all(_ number: UInt64) -> [Value] { fields.filter { $0.number == number }.map(\.value) }

    // MARK: Writing

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for field in fields {
            switch field.value {
            case .varint(let value):
                Self.write(field.number << 3, to: &bytes)
                Self.write(value, to: &bytes)
            case .fixed64(let value):
                Self.write(field.number << 3 | 1, to: &bytes)
                bytes += value
            case .bytes(let value):
                Self.write(field.number << 3 | 2, to: &bytes)
                Self.write(UInt64(value.count), to: &bytes)
                bytes += value
            case .fixed32(let value):
                Self.write(field.number << 3 | 5, to: &bytes)
                bytes += value
            }
        }
        return bytes
    }

    private static func write(_ number: UInt64, to bytes: inout [UInt8]) {
        var number = number
        while number >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: number) | 0x80)
            number >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: number))
    }

    mutating func append(_ number: UInt64, _ value: Value) {
        fields.append(Field(number: number, value: value))
    }
}
