import Foundation

/// The folder of recorded sessions: traffic of the real service, which stands beside the project and never in it.
///
/// It is named by `TIDEMARK_RECORDINGS`, otherwise it is `../shared/recordings` beside the package. Without it the tests on
/// recordings are skipped, except in CI (`CI=true`), where a missing folder is a failure.
enum RecordingFolder {
    static let url: URL = {
        if let path = ProcessInfo.processInfo.environment["TIDEMARK_RECORDINGS"], !path.isEmpty {
            return URL(fileURLWithPath: path)
        }
        // …/Tests/TidemarkAzureTests/Recordings/RecordingFolder.swift
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return root.deletingLastPathComponent().appending(path: "shared/recordings")
    }()

    static var exists: Bool {
        FileManager.default.fileExists(atPath: url.appending(path: "acs").path)
    }

    /// In CI the tests run also without the folder, and fail there.
    static var isExpected: Bool {
        exists || ProcessInfo.processInfo.environment["CI"] == "true"
    }

    /// Azure's recordings, each with its path inside the folder, in order.
    static func files() throws -> [(name: String, url: URL)] {
        let azure = url.appending(path: "acs")
        let groups = try FileManager.default.contentsOfDirectory(atPath: azure.path).sorted()
        return try groups.flatMap { group in
            let folder = azure.appending(path: group)
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
                return [(name: String, url: URL)]()
            }
            return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
                (name: "\(group)/\($0)", url: folder.appending(path: $0))
            }
        }
    }
}
