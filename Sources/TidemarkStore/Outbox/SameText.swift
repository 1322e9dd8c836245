/// Whether a text that came back is the one that was sent, to a service that gives no token back and may escape, wrap or trim what
/// it is given.
///
/// Markup, entities and white space don't count. One pass over each text, whatever it holds; nothing is thrown.
package struct SameText {
    private let plain: [UInt8]

    init(_ text: String) {
        plain = Self.plain(text)
    }

    func matches(_ other: String?) -> Bool {
        other.map { Self.plain($0) == plain } ?? false
    }

    /// What a reader sees of a text: of two that match, the same.
    package static func words(of text: String) -> String { String(decoding: plain(text), as: UTF8.self) }

    /// What a reader sees, with every run of white space as one space: tags are gone, and the entities are what they stand for.
    private static func plain(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        var seen: [UInt8] = []
        seen.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "<"):
                if let end = endOfTag(bytes, position) {
                    position = end
                    space(&seen)
                    continue
                }
                seen.append(bytes[position])
            case UInt8(ascii: "&"):
                if let entity = entity(bytes, position) {
                    position += entity.length
                    append(entity.scalar, to: &seen)
                    continue
                }
                seen.append(bytes[position])
            case 0x09, 0x0A, 0x0D, 0x20:
                space(&seen)
            default:
                seen.append(bytes[position])
            }
            position += 1
        }
        if seen.last == 0x20 { seen.removeLast() }
        return seen
    }

    private static func space(_ seen: inout [UInt8]) {
        if let last = seen.last, last != 0x20 { seen.append(0x20) }
    }

    private static func append(_ scalar: Unicode.Scalar, to seen: inout [UInt8]) {
        if scalar.value == 0xA0 || scalar.properties.isWhitespace { return space(&seen) }
        seen.append(contentsOf: Array(String(Character(scalar)).utf8))
    }

    /// A `<` that a letter, a slash or a mark follows opens a tag if a `>` ends it close by. Any other is text.
    private static func endOfTag(_ bytes: [UInt8], _ start: Int) -> Int? {
        guard start + 1 < bytes.count else { return nil }
        switch bytes[start + 1] {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "/"), UInt8(ascii: "!"):
            break
        default: return nil
        }
        let limit = min(bytes.count, start + longestTag)
        return bytes[start..<limit].firstIndex(of: UInt8(ascii: ">")).map { $0 + 1 }
    }

    private static let longestTag = 2048
    private static let longestEntity = 10
    private static let named: [String: Unicode.Scalar] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}",
    ]

    private static func entity(_ bytes: [UInt8], _ start: Int) -> (scalar: Unicode.Scalar, length: Int)? {
        let limit = min(bytes.count, start + longestEntity)
        guard let end = bytes[start..<limit].firstIndex(of: UInt8(ascii: ";")), end > start + 1 else { return nil }
        let name = String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
        let length = end - start + 1
        if let scalar = named[name.lowercased()] { return (scalar, length) }
        guard name.hasPrefix("#") else { return nil }
        let digits = name.dropFirst()
        let isHex = digits.first == "x" || digits.first == "X"
        let value = isHex ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        guard let value, value > 0, let scalar = Unicode.Scalar(value) else { return nil }
        return (scalar, length)
    }
}
