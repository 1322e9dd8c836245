import Foundation
import Testing

/// What holds for each command there is: they are found in the program's own help.
@Suite(.timeLimit(.minutes(5))) struct EveryCommandTests {
    private struct Command {
        var path: [String]
        var arguments: [[String: Any]]

        /// What it needs to be parsed: something in each place that must be filled.
        var filled: [String] {
            path
                + arguments.filter { $0["isOptional"] as? Bool == false }.flatMap { one -> [String] in
                    let value = Self.values[one["valueName"] as? String ?? ""] ?? "c1"
                    guard one["kind"] as? String != "positional" else { return [value] }
                    let name = (one["preferredName"] as? [String: Any])?["name"] as? String ?? ""
                    return ["--" + name] + (one["kind"] as? String == "flag" ? [] : [value])
                } + (Self.more[path.joined(separator: " ")] ?? [])
        }

        private static let values = ["dur": "1d", "file": "no-such-file", "service": "azure"]

        /// What must be said beside what the parser asks for.
        private static let more = [
            "account add": ["--endpoint", "http://127.0.0.1:1", "--token-env", "T"], "account remove": ["--yes"],
            "send": ["Hello"], "edit": [], "delete": ["--yes"], "delete-conversation": ["--yes"],
            "outbox discard": ["i1", "--yes"], "outbox retry": ["i1"], "outbox skip": ["i1"], "outbox resolve": ["--not-sent"],
            "prune": ["--yes"], "reconcile": ["--all"], "wipe": ["--yes"], "participants add": ["x"],
            "participants remove": ["x"],
        ]
    }

    /// The commands at the ends, with their arguments.
    private func commands(_ program: Program) async throws -> [Command] {
        let dump = try await program.run("--experimental-dump-help")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(dump.output.utf8)) as? [String: Any])
        let root = try #require(object["command"] as? [String: Any])
        func below(_ command: [String: Any], _ path: [String]) -> [Command] {
            let names = (command["subcommands"] as? [[String: Any]] ?? []).filter { $0["commandName"] as? String != "help" }
            guard !names.isEmpty else { return [Command(path: path, arguments: command["arguments"] as? [[String: Any]] ?? [])] }
            return names.flatMap { below($0, path + [$0["commandName"] as? String ?? ""]) }
        }
        let found = below(root, [])
        // A reading of the dump that finds nothing would pass for ever.
        try #require(found.count > 35)
        return found
    }

    /// The words of each command at an end.
    static func paths(_ program: Program) async throws -> [[String]] {
        try await EveryCommandTests().commands(program).map(\.path)
    }

    private func checkFailure(_ ended: Program.Ended, _ what: [String]) throws {
        #expect(ended.output.isEmpty, "\(what): \(ended.output)")
        let failure = try ended.failure()
        #expect((failure["code"] as? String)?.isEmpty == false, "\(what)")
        #expect((failure["message"] as? String)?.isEmpty == false, "\(what)")
        #expect(failure.keys.contains("hint"), "\(what)")
        #expect(ended.errors.split(separator: "\n").count == 1, "\(what)")
    }

    @Test func `wrong usage of any command exits 2, with one JSON object where that is asked for`() async throws {
        try await withProgram(account: false) { program in
            for command in try await commands(program) {
                let wrong = command.path + ["--frobnicate"]
                let told = try await program.run(wrong)
                #expect(told.status == 2, "\(wrong): \(told.status)")
                #expect(told.output.isEmpty, "\(wrong)")
                // As every failure begins.
                #expect(told.errors.hasPrefix("error: ") && !told.errors.contains("Error:"), "\(wrong): \(told.errors)")
                let json = try await program.run(wrong + ["--json"])
                #expect(json.status == 2, "\(wrong): \(json.status)")
                try checkFailure(json, wrong)
                #expect(try json.failure()["code"] as? String == "usage", "\(wrong)")
            }
        }
    }

    /// They need no store, or make one.
    private static let storeless: Set<String> = ["demo", "simulate", "replay", "account add", "import"]

    @Test func `without a store each command fails with one JSON object and makes none`() async throws {
        try await withProgram(account: false) { program in
            for command in try await commands(program) where !Self.storeless.contains(command.path.joined(separator: " ")) {
                let ended = try await program.run(command.filled + ["--json"])
                #expect(ended.status == 1, "\(command.filled): \(ended.status) \(ended.errors)")
                try checkFailure(ended, command.filled)
                #expect(!FileManager.default.fileExists(atPath: program.store), "\(command.filled)")
            }
        }
    }

    @Test func `each command has a help of at most 80 columns, and a place in the manual page`() async throws {
        try await withProgram(account: false) { program in
            let script = Program.root.appending(path: "Scripts/man")
            let page = program.folder.appending(path: "tidemark.1")
            let process = try program.process([page.path])
            process.environment?["TIDEMARK"] = process.executableURL?.path
            process.environment?["PATH"] = ProcessInfo.processInfo.environment["PATH"]
            process.executableURL = script
            let written = try await program.run(process)
            try #require(written.status == 0, "\(written.errors)")
            let manual = try String(contentsOf: page, encoding: .utf8).replacing("\\-", with: "-")
            #expect(manual.hasPrefix(".TH TIDEMARK 1"))
            #expect(manual.utf8.count == manual.unicodeScalars.count)
            for command in try await commands(program) {
                let name = command.path.joined(separator: " ")
                #expect(manual.contains(".SS \"\(name)\"\n"), "\(name)")
                let help = try await program.run(command.path + ["--help"])
                #expect(help.lines.allSatisfy { $0.count <= 80 }, "\(name)")
            }
        }
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func `completions are there for the shells`(shell: String) async throws {
        try await withProgram(account: false) { program in
            let ended = try await program.run("--generate-completion-script", shell)
            #expect(ended.status == 0)
            for word in ["tidemark", "timeline", "outbox", "resolve", "inspect"] {
                #expect(ended.output.contains(word), "\(word)")
            }
            if shell == "bash" {
                let process = try program.process(["-n"])
                process.executableURL = URL(filePath: "/bin/bash")
                let checked = try await program.run(process, input: Data(ended.output.utf8))
                #expect(checked.status == 0, "\(checked.errors)")
            }
            #expect(try await program.run("--generate-completion-script", "cmd").status == 2)
        }
    }
}
