import Foundation
import Tidemark

/// Where an export goes: standard output, or a file that appears when it is whole.
final class FileSink {
    private static let piece = 1 << 16

    private let path: String?
    private let file: FileHandle
    private var waiting = Data()

    init(_ path: String?, besides store: String) throws {
        self.path = path
        guard let path else {
            file = .standardOutput
            return
        }
        let place = URL(filePath: path).standardizedFileURL.path
        guard place != URL(filePath: store).standardizedFileURL.path else {
            throw Failure.usage("\(path) is the store itself; name another file.")
        }
        guard FileManager.default.createFile(atPath: Self.partial(path), contents: nil),
            let file = FileHandle(forWritingAtPath: Self.partial(path))
        else {
            throw Failure(.failed, code: "file", "\(path) can't be written; check that its folder exists and may be written.")
        }
        self.file = file
    }

    private static func partial(_ path: String) -> String { path + ".partial" }

    func write(_ text: String) throws {
        waiting.append(contentsOf: text.utf8)
        if waiting.count >= Self.piece { try flush() }
    }

    private func flush() throws {
        try file.write(contentsOf: waiting)
        waiting.removeAll(keepingCapacity: true)
    }

    func finish() throws {
        try flush()
        guard let path else { return }
        try file.close()
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: Self.partial(path), toPath: path)
    }

    /// Leaves nothing of what was begun.
    func discard() {
        guard let path else { return }
        try? file.close()
        try? FileManager.default.removeItem(atPath: Self.partial(path))
    }
}
