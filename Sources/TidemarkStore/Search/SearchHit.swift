public import TidemarkModel

/// A message that a search found, as the timeline shows it.
public struct SearchHit: Hashable, Sendable, Identifiable {
    public var entry: TimelineEntry
    /// The part of its text where the words are.
    public var snippet: SearchSnippet
    public var id: MessageID { entry.id }
}

/// In which order a search answers.
public enum SearchOrder: Hashable, Sendable {
    /// The best match first, by how often and how densely the words stand in it; of equal ones the newest.
    case relevance
    /// The newest first.
    case newest
}

/// A piece of a message around what was found.
public struct SearchSnippet: Hashable, Sendable {
    public struct Part: Hashable, Sendable {
        public var text: String
        /// It is what was searched.
        public var isMatch: Bool

        public init(_ text: String, isMatch: Bool) {
            self.text = text
            self.isMatch = isMatch
        }
    }

    /// What SQLite sets around a match; no text in the index holds them.
    static let begin: Character = "\u{2}"
    static let end: Character = "\u{3}"

    /// In their order. Where text was left out, an ellipsis stands.
    public var parts: [Part]

    public var text: String { parts.map(\.text).joined() }

    init(marked text: String) {
        parts = []
        var current = ""
        var isMatch = false
        func close(_ parts: inout [Part]) {
            guard !current.isEmpty else { return }
            let joined = SearchWords.joined(current)
            // Two words that nothing seen stands between are one match.
            if let last = parts.last, last.isMatch == isMatch {
                parts[parts.count - 1].text = last.text + joined
            } else if !joined.isEmpty {
                parts.append(Part(joined, isMatch: isMatch))
            }
            current = ""
        }
        for character in text {
            switch character {
            case Self.begin, Self.end:
                close(&parts)
                isMatch = character == Self.begin
            default: current.append(character)
            }
        }
        close(&parts)
    }
}
