/// A transcript as it comes about: its lines in the order in which things happened, and the time between them.
package struct TranscriptWriter: Sendable {
    package private(set) var lines: [String]
    /// It has reached ``Transcript/maximumBytes``, and what came after that is missing.
    package private(set) var isFull = false
    private var bytes = 0
    /// When the last line happened, in milliseconds of a clock that is never set.
    private var at: Int64

    /// - Parameters:
    ///   - head: the fields of the first line beside the version of the format.
    ///   - at: when it begins.
    package init(head: [String: JSON], at: Int64) {
        var head = head
        head["transcript"] = .integer(Transcript.version)
        lines = [JSON.object(head).line]
        self.at = at
    }

    package mutating func add(_ line: [String: JSON]) {
        guard !isFull else { return }
        let text = JSON.object(line).line
        bytes += text.utf8.count + 1
        if bytes > Transcript.maximumBytes { isFull = true } else { lines.append(text) }
    }

    /// The time that has passed since the last line.
    ///
    /// - Parameter quietly: nothing that fell due meanwhile was begun.
    package mutating func pass(to now: Int64, quietly: Bool = false) {
        guard now > at else { return }
        var line: [String: JSON] = ["advance": .text("\(now - at)ms")]
        if quietly { line["quietly"] = .bool(true) }
        add(line)
        at = now
    }

    /// The whole file. What was lost by its size is said in its last line.
    package var file: [UInt8] {
        let note = JSON.object(["note": .text("The recording reached its largest size here; the rest is missing.")]).line
        return Array(((isFull ? lines + [note] : lines).joined(separator: "\n") + "\n").utf8)
    }
}
