import Foundation
import Testing

/// The recorded session of the real library, and the samples, which stand beside the project and never in it.
///
/// `TIDEMARK_RECORDINGS` names the folder, otherwise it is `../shared/recordings` beside the package. Without it these tests are
/// skipped, except in CI (`CI=true`), where a missing folder is a failure.
enum SocketRecording {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["TIDEMARK_RECORDINGS"], !path.isEmpty {
            return URL(filePath: path).appending(path: "avaya")
        }
        // …/Tests/TidemarkAvayaTests/Socket/SocketRecording.swift
        var root = URL(filePath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return root.deletingLastPathComponent().appending(path: "shared/recordings/avaya")
    }()

    static var isExpected: Bool {
        FileManager.default.fileExists(atPath: folder.path) || ProcessInfo.processInfo.environment["CI"] == "true"
    }

    struct Line {
        var fromClient: Bool
        var text: String
    }

    static func frames() throws -> [Line] {
        let text = try String(contentsOf: folder.appending(path: "library-session-1.jsonl"), encoding: .utf8)
        let lines = try text.split(separator: "\n").compactMap { line -> Line? in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            guard let text = object?["text"] as? String else { return nil }
            return Line(fromClient: object?["dir"] as? String == "client", text: text)
        }
        try #require(!lines.isEmpty)
        return lines
    }

    static func sample(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: name)))
    }
}

/// JSON as Foundation reads it, so that the package's own is not its own judge.
func object(_ bytes: some Sequence<UInt8>) throws -> NSDictionary {
    try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? NSDictionary)
}

enum JSONSerializationBytes {
    static func of(_ value: Any) throws -> [UInt8] {
        [UInt8](try JSONSerialization.data(withJSONObject: value))
    }
}
