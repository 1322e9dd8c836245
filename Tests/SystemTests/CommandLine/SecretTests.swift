import Foundation
import Testing

/// Secrets that a command or a file of the person's own gives.
@Suite(.timeLimit(.minutes(2))) struct SecretTests {
    private static let secret = "s3cret-that-nobody-shall-read"

    private func withSecret(_ option: String, _ value: String, _ body: (Program) async throws -> Void) async throws {
        try await withProgram(account: false) { program in
            try Data("\(Self.secret)\n".utf8).write(to: program.folder.appending(path: "secret.txt"))
            let added = try await program.run("account", "add", "me", "--endpoint", "http://127.0.0.1:1", option, value)
            try #require(added.status == 0, "\(added.errors)")
            try await body(program)
        }
    }

    /// It fails with a sentence, also as JSON, and nothing of the secret is shown or kept.
    private func expectFailure(_ value: String, by option: String = "--token-command", saying words: String) async throws {
        try await withSecret(option, value) { program in
            let told = try await program.run("sync", "-vv")
            #expect(told.status == 1, "\(value): \(told.status)")
            #expect(told.errors.contains("error: ") && told.errors.contains(words), "\(value): \(told.errors)")
            let json = try await program.run("sync", "--json")
            #expect(json.errors.split(separator: "\n").count == 1, "\(json.errors)")
            #expect(try json.failure()["code"] as? String == "noCredential", "\(value)")
            #expect(json.output.isEmpty)
            for shown in [told, json] { #expect(!(shown.output + shown.errors).contains(Self.secret), "\(value)") }
        }
    }

    @Test(.enabled(if: SimulatorProcess.isBuilt())) func `a command and a file give the token, each time it is needed`()
        async throws
    {
        try await withProgram(account: false) { program in
            let simulator = try await SimulatorProcess.start(program)
            defer { simulator.stop() }
            let file = program.folder.appending(path: "token.txt")
            let token = try #require(simulator.accounts.first?.token)
            try Data("\n  \(token)  \n\n".utf8).write(to: file)
            let command = "echo asked >> asked.txt; cat token.txt"
            for (name, option, value) in [("cmd", "--token-command", command), ("file", "--token-file", "token.txt")] {
                let added = try await program.run("account", "add", name, "--endpoint", simulator.url, option, value)
                #expect(added.status == 0, "\(added.errors)")
                let synced = try await program.run("sync", "--account", name)
                #expect(synced.status == 0, "\(synced.errors)")
                #expect(!(synced.output + synced.errors).contains(token))
            }
            let asked = program.folder.appending(path: "asked.txt")
            #expect(try String(contentsOf: asked, encoding: .utf8) == "asked\n")
            // What only looks and writes locally asks nobody for a secret.
            for line in [["create", "Trip"], ["outbox"], ["account", "list"]] {
                #expect(try await program.run(line + (line[0] == "account" ? [] : ["--account", "cmd"])).status == 0)
            }
            #expect(try String(contentsOf: asked, encoding: .utf8) == "asked\n")
            // A token that was exchanged is picked up.
            try Data("nobody".utf8).write(to: file)
            #expect(try await program.run("sync", "--account", "cmd").status == 4)
            let bytes = try Data(contentsOf: URL(filePath: program.store))
            #expect(bytes.range(of: Data(token.utf8)) == nil)
        }
    }

    @Test func `a second secret comes from a command, too`() async throws {
        try await LiveKitTests().withRoom { program, room in
            try Data("\(room.secret)\n".utf8).write(to: program.folder.appending(path: "secret.txt"))
            func add(_ name: String, _ command: String) async throws {
                let added = try await program.run(
                    "account", "add", name, "--service", "livekit", "--room", "lobby", "--endpoint", room.url,
                    "--api-key", room.apiKey, "--secret-command", command)
                #expect(added.status == 0, "\(added.errors)")
            }
            try await add("right", "cat secret.txt")
            try await add("failing", "cat secret.txt; exit 3")
            try await add("wrong", "cat secret.txt; echo more")
            let synced = try await program.run("sync", "--account", "right")
            #expect(synced.status == 0, "\(synced.errors)")
            for (name, words) in [("failing", "failed (exit code 3)"), ("wrong", "more than one line")] {
                let told = try await program.run("sync", "--account", name)
                #expect(told.status == 1 && told.errors.contains(words), "\(name): \(told.status) \(told.errors)")
                #expect(!(told.output + told.errors).contains(room.secret))
            }
        }
    }

    @Test func `a command that fails, prints nothing or too much is said, and nothing of what it printed`() async throws {
        try await expectFailure("cat secret.txt; exit 7", saying: "failed (exit code 7)")
        try await expectFailure("cat secret.txt; kill -9 $$", saying: "was ended by signal 9")
        try await expectFailure("no-such-password-manager", saying: "failed (exit code 127)")
        try await expectFailure("true", saying: "is empty")
        try await expectFailure("printf ' \\n\\n'", saying: "is empty")
        try await expectFailure("cat secret.txt secret.txt", saying: "more than one line")
        try await expectFailure("cat secret.txt; printf '\\377'", saying: "printed no text")
        try await expectFailure("while cat secret.txt; do :; done", saying: "far more than a secret")
        try await expectFailure("no-such-file", by: "--token-file", saying: "can't be read")
        for (content, words) in [("\(Self.secret)\nuser: me\n", "more than one line"), ("\n", "is empty")] {
            try await withSecret("--token-file", "token.txt") { program in
                try Data(content.utf8).write(to: program.folder.appending(path: "token.txt"))
                let told = try await program.run("sync")
                #expect(told.status == 1 && told.errors.contains(words), "\(told.errors)")
                #expect(!told.errors.contains(Self.secret))
            }
        }
    }

    @Test func `what a failing command complains of is a field of the failure, without the secret`() async throws {
        let flood = "head -c 300000 /dev/zero | tr '\\0' '\\n' >&2"
        for (command, said) in [
            ("cat secret.txt; echo 'The key is locked.' >&2; exit 7", "The key is locked."),
            ("cat secret.txt; cat secret.txt secret.txt >&2; exit 7", "…\n…"),
            ("echo 'No such entry.' >&2", "No such entry."), ("cat secret.txt; exit 7", nil),
            ("\(flood); echo last >&2; \(flood); cat secret.txt; echo 'at the end' >&2; exit 1", "at the end"),
        ] {
            try await withSecret("--token-command", command) { program in
                let json = try await program.run("sync", "--json")
                #expect(json.status == 1 && json.errors.split(separator: "\n").count == 1, "\(json.errors.prefix(2000))")
                let failure = try json.failure()
                #expect(failure["code"] as? String == "noCredential" && failure["stderr"] as? String == said, "\(failure)")
                #expect(!json.errors.contains(Self.secret))
                // A person sees it as it is written, before the sentence.
                let told = try await program.run("sync")
                #expect(told.status == 1 && !told.output.contains(Self.secret))
                if let said, !said.contains("…") {
                    let place = try #require(told.errors.range(of: said + "\n"))
                    #expect(told.errors[place.upperBound...].hasPrefix("error: "), "\(told.errors.suffix(500))")
                }
            }
        }
        // What is bounded is what is shown, too.
        let long = "cat secret.txt; i=0; while [ $i -lt 3000 ]; do echo \"line $i\"; i=$((i+1)); done >&2; exit 7"
        try await withSecret("--token-command", long) { program in
            let said = try #require(try await program.run("sync", "--json").failure()["stderr"] as? String)
            #expect(said.count <= 4096 && said.hasSuffix("line 2999"), "\(said.count)")
        }
    }

    /// Each of them would go on for longer than anybody waits.
    @Test(arguments: [
        "cat secret.txt; sleep 3600; :", "exec >&-; sleep 3600; :", "(trap '' TERM; sleep 3600) & wait",
        "cat secret.txt; setsid sleep 20 & exit 0",
    ]) func `a command that hangs is ended when its time is over`(command: String) async throws {
        try await withSecret("--token-command", "echo $$ > pid; " + command) { program in
            let process = try program.process(["sync", "--json"])
            process.environment?["TIDEMARK_SECRET_LIMIT"] = "500ms"
            let told = try await program.run(process)
            #expect(told.status == 1, "\(told.errors)")
            let failure = try told.failure()
            #expect(failure["code"] as? String == "noCredential")
            #expect((failure["message"] as? String)?.contains("was ended") == true, "\(failure)")
            #expect((failure["hint"] as? String)?.contains("TIDEMARK_SECRET_LIMIT=5m") == true)
            #expect(!told.errors.contains(Self.secret))
            if let own = shell(in: program) { #expect(kill(own, 0) == -1) }
        }
    }

    /// None where it was ended before it could write its number.
    private func shell(in program: Program) -> Int32? {
        let text = try? String(contentsOf: program.folder.appending(path: "pid"), encoding: .utf8)
        return text.flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    @Test(arguments: [SIGINT, SIGTERM]) func `Ctrl-C does not wait for a command, and leaves none behind`(
        signal: Int32
    ) async throws {
        // Whatever of it still runs holds the pipe open.
        try await withSecret("--token-command", "exec 3> alive; echo begun >&3; sleep 3600; :") { program in
            try #require(mkfifo(program.folder.appending(path: "alive").path, 0o600) == 0)
            let reader = try program.process(["alive"])
            reader.executableURL = URL(filePath: "/bin/cat")
            let pipe = try Lines(reader)
            let syncing = try Lines(try program.process(["sync"]))
            _ = try await pipe.first { $0 == "begun" }
            #expect(await syncing.stop(signal) == 128 + signal)
            #expect(await pipe.end() == 0)
        }
    }

    @Test func `a limit that is no span of time is wrong usage`() async throws {
        try await withSecret("--token-command", "cat secret.txt") { program in
            for limit in ["soon", "-1s", "2w", "5"] {
                let process = try program.process(["sync"])
                process.environment?["TIDEMARK_SECRET_LIMIT"] = limit
                let told = try await program.run(process)
                #expect(told.status == 2 && told.errors.contains("TIDEMARK_SECRET_LIMIT"), "\(limit): \(told.errors)")
            }
        }
    }
}
