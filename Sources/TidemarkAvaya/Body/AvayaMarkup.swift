/// Takes a body apart into text, tags and comments. It knows only as much of HTML as telling these apart needs.
enum AvayaMarkup {
    struct Tag: Hashable {
        /// In lower case.
        var name: String
        var isClosing: Bool
    }

    enum Piece: Hashable {
        case text(Substring)
        case tag(Tag)
        /// A comment, a declaration, a processing instruction.
        case comment

        func isTag(_ name: String, closing: Bool) -> Bool {
            if case .tag(let tag) = self { tag == Tag(name: name, isClosing: closing) } else { false }
        }
    }

    /// Elements whose content is not for reading.
    static let silent: Set<String> = ["script", "style", "template", "noscript", "iframe", "object", "title"]

    private static let blocks: Set<String> = [
        "p", "div", "li", "ul", "ol", "tr", "table", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "section",
    ]

    static func endsLine(_ tag: Tag) -> Bool {
        tag.name == "br" || tag.isClosing && blocks.contains(tag.name)
    }

    /// The pieces in order. What opens and never closes is text.
    static func pieces(of body: String) -> [Piece] {
        let bytes = body.utf8
        var pieces: [Piece] = []
        var text = bytes.startIndex
        var position = bytes.startIndex
        // Once a closing bracket, or a comment's end, was not found there is none further on either.
        var mayClose = true
        var mayEndComment = true
        while position < bytes.endIndex {
            guard bytes[position] == UInt8(ascii: "<"), mayClose, let kind = kind(at: position, in: bytes) else {
                position = bytes.index(after: position)
                continue
            }
            var end: String.UTF8View.Index?
            if kind == .comment, bytes[position...].starts(with: "<!--".utf8) {
                if mayEndComment { end = commentEnd(from: position, in: bytes) }
                mayEndComment = end != nil
            } else {
                end = bytes[position...].firstIndex(of: UInt8(ascii: ">"))
                mayClose = end != nil
            }
            guard let end else {
                position = bytes.index(after: position)
                continue
            }
            if text < position { pieces.append(.text(body[text..<position])) }
            pieces.append(kind == .comment ? .comment : .tag(tag(body[bytes.index(after: position)..<end])))
            position = bytes.index(after: end)
            text = position
        }
        if text < bytes.endIndex { pieces.append(.text(body[text...])) }
        return pieces
    }

    private enum Kind {
        case tag
        case comment
    }

    /// What a `<` begins; `nil`: it is a less-than sign.
    private static func kind(at position: String.UTF8View.Index, in bytes: String.UTF8View) -> Kind? {
        var next = bytes.index(after: position)
        guard next < bytes.endIndex else { return nil }
        switch bytes[next] {
        case UInt8(ascii: "!"), UInt8(ascii: "?"): return .comment
        case UInt8(ascii: "/"):
            next = bytes.index(after: next)
            guard next < bytes.endIndex else { return nil }
        default: break
        }
        switch bytes[next] | 0x20 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): return .tag
        default: return nil
        }
    }

    private static func commentEnd(from position: String.UTF8View.Index, in bytes: String.UTF8View) -> String.UTF8View.Index? {
        var dashes = 0
        var index = bytes.index(position, offsetBy: 4)
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "-"): dashes += 1
            case UInt8(ascii: ">") where dashes >= 2: return index
            default: dashes = 0
            }
            index = bytes.index(after: index)
        }
        return nil
    }

    private static func tag(_ inside: Substring) -> Tag {
        let isClosing = inside.first == "/"
        let name = inside.drop { $0 == "/" }.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return Tag(name: name.lowercased(), isClosing: isClosing)
    }
}
