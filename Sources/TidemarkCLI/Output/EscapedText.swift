/// Text of others on its way to a terminal: what could move the cursor, recolour, retitle or turn text around is shown
/// instead of obeyed.
enum EscapedText {
    /// Controls (C0, DEL, C1), bidirectional overrides and isolates, line and paragraph separators, interlinear marks and
    /// tag characters.
    static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x206F, 0xFEFF, 0xFFF9...0xFFFB,
            0xE0000...0xE007F:
            true
        default: false
        }
    }

    /// For one line: line breaks become a mark.
    static func line(_ text: String, limit: Int = 2000) -> String {
        var shown = ""
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < limit else { return shown + "…" }
            count += 1
            switch scalar {
            case "\n", "\u{2028}", "\u{2029}": shown += "⏎"
            case "\r": continue
            case "\t": shown += " "
            default: append(scalar, to: &shown)
            }
        }
        return shown
    }

    /// For a paragraph: its lines.
    static func lines(_ text: String) -> [String] {
        text.split(omittingEmptySubsequences: false) { $0.isNewline }.map { line in
            var shown = ""
            for scalar in line.unicodeScalars {
                if scalar == "\t" { shown += "    " } else { append(scalar, to: &shown) }
            }
            return shown
        }
    }

    private static func append(_ scalar: Unicode.Scalar, to shown: inout String) {
        guard isDangerous(scalar) else { return shown.unicodeScalars.append(scalar) }
        shown += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
    }
}
