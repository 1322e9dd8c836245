import Foundation
import Tidemark

/// What a person reads of a message's file.
enum AttachmentText {
    /// `[1] Sea.png, 24 kB, 45% sent`: the number is what `download MSG/1` takes.
    static func line(_ file: AttachmentView, number: Int) -> String {
        (["[\(number)] \(name(of: file))"] + [size(of: file), progress(of: file)].compactMap { $0 }).joined(separator: ", ")
    }

    static func lines(of entry: TimelineEntry) -> [String] {
        entry.attachments.enumerated().map { line($1, number: $0 + 1) }
    }

    static func name(of file: AttachmentView) -> String {
        let name = EscapedText.line(file.name ?? "", limit: 120)
        return name.isEmpty ? "a file without a name" : name
    }

    static func size(of file: AttachmentView) -> String? {
        file.size.map { SyncReportPrinter.size($0) }
    }

    /// How far an own file is on its way.
    static func progress(of file: AttachmentView) -> String? {
        switch file.state {
        case .queued: return nil
        case .uploading:
            guard let size = file.size, size > 0 else { return "uploading" }
            return "\(Int(Double(min(max(file.sentBytes, 0), size)) / Double(size) * 100))% sent"
        case .uploaded: return "uploaded"
        case .remote: return nil
        }
    }

    static func json(_ file: AttachmentView) -> JSONValue {
        .object([
            ("id", .id(file.id)), ("remoteID", .id(file.file)), ("name", .optional(file.name)), ("size", .optional(file.size)),
            ("contentType", .optional(file.contentType)), ("thumbnail", .id(file.thumbnail)),
            ("state", .string(file.state.rawValue)), ("sentBytes", .optional(file.sentBytes)),
            ("path", .optional(file.localPath)),
        ])
    }

    /// A name for a file in a folder of the user's: what the sender wrote leads nowhere else and hides nothing.
    static func fileName(of file: AttachmentView) -> String {
        let name = (file.name ?? "").unicodeScalars.map { scalar in
            scalar == "/" || scalar == "\\" || scalar == ":" || EscapedText.isDangerous(scalar) ? "_" : String(scalar)
        }.joined()
        let plain = String(name.drop { $0 == "." || $0 == " " }.prefix(120))
        return plain.isEmpty ? "file-\(file.id)" : plain
    }
}
