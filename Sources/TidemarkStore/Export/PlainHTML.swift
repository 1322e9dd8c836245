/// The words of a message that is HTML.
enum PlainHTML {
    /// What begins or ends a line where it stands.
    private static let blocks: Set<String> = [
        "br", "p", "div", "li", "ul", "ol", "tr", "table", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    ]
    /// What they hold is no text.
    private static let silent: Set<String> = ["script", "style"]
    private static let entities: [String: Character] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ",
    ]

    static func text(_ html: String) -> String {
        var text = ""
        var rest = Substring(html)
        while let mark = rest.firstIndex(where: { $0 == "<" || $0 == "&" }) {
            text += rest[..<mark]
            rest = rest[mark...]
            if rest.first == "&" {
                text.append(entity(&rest))
            } else if let name = tag(&rest) {
                if blocks.contains(name), !text.isEmpty, text.last != "\n" { text.append("\n") }
                if silent.contains(name), let end = rest.range(ofClosing: name) { rest = rest[end...] }
            } else {
                // A sign that opens nothing.
                text.append(rest.removeFirst())
            }
        }
        text += rest
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// Takes a tag off the front and tells its name.
    private static func tag(_ rest: inout Substring) -> String? {
        let body = rest.dropFirst()
        guard let first = body.first, first.isLetter || first == "/" || first == "!", let end = body.firstIndex(of: ">") else {
            return nil
        }
        let name = body[..<end].drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }.lowercased()
        rest = rest[rest.index(after: end)...]
        return name
    }

    /// Takes an entity, or the sign alone, off the front.
    private static func entity(_ rest: inout Substring) -> Character {
        let body = rest.dropFirst().prefix(10)
        guard let end = body.firstIndex(of: ";") else { return rest.removeFirst() }
        let name = body[..<end]
        guard let character = entities[name.lowercased()] ?? number(name) else { return rest.removeFirst() }
        rest = rest[rest.index(after: end)...]
        return character
    }

    private static func number(_ name: Substring) -> Character? {
        guard name.first == "#" else { return nil }
        let digits = name.dropFirst()
        let isHex = digits.first == "x" || digits.first == "X"
        let value = isHex ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return value.flatMap(Unicode.Scalar.init).map(Character.init)
    }
}

extension Substring {
    /// Where what an element holds ends.
    fileprivate func range(ofClosing name: String) -> Index? {
        var place = startIndex
        while let mark = self[place...].firstIndex(of: "<") {
            let body = self[index(after: mark)...]
            if body.first == "/", body.dropFirst().prefix(name.count).lowercased() == name { return mark }
            place = index(after: mark)
        }
        return nil
    }
}
