import Foundation
import Testing

/// What the commands print at 80 columns, as it was looked at.
@Suite(.timeLimit(.minutes(3))) struct CaptureTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let export = root.appending(path: "Fixtures/exports/trip.jsonl").path
    /// Write it anew with `TIDEMARK_WRITE_GOLDEN=1 swift test --filter CaptureTests`, and read the difference.
    private static let capture = root.appending(path: "Fixtures/captures/store.txt")

    private static let commands: [[String]] = [
        ["import", "trip.jsonl"], ["import", "trip.jsonl"], ["conversations"], ["timeline", "c1"],
        ["timeline", "c1", "--limit", "3", "--before", "m9"], ["messages", "--limit", "4"], ["search", "edited", "mess*"],
        ["search", "\"message 8\""], ["search", "--newest", "--limit", "2", "history"], ["search", "nothing-like-it"],
        ["gaps"], ["rejects"], ["verify"], ["export", "--output", "again.jsonl"],
        ["export", "--format", "html", "--output", "trip.html"], ["backup", "copy.sqlite"],
        ["prune", "--older-than", "36500d", "--yes"], ["reconcile", "c9", "--dry-run"], ["send", "c9", "hello"],
        ["wipe", "--yes"], ["search", "edited"],
    ]

    /// As a person would type it.
    private static func line(_ command: [String]) -> String {
        let words = command.map { $0.contains(" ") ? "'\($0)'" : $0 }
        return "$ tidemark " + words.joined(separator: " ")
    }

    @Test func `the commands about a store print what they printed`() async throws {
        try await withProgram(account: false) { program in
            try FileManager.default.copyItem(
                atPath: Self.export, toPath: program.folder.appending(path: "trip.jsonl").path)
            var lines: [String] = []
            for command in Self.commands {
                let ended = try await program.run(command)
                lines.append(Self.line(command))
                lines += (ended.output + ended.errors).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                    .dropLast()
                if ended.status != 0 { lines.append("(exit \(ended.status))") }
                lines.append("")
            }
            // Of what was said today a list shows the hour.
            let today = ("4+          17:02       Carol", "4+          2026-11-22  Carol")
            let text = lines.map { $0.replacing(program.folder.path, with: "FOLDER").replacing(today.0, with: today.1) }
                .joined(separator: "\n")
            if ProcessInfo.processInfo.environment["TIDEMARK_WRITE_GOLDEN"] != nil {
                try FileManager.default.createDirectory(
                    at: Self.capture.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: Self.capture)
            }
            #expect(lines.allSatisfy { $0.hasPrefix("$") || $0.count <= 80 })
            #expect(text == (try String(contentsOf: Self.capture, encoding: .utf8)))
        }
    }
}
