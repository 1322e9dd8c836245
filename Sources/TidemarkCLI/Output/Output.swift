import Tidemark

/// What a command prints on standard output: lines for people or JSON for programs.
struct Output: Sendable {
    let isJSON: Bool
    let style = Style(for: .standardOutput)
    let width = Terminal.width

    /// Also where the command line could not be parsed. What stands behind `--` is text.
    static let isAskedForJSON = CommandLine.arguments.dropFirst().prefix { $0 != "--" }.contains("--json")

    func json(_ fields: [(String, JSONValue)]) {
        write(JSONValue.object(fields).text)
    }

    func line(_ text: String = "") {
        write(text)
    }

    func table(_ table: Table) {
        for line in table.lines(width: width, style: style) { write(line) }
    }

    /// Whole lines at once, so that a reader who follows sees them as they come.
    private func write(_ text: String) {
        Terminal.write(text + "\n")
    }
}
