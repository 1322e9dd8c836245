/// Why a transcript can't be read or played: a sentence that names the line.
public struct TranscriptError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line it is about, from 1; `nil`: the whole file.
    public var line: Int?
    public var sentence: String

    init(_ sentence: String, line: Int? = nil) {
        self.sentence = sentence
        self.line = line
    }

    public var description: String { line.map { "line \($0): \(sentence)" } ?? sentence }
}
