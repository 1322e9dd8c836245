import Foundation

/// A text from the command line, or from standard input where it is `-`.
enum TextArgument {
    /// Far above what any service takes in one message, and far below what would trouble this machine.
    static let maximumBytes = 1_000_000

    static func read(_ argument: String) throws -> String {
        guard argument == "-" else { return argument }
        var bytes = Data()
        while case let chunk = try FileHandle.standardInput.next(65_536), !chunk.isEmpty {
            bytes.append(chunk)
            guard bytes.count <= maximumBytes else {
                throw Failure(
                    .usage, code: "tooLarge",
                    "Standard input has more than \(maximumBytes) bytes, too long for one message; send it in parts.")
            }
        }
        guard var text = String(data: bytes, encoding: .utf8) else {
            throw Failure(.usage, code: "invalidArgument", "Standard input is not UTF-8 text; nothing was sent.")
        }
        // `echo` ends with a line break that nobody wrote.
        if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
        return text
    }
}
