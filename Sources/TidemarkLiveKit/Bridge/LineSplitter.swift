/// Cuts a flow of bytes into lines and holds at most one line's bytes: a longer line is dropped up to its end.
package struct LineSplitter: Sendable {
    package enum Piece: Hashable, Sendable {
        /// Without its end, which is a line feed, or a carriage return and a line feed.
        case line([UInt8])
        /// A line that was too long; nothing of it is kept.
        case dropped
    }

    private let maximumBytes: Int
    private var held: [UInt8] = []
    private var isDropping = false

    package init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    package mutating func push(_ bytes: some Collection<UInt8>) -> [Piece] {
        var pieces: [Piece] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            hold(rest[..<end])
            pieces.append(piece())
            rest = rest[rest.index(after: end)...]
        }
        hold(rest)
        return pieces.filter { $0 != .line([]) }
    }

    /// What stood behind the last line feed.
    package mutating func finish() -> Piece? {
        guard isDropping || !held.isEmpty else { return nil }
        return piece()
    }

    private mutating func hold(_ bytes: some Collection<UInt8>) {
        guard !isDropping else { return }
        if held.count + bytes.count > maximumBytes {
            held = []
            isDropping = true
        } else {
            held += bytes
        }
    }

    private mutating func piece() -> Piece {
        defer {
            held = []
            isDropping = false
        }
        if isDropping { return .dropped }
        if held.last == UInt8(ascii: "\r") { held.removeLast() }
        return .line(held)
    }
}
