import Foundation
import TidemarkModel

/// The samples of the service's documentation and the recorded session of its Python client, which stand beside the project and
/// never in it. `TIDEMARK_RECORDINGS` names the folder; otherwise it is `../shared/recordings` beside the package.
enum AvayaRecording {
    private static let folder: URL = {
        let base: URL
        if let path = ProcessInfo.processInfo.environment["TIDEMARK_RECORDINGS"], !path.isEmpty {
            base = URL(fileURLWithPath: path)
        } else {
            // …/Tests/TidemarkAvayaTests/Support/AvayaRecording.swift
            var root = URL(fileURLWithPath: #filePath)
            for _ in 0..<4 { root.deleteLastPathComponent() }
            base = root.deletingLastPathComponent().appending(path: "shared/recordings")
        }
        return base.appending(path: "avaya")
    }()

    /// In CI the tests run also without the folder, and fail there.
    static var isExpected: Bool {
        FileManager.default.fileExists(atPath: folder.path) || ProcessInfo.processInfo.environment["CI"] == "true"
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: name)))
    }

    static func answer(_ name: String, _ status: Int = 200) throws -> TransportResponse {
        .json(status, String(decoding: try bytes(name), as: UTF8.self))
    }

    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    /// One line of the recorded session, read by Foundation.
    static func session() throws -> [[String: Any]] {
        try String(decoding: bytes("library-session-1.jsonl"), as: UTF8.self).split(separator: "\n").compactMap {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
    }
}
