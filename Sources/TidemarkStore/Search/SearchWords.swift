internal import Foundation

/// How text becomes words, of what is stored and of what is asked for alike.
///
/// SQLite's `unicode61` takes what stands between spaces for a word. That is right for scripts that put spaces there, and makes
/// one word of a whole sentence for those that don't. Its `trigram` finds parts of words in every script, but nothing
/// shorter than three letters: most Chinese and Japanese words have one or two. So each letter of such a script becomes a
/// word here, by zero-width spaces that nobody sees, and what is asked for becomes a phrase of them.
enum SearchWords {
    private static let gap: Character = "\u{200B}"
    /// Stands for a NUL, where SQLite's snippets would end.
    private static let null: Unicode.Scalar = "\u{2400}"

    /// The text with its invisible spaces, in composed form: an accent is part of its letter however it was typed.
    static func spaced(_ text: String) -> String {
        guard !text.utf8.allSatisfy({ (0x20..<0x80).contains($0) }) else { return text }
        var spaced = ""
        var previousStandsAlone = false
        for character in visible(text).precomposedStringWithCanonicalMapping {
            let alone = standsAlone(character)
            if alone || previousStandsAlone, !spaced.isEmpty { spaced.append(gap) }
            // The two that mark a snippet's matches.
            guard character != SearchSnippet.begin, character != SearchSnippet.end else { continue }
            spaced.append(character)
            previousStandsAlone = alone
        }
        return spaced
    }

    private static func visible(_ text: String) -> String {
        guard text.utf8.contains(0) else { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { scalars.append(scalar == "\0" ? null : scalar) }
        return String(scalars)
    }

    /// What ``spaced(_:)`` was made of.
    static func joined(_ text: some StringProtocol) -> String {
        String(text.filter { $0 != gap })
    }

    /// A letter of a script that is written without spaces, or with them between phrases only: Han, kana, Hangul, Thai, Lao,
    /// Myanmar, Khmer.
    private static func standsAlone(_ character: Character) -> Bool {
        guard let scalar = character.unicodeScalars.first else { return false }
        return switch scalar.value {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3005...0x3007, 0x3040...0x30FF, 0x3100...0x312F,
            0x31F0...0x31FF,
            0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFF66...0xFF9D, 0x20000...0x3FFFD:
            true
        default: false
        }
    }

    /// Whether anything of it is a word.
    static func hasWord(_ text: some StringProtocol) -> Bool {
        text.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
                .letterNumber, .otherNumber, .privateUse:
                true
            default: false
            }
        }
    }
}
