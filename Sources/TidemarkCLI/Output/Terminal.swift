import Foundation

/// Where text goes: how wide it is and whether a person looks at it.
enum Terminal {
    enum Stream: Sendable {
        case standardOutput
        case standardError

        var descriptor: Int32 { self == .standardOutput ? STDOUT_FILENO : STDERR_FILENO }
    }

    static func isTTY(_ stream: Stream) -> Bool { isatty(stream.descriptor) == 1 }

    /// Whether somebody can be asked: both ends are a person's.
    static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isTTY(.standardError) }

    /// Columns; 80 where nobody knows.
    static var width: Int {
        var size = winsize()
        if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 { return min(Int(size.ws_col), 400) }
        if let text = ProcessInfo.processInfo.environment["COLUMNS"], let columns = Int(text), (20...400).contains(columns) {
            return columns
        }
        return 80
    }

    /// A sentence broken at words for a person's screen; whole for a program that reads it.
    static func lines(of sentence: String, on stream: Stream) -> [String] {
        isTTY(stream) ? TextLayout.wrapped(sentence, to: width) : [sentence]
    }

    static func standardError(_ text: String) {
        write(text + "\n", to: .standardError)
    }

    /// A reader of standard output that went away (`| head`) ends the program without a word; a disk that is full with one. Who
    /// does not read standard error is told nothing.
    static func write(_ text: String, to stream: Stream = .standardOutput) {
        let file: FileHandle = stream == .standardOutput ? .standardOutput : .standardError
        do {
            try file.write(contentsOf: Data(text.utf8))
        } catch {
            guard stream == .standardOutput else { return }
            Interruption.outputIsGone(isClosed: errno == EPIPE)
        }
    }

    /// Writes over the line the cursor is in.
    static func rewriteLine(_ text: String) {
        write("\r\u{1B}[K\(text)", to: .standardError)
    }

    /// Asks for a yes on the terminal.
    static func confirms(_ question: String) -> Bool {
        write("\(question) [y/N] ", to: .standardError)
        let answer = readLine()?.lowercased() ?? ""
        return answer == "y" || answer == "yes"
    }
}

/// Colours, where a person looks and has not said no (https://no-color.org).
struct Style: Sendable {
    let isColoured: Bool

    init(for stream: Terminal.Stream) {
        let environment = ProcessInfo.processInfo.environment
        isColoured =
            Terminal.isTTY(stream) && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    private init(isColoured: Bool) {
        self.isColoured = isColoured
    }

    static let none = Style(isColoured: false)

    private func paint(_ text: String, _ code: String) -> String {
        isColoured && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    func bold(_ text: String) -> String { paint(text, "1") }
    func dim(_ text: String) -> String { paint(text, "2") }
    func red(_ text: String) -> String { paint(text, "31") }
    func green(_ text: String) -> String { paint(text, "32") }
    func yellow(_ text: String) -> String { paint(text, "33") }
    func cyan(_ text: String) -> String { paint(text, "36") }
}
