/// How many columns text takes, and how it is cut and wrapped to them.
enum TextLayout {
    static func width(_ text: String) -> Int {
        text.reduce(0) { $0 + width($1) }
    }

    /// Wide: most emoji and the scripts of East Asia. Terminals differ on the rest; this errs on the narrow side.
    private static func width(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        if scalar.isASCII { return 1 }
        if character.unicodeScalars.count > 1, character.unicodeScalars.contains("\u{FE0F}") { return 2 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        if scalar.properties.isEmojiPresentation { return 2 }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }

    /// `1 message`, `2 messages`
    static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    /// At most `columns` wide, with an ellipsis where something was cut.
    static func cut(_ text: String, to columns: Int) -> String {
        guard width(text) > columns else { return text }
        var shown = ""
        var used = 0
        for character in text {
            let next = width(character)
            guard used + next <= max(columns - 1, 0) else { break }
            shown.append(character)
            used += next
        }
        return columns > 0 ? shown + "…" : ""
    }

    /// As ``cut(_:to:)``, but an id is cut in its middle: where it begins many others begin, too.
    static func cutID(_ text: String, to columns: Int) -> String {
        guard width(text) > columns, columns > 2 else { return cut(text, to: columns) }
        let tail = (columns - 1) / 2
        let end = String(cut(String(text.reversed()), to: tail + 1).dropLast().reversed())
        return cut(text, to: columns - tail) + end
    }

    static func padded(_ text: String, to columns: Int) -> String {
        text + String(repeating: " ", count: max(0, columns - width(text)))
    }

    /// Breaks a line of options between them, and never in one: `[--store <path>]` stays whole.
    static func wrappedUsage(_ line: String, to columns: Int) -> [String] {
        var depth = 0
        let tied = String(
            line.map { character -> Character in
                if "[<".contains(character) { depth += 1 }
                if "]>".contains(character) { depth -= 1 }
                return character == " " && depth > 0 ? "\u{A0}" : character
            })
        let lines = wrapped(tied, to: columns - 4).map { $0.replacing("\u{A0}", with: " ") }
        return lines.prefix(1) + lines.dropFirst().map { "    " + $0 }
    }

    /// Breaks one line at spaces, and words that are longer than a line anywhere.
    static func wrapped(_ line: String, to columns: Int) -> [String] {
        let columns = max(columns, 8)
        guard width(line) > columns else { return [line] }
        var lines: [String] = []
        var current = ""
        var used = 0
        for word in line.split(separator: " ", omittingEmptySubsequences: false) {
            let size = width(String(word))
            if used > 0, used + 1 + size > columns {
                lines.append(current)
                (current, used) = ("", 0)
            } else if used > 0 || !current.isEmpty {
                current += " "
                used += 1
            }
            for character in word {
                let next = width(character)
                if used + next > columns {
                    lines.append(current)
                    (current, used) = ("", 0)
                }
                current.append(character)
                used += next
            }
        }
        lines.append(current)
        return lines
    }
}
