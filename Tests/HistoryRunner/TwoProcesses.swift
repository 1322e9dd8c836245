import ArgumentParser
import Foundation

/// The same run in two processes of one thread each: hash seeds differ between processes, so whatever follows the order of a
/// set or a dictionary shows.
struct TwoProcesses {
    var arguments: [String]

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("histories-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = [folder.appendingPathComponent("first"), folder.appendingPathComponent("second")]
        async let first = play(files[0], isShown: true)
        async let second = play(files[1], isShown: false)
        let codes = try await [first, second]
        if let code = codes.first(where: { $0 != 0 }) { throw ExitCode(code) }
        let traces = try files.map { try String(contentsOf: $0, encoding: .utf8).split(separator: "\n") }
        let differing = zip(traces[0], traces[1]).filter { $0 != $1 }
        guard differing.isEmpty, traces[0].count == traces[1].count else {
            for (first, second) in differing.prefix(5) { print("differs between two processes: \(first), \(second)") }
            throw ExitCode(1)
        }
        print("\(traces[0].count) histories had the same trace in two processes")
    }

    private func play(_ traces: URL, isShown: Bool) async throws -> Int32 {
        let process = Process()
        process.executableURL = Bundle.main.executableURL
        process.arguments = arguments.filter { $0 != "--twice" } + ["--threads", "1", "--traces", traces.path]
        if !isShown { process.standardOutput = FileHandle.nullDevice }
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
    }
}
