import Foundation
import Testing

/// Readers that go away, narrow terminals, thousands of accounts.
@Suite(.timeLimit(.minutes(3))) struct RoughHandsTests {
    /// A line as it is typed, with `tidemark` on the path.
    private func shell(_ line: String, in program: Program, columns: Int? = nil) async throws -> Program.Ended {
        let process = try program.process(["-c", line])
        let folder = try #require(process.executableURL).deletingLastPathComponent().path
        process.environment?["PATH"] = "\(folder):/usr/bin:/bin"
        process.environment?["COLUMNS"] = columns.map(String.init)
        process.executableURL = URL(filePath: "/bin/bash")
        return try await program.run(process)
    }

    @Test func `a reader that has seen enough is no failure of the program's`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "Trip")
            for number in 1...20 { _ = try await program.run("send", "c1", "Message \(number)") }
            for command in ["timeline c1", "timeline c1 --json", "journal", "--help", "outbox"] {
                try check(try program.process(command.split(separator: " ").map(String.init)))
            }
        }
    }

    @Test func `also once a network library has had broken pipes ignored`() async throws {
        var program = try Program()
        defer { program.remove() }
        let simulator = try await SimulatorProcess.start(program)
        defer { simulator.stop() }
        program.token = try #require(simulator.accounts.first?.token)
        try await program.addAccount(endpoint: simulator.url)
        try check(try program.process(["sync"]))
    }

    /// Runs it with an output that nobody reads: it ends as by a broken pipe, and says nothing of it.
    private func check(_ process: Process) throws {
        let (output, errors) = (Pipe(), Pipe())
        try output.fileHandleForReading.close()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let said = try errors.fileHandleForReading.all()
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal, "\(process.arguments ?? [])")
        #expect(process.terminationStatus == SIGPIPE, "\(process.arguments ?? [])")
        #expect(said.isEmpty, "\(String(decoding: said, as: UTF8.self))")
    }

    @Test func `what can't be written is said`() async throws {
        guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
        try await withProgram { program in
            let ended = try await shell("tidemark account list > /dev/full", in: program)
            #expect(ended.status == 1)
            #expect(ended.errors.hasPrefix("error: Standard output"))
        }
    }

    @Test func `lists fit a terminal of 40 columns`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "A trip to the sea with everybody we know")
            _ = try await program.run("send", "c1", "On the train, no network, and it rains on all of us")
            for command in [
                "conversations", "timeline c1", "message m1", "messages", "outbox", "journal", "explain m1", "gaps",
                "account list",
                "participants c1", "receipts c1", "rejects", "doctor --offline", "verify",
            ] {
                let ended = try await shell("tidemark \(command)", in: program, columns: 40)
                let widest =
                    ended.lines.filter { !$0.contains("tidemark ") && !$0.contains(program.store) }.map(\.count).max() ?? 0
                #expect(widest <= 40, "\(command): \(widest)\n\(ended.output)")
            }
        }
    }

    @Test func `ten thousand accounts are listed at once, and an error names few of them`() async throws {
        try await withProgram { program in
            let sql = """
                import sqlite3, sys
                c = sqlite3.connect(sys.argv[1])
                c.executemany("INSERT INTO account (name, service, settings, createdAt) VALUES (?, 'azure', '{}', 1)",
                    [(f'user-{i:05d}',) for i in range(9999)])
                c.commit()
                """
            let process = try program.process(["python3", "-c", sql, program.store])
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.environment?["PATH"] = ProcessInfo.processInfo.environment["PATH"]
            try #require(try await program.run(process).status == 0)
            let listed = try await program.run("account", "list", "--json")
            #expect(listed.lines.count == 10_000)
            #expect(try await program.run("account", "list").lines.count == 10_001)
            let several = try await program.run("conversations")
            #expect(several.status == 1)
            #expect(several.errors.split(separator: "\n").count < 15)
            #expect(several.errors.contains("and 9990 more"))
            let json = try await program.run("conversations", "--json").failure()
            #expect((json["candidates"] as? [String])?.count == 100)
        }
    }

    @Test func `a bundle for a ticket has no byte of any text`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "Flotsam", "--with", "8:acs:bob,name=Castaway")
            _ = try await program.run("send", "c1", "driftwood", "--metadata", "cargo=spindrift", "--sender-name", "Jetsam")
            let path = program.folder.appending(path: "bundle.sqlite").path
            let told = try await program.run("doctor", "--offline", "--bundle", path)
            #expect(told.status == 0, "\(told.errors)")
            #expect(told.output.contains("without any text"))
            let bytes = try Data(contentsOf: URL(filePath: path))
            for word in ["Flotsam", "Castaway", "driftwood", "spindrift", "Jetsam", "TIDEMARK_TEST_TOKEN"] {
                #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word)")
            }
            #expect(try await program.run("outbox", "--json", "--store", path).lines.count == 2)
            #expect(try await program.run("explain", "m1", "--store", path).output.contains("accepted"))
            #expect(try await program.run("doctor", "--offline", "--bundle", path).status == 1)
        }
    }

    @Test func `typing goes out at once, or not at all`() async throws {
        var program = try Program()
        defer { program.remove() }
        let simulator = try await SimulatorProcess.start(program)
        defer { simulator.stop() }
        program.token = try #require(simulator.accounts.first?.token)
        try await program.addAccount(endpoint: simulator.url)
        _ = try await program.run("create", "Trip")
        let early = try await program.run("typing", "c1", "--json")
        #expect(early.status == 1)
        #expect(try early.failure()["code"] as? String == "notAllowed")
        #expect(try await program.run("sync").status == 0)
        let sent = try await program.run("typing", "c1", "--json")
        #expect(sent.status == 0, "\(sent.errors)")
        #expect(try sent.object()["sent"] as? Bool == true)
        simulator.stop()
        #expect(try await program.run("typing", "c1").status == 75)
        #expect(try await program.run("outbox", "--json").lines.isEmpty)
    }
}
