import Foundation
import Tidemark

/// What a command of the person's own writes to its standard error, kept where nobody watches: the end of it, bounded.
///
/// It is the person's own to read. What the same command printed as the secret is left out of it, should it stand there too.
final class Complaint {
    private static let keptBytes = 65_536
    private static let shownCharacters = 4096
    private static let pieceBytes = 4096
    /// Anything shorter is a word.
    private static let shortestSecret = 4
    /// What still comes once the command has ended comes from somebody else; it is not read for ever.
    private static let lastPieces = 64

    private let pipe = Pipe()
    private var bytes = Data()
    private var isCut = false
    private var hasEnded = false

    /// What the command is given to write to.
    var standardError: Pipe { pipe }

    /// To be waited on beside other things; -1 once nothing comes any more.
    var descriptor: Int32 { hasEnded ? -1 : pipe.fileHandleForReading.fileDescriptor }

    /// Reads what is there. Waits where nothing is.
    func hear() {
        guard !hasEnded else { return }
        guard let piece = try? pipe.fileHandleForReading.next(Self.pieceBytes), !piece.isEmpty else {
            hasEnded = true
            return
        }
        bytes.append(piece)
        guard bytes.count > Self.keptBytes else { return }
        bytes.removeFirst(bytes.count - Self.keptBytes)
        isCut = true
    }

    /// Waits this long for something, and reads it.
    func hear(for limit: Duration) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard !hasEnded, poll(&waiting, 1, Int32(limit.milliseconds)) > 0 else { return false }
        hear()
        return true
    }

    /// Reads what was written before the end.
    func hearRest() {
        var pieces = 0
        while pieces < Self.lastPieces, hear(for: .zero) { pieces += 1 }
    }

    /// Without what was printed as the secret; `nil` if nothing was said.
    func text(hiding printed: Data) -> String? {
        var kept = bytes
        // Half a line may be half a secret.
        if isCut { kept = kept.drop { $0 != UInt8(ascii: "\n") } }
        var text = String(decoding: kept, as: UTF8.self)
        let secrets = Set(String(decoding: printed, as: UTF8.self).split(whereSeparator: \.isWhitespace))
        for secret in secrets.filter({ $0.count >= Self.shortestSecret }).sorted(by: { $0.count > $1.count }) {
            text = text.replacing(secret, with: "…")
        }
        text = String(text.suffix(Self.shownCharacters)).trimmingCharacters(in: .whitespacesAndNewlines)
        return text.isEmpty ? nil : text
    }
}
