/// Text that stands in a page as it is.
enum HTMLText {
    /// Nothing of it can be markup, and no control sign is left but the line's end: pictures stand for those that ASCII has.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\n", "\t": escaped.unicodeScalars.append(scalar)
            case "\r": continue
            case "\0"..."\u{1F}", "\u{7F}": escaped.unicodeScalars.append(picture(of: scalar))
            default:
                guard !isControl(scalar) else { continue }
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func picture(of sign: Unicode.Scalar) -> Unicode.Scalar {
        Unicode.Scalar(sign == "\u{7F}" ? 0x2421 : 0x2400 + sign.value) ?? "\u{FFFD}"
    }

    /// Control signs, and those that turn the writing direction of what follows.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control || (0x202A...0x202E).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value)
    }
}
