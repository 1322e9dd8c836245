extension AvayaMarkup {
    /// The entities that escaping functions write. Others stay as they are.
    private static let names: [String: Character] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}",
    ]

    /// Longer than any of them: `&#x10FFFF;`.
    private static let longestEntity = 10

    /// Reads entities, each once: `&amp;lt;` is `&lt;`.
    static func unescaped(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return String(text) }
        var result = ""
        result.reserveCapacity(text.utf8.count)
        var rest = text
        while let ampersand = rest.utf8.firstIndex(of: UInt8(ascii: "&")) {
            result += rest[..<ampersand]
            let after = rest[rest.utf8.index(after: ampersand)...]
            if let end = after.utf8.prefix(longestEntity).firstIndex(of: UInt8(ascii: ";")), let read = entity(after[..<end]) {
                result.append(read)
                rest = after[after.utf8.index(after: end)...]
            } else {
                result += "&"
                rest = after
            }
        }
        return result + rest
    }

    private static func entity(_ name: Substring) -> Character? {
        guard name.first == "#" else { return names[String(name)] }
        let digits = name.dropFirst()
        let isHexadecimal = digits.first == "x" || digits.first == "X"
        let number = isHexadecimal ? digits.dropFirst() : digits
        // A sign is no digit, though the conversion would take it.
        guard number.utf8.allSatisfy({ $0 >= 0x30 }),
            let value = UInt32(number, radix: isHexadecimal ? 16 : 10), value >= 0x20 || value == 9 || value == 10,
            let scalar = Unicode.Scalar(value)
        else { return nil }
        return Character(scalar)
    }
}
