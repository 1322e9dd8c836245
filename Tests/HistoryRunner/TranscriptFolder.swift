import ArgumentParser
import Foundation
import Histories

/// All transcripts below a folder: `Scripts/mutations` looks which defects they catch.
struct TranscriptFolder {
    private let folder: String

    init(_ folder: String) {
        self.folder = folder
    }

    func play() throws {
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".jsonl") }.sorted()
        guard !names.isEmpty else { throw ValidationError("There is no transcript below \(folder).") }
        let failed = try names.filter { name in
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
            return (try? RetoldDevice(file: Array(bytes), untold: []).replay()) != []
        }
        for name in failed { print("\(name) fails") }
        print("\(names.count - failed.count) passed, \(failed.count) failed")
        if !failed.isEmpty { throw ExitCode(1) }
    }
}
