public import TidemarkModel

/// The body of a message: HTML by the service's word, a plain text for most of those who write one (wire page §4).
///
/// The web client wraps what is typed in one `<p>`, and readers meet escaped quotes, so a body may come back changed by
/// escaping. All of this is pure, takes time in proportion to the body and never runs or fetches what stands in it.
public enum AvayaBody {
    /// A body as a reader wants it.
    public enum Content: Hashable, Sendable {
        /// No markup: entities are read, the web client's wrapping is gone.
        case text(String)
        /// Markup stands in it. It is as it came and must not be shown without a sanitiser.
        case html(String)

        public var string: String {
            switch self {
            case .text(let string), .html(let string): string
            }
        }
    }

    /// How often a body may have been escaped on its way and still be the same.
    static let maximumEscapes = 3

    /// Writes a plain text as a body: what a user typed is read back as just that, `<` and `&` too.
    ///
    /// A line's end becomes `<br>`, which the web client shows as one.
    public static func encoded(text: String) -> String {
        var body = ""
        body.reserveCapacity(text.utf8.count + 16)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": body += "&amp;"
            case "<": body += "&lt;"
            case ">": body += "&gt;"
            case "\n": body += "<br>"
            default: body.unicodeScalars.append(scalar)
            }
        }
        return body
    }

    /// The body of what is sent: HTML as it is, and any other text encoded.
    public static func encoded(_ text: String, as kind: MessageKind) -> String {
        kind == .html ? text : encoded(text: text)
    }

    /// Reads a body: `.html` as it came if it holds markup, else the plain text that it stands for.
    ///
    /// One `<p>` around everything and `<br>` are not markup: they are how a plain text travels.
    public static func decoded(_ body: String) -> Content {
        var pieces = AvayaMarkup.pieces(of: body)
        if pieces.count >= 2, pieces.first?.isTag("p", closing: false) == true, pieces.last?.isTag("p", closing: true) == true {
            pieces.removeFirst()
            pieces.removeLast()
        }
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let slice): text += AvayaMarkup.unescaped(slice)
            case .tag(let tag) where tag.name == "br": text += "\n"
            case .tag, .comment: return .html(body)
            }
        }
        return .text(text)
    }

    /// The words of a body without any markup, for what can show only text: scripts, styles and comments are left out with all
    /// that stands in them; paragraphs, rows and breaks end lines.
    public static func plainText(_ body: String) -> String {
        var text = ""
        var silent: String?
        for piece in AvayaMarkup.pieces(of: body) {
            switch piece {
            case .comment: break
            case .tag(let tag):
                if let name = silent {
                    if tag.name == name, tag.isClosing { silent = nil }
                } else if AvayaMarkup.silent.contains(tag.name), !tag.isClosing {
                    silent = tag.name
                } else if AvayaMarkup.endsLine(tag), !text.isEmpty, text.last != "\n" || tag.name == "br" {
                    text += "\n"
                }
            case .text(let slice):
                if silent == nil { text += AvayaMarkup.unescaped(slice) }
            }
        }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// Whether two bodies say the same words: compared without markup, with entities read as often as they were escaped on the
    /// way (at most three times), and any run of blanks as one.
    public static func isSame(_ one: String, _ other: String) -> Bool {
        let ones = readings(one)
        return readings(other).contains { ones.contains($0) }
    }

    /// The words of a body, and what they would be if it had been escaped once and twice more.
    private static func readings(_ body: String) -> [[Substring]] {
        var readings: [[Substring]] = []
        var text = plainText(body)
        for _ in 0..<maximumEscapes {
            let words = text.split(whereSeparator: \.isWhitespace)
            if words != readings.last { readings.append(words) }
            let less = AvayaMarkup.unescaped(text[...])
            if less == text { break }
            text = less
        }
        return readings
    }
}
