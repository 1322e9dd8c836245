import Foundation
import Testing

/// What a person sees of each command on a terminal of 80 columns, as text under `Fixtures/captures`.
///
/// Written anew with TIDEMARK_WRITE_CAPTURES=1; then look at what changed.
@Suite(.timeLimit(.minutes(5))) struct ScreenTests {
    private static let folder = Program.root.appending(path: "Fixtures/captures")
    private static let writes = ProcessInfo.processInfo.environment["TIDEMARK_WRITE_CAPTURES"] == "1"

    /// Commands that only look, on the store of the last schema: much of it is unsent, in doubt, parked and missing.
    private static let looks: [String: [String]] = [
        "account-list": ["account list"],
        "conversations": ["conversations --account me", "conversations --account room"],
        "timeline": ["timeline c1 --account me", "timeline c10 --account me --limit 4", "timeline c9 --account me --before m80"],
        "message": ["message m206 --account me", "message m204 --account me", "message m80 --history --account me"],
        "messages": ["messages --limit 4 --account me"],
        "participants": ["participants c1 --account me"],
        "receipts": ["receipts c1 --account me"],
        "outbox": ["outbox --account me --state parked", "outbox --account me --state inDoubt", "outbox --account work"],
        "gaps": ["gaps --account me", "gaps c2 --account me"],
        "rejects": ["rejects --account me"],
        "explain": ["explain m206 --account me", "explain i31 --account me"],
        "journal": ["journal --limit 6 --account me"],
        "doctor": ["doctor --offline"],
        "failures": [
            "timeline c1", "timeline c99 --account me", "message 17 --account me", "outbox resolve i35 --account me",
            "send c1 Hello --account nobody", "frobnicate", "timeline c1 --limit many",
        ],
        "help": ["--help", "outbox --help", "send --help"],
    ]

    /// A day without a network, step by step on one store.
    private static let day = [
        "account add me --endpoint http://127.0.0.1:1 --token-env TOKEN", "conversations",
        "create Trip --with 8:acs:alice,name=Alice --token t1", "send c1 Hello --token t2", "send c1 - --token t3",
        "edit m1 'Hello, all' --token t4", "delete m2 --yes --token t5", "rename c1 'Trip to the sea' --token t6",
        "participants c1 add 8:acs:bob,name=Bob --token t7", "read c1 --token t8", "conversations --json", "outbox skip i1",
        "outbox edit i2 'Hello, everybody'", "outbox discard i1 --yes", "outbox adopt", "sync --deadline 0s",
        "delete-conversation c1 --yes --token t9", "migrate", "backup copy.sqlite", "account remove me --yes",
        "account remove me --yes --discard-unsent", "wipe --yes",
    ]

    @Test(arguments: looks.keys.sorted()) func `a command that looks shows what it showed`(name: String) async throws {
        try await withProgram(account: false) { program in
            try program.fillFromFixture()
            var text = ""
            for line in try #require(Self.looks[name]) { text += try await capture(line, program) }
            try compare(text, name)
        }
    }

    @Test func `a day without a network shows what it showed`() async throws {
        try await withProgram(account: false) { program in
            var text = ""
            for line in Self.day { text += try await capture(line, program) }
            try compare(text, "a-day-offline")
        }
    }

    /// As it stands on the screen: the command, what it says, and how it ended if not well.
    private func capture(_ line: String, _ program: Program) async throws -> String {
        let process = try program.process(["-c", "tidemark \(line)"])
        let folder = try #require(process.executableURL).deletingLastPathComponent().path
        process.environment?["PATH"] = "\(folder):/usr/bin:/bin"
        process.environment?["TOKEN"] = "a-token"
        process.environment?["COLUMNS"] = "80"
        process.environment?["TIDEMARK_STORE"] = "chat.sqlite"
        process.executableURL = URL(filePath: "/bin/sh")
        let ended = try await program.run(process, input: Data("What was I going to say?\n".utf8))
        let status = ended.status == 0 ? "" : "[exit \(ended.status)]\n"
        return "$ tidemark \(line)\n" + settled(ended.output, program) + settled(ended.errors, program) + status + "\n"
    }

    /// Without what is another on each machine and in each run.
    private func settled(_ text: String, _ program: Program) -> String {
        // Wherever its path is broken.
        text.replacing(/store {10}\/[^\n]*\n( {15}\S+\n)*?(?= {15}schema)/, with: "store          /home/me/chat.sqlite\n")
            .replacing(program.folder.path, with: "/home/me")
            .replacing(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{3}Z)?)?/) { match in
                // The fixture's own times stay.
                match.output.0.hasPrefix("2023-") ? String(match.output.0) : String(match.output.0.map { $0.isNumber ? "0" : $0 })
            }
            .replacing(/\d+ (s|min|h|d) ago/, with: "a while ago")
            .replacing(/(sqlite +)[\d.]+, \d+ options/) { "\($0.output.1)3, some options" }
            .replacing(/\d+ (kB|MB|bytes), instance/, with: "some kB, instance")
            .replacing(/instance [0-9a-f]{8}/, with: "instance 01234567")
            .replacing(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/) { match in
                String(match.output.map { $0.isHexDigit ? "0" : $0 })
            }
            .replacing(/\b\d\.\d+ s\b/, with: "0.1 s")
    }

    private func compare(_ text: String, _ name: String) throws {
        let file = Self.folder.appending(path: "\(name).txt")
        if Self.writes {
            try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
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
