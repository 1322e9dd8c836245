/// Values that a transcript of a room gives names to: `"$id"` in a pattern stands for whatever is there the first time, and for
/// the same from then on; what arrives may bear it too. Ids and times that the engine makes need not be foretold so.
struct Names: Hashable, Sendable {
    private var values: [String: JSON] = [:]

    /// The name that a text is, if it is one: `$` and a word.
    static func name(_ json: JSON) -> String? {
        guard let text = json.text, text.hasPrefix("$") else { return nil }
        let word = text.dropFirst()
        guard let first = word.first, first.isASCII, first.isLetter else { return nil }
        return word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } ? String(word) : nil
    }

    /// Whether a value is what is expected, names taken into account; those that it is the first to meet are given.
    mutating func match(_ value: JSON, _ expected: JSON) -> Bool {
        if let name = Self.name(expected) {
            if let known = values[name] { return known == value }
            guard value != .null else { return false }
            values[name] = value
            return true
        }
        switch (value, expected) {
        case (.object(let here), .object(let there)):
            // In one order, always: names are given in it.
            for (key, expected) in there.sorted(by: { $0.key < $1.key }) where !match(here[key] ?? .null, expected) {
                return false
            }
            return true
        case (.list(let here), .list(let there)):
            guard here.count == there.count else { return false }
            for (value, expected) in zip(here, there) where !match(value, expected) { return false }
            return true
        default:
            return value == expected
        }
    }

    /// A value with names replaced by what they stand for; `nil`: one of them stands for nothing yet.
    func filled(_ json: JSON) -> JSON? {
        if let name = Self.name(json) { return values[name] }
        switch json {
        case .object(let object):
            let filled = object.compactMapValues(self.filled)
            return filled.count == object.count ? .object(filled) : nil
        case .list(let list):
            let filled = list.compactMap(self.filled)
            return filled.count == list.count ? .list(filled) : nil
        default:
            return json
        }
    }
}
