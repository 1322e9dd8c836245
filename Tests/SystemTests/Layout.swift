import Foundation
import Testing

/// The architecture's table of who imports what, as `Scripts/check-layout` has it.
@Suite struct Layout {
    @Test func `every target imports only what the table lets it`() throws {
        let said = try run("Scripts/check-layout")
        #expect(said.status == 0, "\(said.output)")
    }

    @Test func `the checks of lint can fail`() throws {
        let said = try run("Scripts/test-checks")
        #expect(said.status == 0, "\(said.output)")
    }

    private var root: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }

    private func run(_ script: String) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = root.appending(path: script)
        process.currentDirectoryURL = root
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.all()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
