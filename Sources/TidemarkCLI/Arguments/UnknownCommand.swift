import ArgumentParser

/// A word in a command's place that is none, which the parser would take for an argument too many.
struct UnknownCommand: Sendable {
    let word: String
    /// Commands that are written nearly so.
    let similar: [String]

    /// `nil`: the first word is a command, an option, or not there.
    init?(_ arguments: [String]) {
        let commands = TidemarkCommand.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard let word = arguments.first, !word.hasPrefix("-"), !commands.contains(word) else { return nil }
        self.word = word
        let letters = Array(word.lowercased().prefix(Self.longest))
        let ranked = commands.map { (name: $0, distance: Self.distance(letters, Array($0))) }
        let nearest = ranked.map(\.distance).min() ?? 0
        // Half of a short word changed is another word.
        similar =
            nearest <= max(1, min(2, letters.count / 2)) ? ranked.filter { $0.distance == nearest }.map(\.name).sorted() : []
    }

    var failure: Failure {
        let shown = EscapedText.line(word, limit: 40)
        let question = similar.isEmpty ? "" : " Did you mean \(similar.joined(separator: " or "))?"
        return .usage("There is no command “\(shown)”.\(question)", hint: "tidemark --help lists all commands.")
    }

    /// No command is as long.
    private static let longest = 30

    /// How many letters are added, left out, changed, or swapped with their neighbour.
    private static func distance(_ one: [Character], _ other: [Character]) -> Int {
        var rows = [Array(0...other.count)]
        for i in one.indices {
            var row = [i + 1]
            for j in other.indices {
                var cost = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (one[i] == other[j] ? 0 : 1))
                if i > 0, j > 0, one[i] == other[j - 1], one[i - 1] == other[j] { cost = min(cost, rows[i - 1][j - 1] + 1) }
                row.append(cost)
            }
            rows.append(row)
        }
        return rows[one.count][other.count]
    }
}
