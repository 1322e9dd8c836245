/// What a person typed into a search field, as SQLite's full-text search understands it.
///
/// Words stand for themselves and all have to be there; `"in quotes"` is a phrase, `begin*` whatever begins so. Nothing else is
/// an operator: whatever is typed searches the words in it.
struct SearchQuery: Equatable {
    /// More than this of what was typed is not looked at.
    static let longest = 1000
    private static let mostTerms = 50

    /// `nil`: no word is in it.
    let expression: String?

    init(_ typed: String) {
        var terms: [String] = []
        var rest = Substring(typed.prefix(Self.longest))
        while let first = rest.first, terms.count < Self.mostTerms {
            if first == "\"" {
                rest.removeFirst()
                let phrase = rest.prefix { $0 != "\"" }
                rest = rest.dropFirst(phrase.count + 1)
                // A sign behind the last word of a phrase makes it a beginning, too.
                let isBeginning = rest.first == "*"
                if isBeginning { rest.removeFirst() }
                terms += Self.term(phrase, isBeginning: isBeginning)
            } else if first.isWhitespace {
                rest.removeFirst()
            } else {
                let word = rest.prefix { !$0.isWhitespace && $0 != "\"" }
                rest = rest.dropFirst(word.count)
                terms += Self.term(word, isBeginning: word.last == "*")
            }
        }
        expression = terms.isEmpty ? nil : terms.joined(separator: " AND ")
    }

    /// Quoted, so that nothing in it is an operator.
    private static func term(_ text: Substring, isBeginning: Bool) -> [String] {
        guard SearchWords.hasWord(text) else { return [] }
        let words = SearchWords.spaced(String(text)).filter { $0 != "\"" && $0 != "*" }
        return ["\"\(words)\"\(isBeginning ? " *" : "")"]
    }
}
