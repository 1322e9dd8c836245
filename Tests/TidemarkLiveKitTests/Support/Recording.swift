import Foundation
import Testing

/// Golden vectors made with LiveKit's own classes. They stand beside the project and never in it.
///
/// The folder of recordings is named by `TIDEMARK_RECORDINGS`, otherwise it is `../shared/recordings` beside the package.
/// Without it these tests are skipped, except in CI (`CI=true`), where a missing folder is a failure.
enum Recording {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["TIDEMARK_RECORDINGS"], !path.isEmpty {
            return URL(filePath: path).appending(path: "livekit")
        }
        // …/Tests/TidemarkLiveKitTests/Support/Recording.swift
        var root = URL(filePath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return root.deletingLastPathComponent().appending(path: "shared/recordings/livekit")
    }()

    static var isExpected: Bool {
        FileManager.default.fileExists(atPath: folder.path) || ProcessInfo.processInfo.environment["CI"] == "true"
    }

    /// A file as Foundation reads it, so that the package's own JSON is not its own judge.
    static func file(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: folder.appending(path: name))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    static func list(_ name: String, _ key: String) throws -> [[String: Any]] {
        let list = try #require(try file(name)[key] as? [[String: Any]])
        try #require(!list.isEmpty)
        return list
    }

    static func bytes(_ base64: Any?) throws -> [UInt8] {
        Array(try #require((base64 as? String).flatMap { Data(base64Encoded: $0) }))
    }
}

extension [String: Any] {
    func object(_ key: String) throws -> [String: Any] {
        try #require(self[key] as? [String: Any], "\(key) is no object")
    }

    func text(_ key: String) throws -> String {
        try #require(self[key] as? String, "\(key) is no text")
    }

    func integer(_ key: String) throws -> Int64 {
        try #require((self[key] as? NSNumber)?.int64Value, "\(key) is no number")
    }

    /// The keys by which two of these files differ: null is absent.
    func present(_ key: String) -> Any? {
        self[key].flatMap { $0 is NSNull ? nil : $0 }
    }
}
