import Foundation
import Testing

/// A command and what it says on a terminal of 80 columns, and the pictures of that under `Fixtures/captures`.
enum Screen {
    static let folder = Program.root.appending(path: "Fixtures/captures")
    private static let writes = ProcessInfo.processInfo.environment["TIDEMARK_WRITE_CAPTURES"] == "1"

    /// As it stands on the screen: the command, what it says, and how it ended if not well.
    static func capture(_ line: String, _ program: Program) async throws -> String {
        let process = try program.process(["-c", "tidemark \(line)"])
        let folder = try #require(process.executableURL).deletingLastPathComponent().path
        process.environment?["PATH"] = "\(folder):/usr/bin:/bin"
        process.environment?["TOKEN"] = program.token
        process.environment?["COLUMNS"] = "80"
        process.environment?["TIDEMARK_STORE"] = "chat.sqlite"
        process.executableURL = URL(filePath: "/bin/sh")
        let ended = try await program.run(process, input: Data("What was I going to say?\n".utf8))
        let status = ended.status == 0 ? "" : "[exit \(ended.status)]\n"
        return "$ tidemark \(line)\n" + settled(ended.output, program) + settled(ended.errors, program) + status + "\n"
    }

    /// Of a command that stays until Ctrl-C: what it says to a person, and its first line.
    static func captureStaying(_ line: String, _ program: Program) async throws -> String {
        let errors = program.folder.appending(path: "\(UUID().uuidString).err")
        let process = try program.process(line.split(separator: " ").map(String.init))
        let lines = try Lines(process, errors: errors)
        let first = try await lines.first { !$0.isEmpty }
        let status = await lines.stop()
        return "$ tidemark \(line)\n\(try String(contentsOf: errors, encoding: .utf8))\(first)\n^C\n[exit \(status)]\n\n"
    }

    /// Without what is another on each machine and in each run.
    static func settled(_ text: String, _ program: Program) -> String {
        // Wherever its path is broken.
        text.replacing(/store {10}\/[^\n]*\n( {15}\S+\n)*?(?= {15}schema)/, with: "store          /home/me/chat.sqlite\n")
            .replacing(program.folder.path, with: "/home/me")
            .replacing(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{3}Z)?)?/) { match in
                // The fixture's own times stay.
                match.output.0.hasPrefix("2023-") ? String(match.output.0) : String(match.output.0.map { $0.isNumber ? "0" : $0 })
            }
            .replacing(/127\.0\.0\.1:\d{2,5}/, with: "127.0.0.1:4040")
            .replacing(/\d+ (s|min|h|d) ago/, with: "a while ago")
            .replacing(/(sqlite +)[\d.]+, \d+ options/) { "\($0.output.1)3, some options" }
            .replacing(/\d+ (kB|MB|bytes), instance/, with: "some kB, instance")
            .replacing(/\d+ (kB|MB|bytes) instead of \d+ (kB|MB|bytes)/, with: "some kB instead of more")
            .replacing(/instance [0-9a-f]{8}/, with: "instance 01234567")
            .replacing(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/) { match in
                String(match.output.map { $0.isHexDigit ? "0" : $0 })
            }
            .replacing(/\b\d+(\.\d+)? s\b/, with: "0.1 s")
            .replacing(/\b\d+ requests?, [\d.]+ (kB|MB|bytes)/, with: "1 request, 0 bytes")
    }

    /// Also without the times of what was written in this run, the service's ids, which are times, and how much of what was sent came
    /// back before the sync ended.
    static func timeless(_ text: String) -> String {
        text.replacing(/── \w+day \d{4}-\d\d-\d\d ─+/, with: "── Someday 0000-00-00 " + String(repeating: "─", count: 58))
            .replacing(/127\.0\.0\.1:\d{2,5}/, with: "127.0.0.1:4040")
            .replacing(/\b[0-9a-f]{24}\b/, with: "000000000000000000000000")
            .replacing(/(\d+ sent), \d+ received in 1 conversation/) { "\($0.output.1)" }
            .replacing(/\b\d\d:\d\d (?=m\d)/, with: "00:00 ")
            .replacing(/\b1\d{12}\b/, with: "1000000000000")
    }

    static func compare(_ text: String, _ name: String) throws {
        let file = folder.appending(path: "\(name).txt")
        if writes {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let known = try String(contentsOf: file, encoding: .utf8)
        let (old, new) = (
            known.split(separator: "\n", omittingEmptySubsequences: false),
            text.split(separator: "\n", omittingEmptySubsequences: false)
        )
        let difference = zip(old, new).first { $0 != $1 }
        #expect(known == text, "\(name).txt: first “\(difference?.0 ?? "")”, now “\(difference?.1 ?? "")”")
        // A command that is to be pasted is never broken, and a sentence is whole where no terminal is.
        let wide = new.filter { $0.count > 80 && !$0.contains("tidemark ") && !$0.hasPrefix("{") && !$0.hasSuffix(".") }
        #expect(wide.isEmpty, "\(wide)")
    }
}
