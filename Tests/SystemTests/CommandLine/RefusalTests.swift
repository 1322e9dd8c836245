import Foundation
import Testing

/// What is refused, and how: a sentence, an exit code, and with `--json` one object.
@Suite(.timeLimit(.minutes(2))) struct RefusalTests {
    @Test func `wrong usage exits 2 and says what is wrong`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "Trip")
            let usages = [
                "--frobnicate", "frobnicate", "send c1", "timeline c1 --limit 0", "timeline c1 --limit many", "outbox retry",
                "outbox resolve i1", "sync --deadline soon", "sync --since later",
                "sync --since 2999-01-01", "sync --page-size 0", "reconcile", "participants c1 invite x",
                "send c1 hi --attach file", "send c1 hi --reply-to m1", "account add other --endpoint ftp://x --token-env T",
                "account add other --endpoint http://192.0.2.1 --token-env T", "account add other --endpoint http://127.0.0.1:1",
                "account add other --service livekit --endpoint https://x --token-env T", "delete-conversation c1",
                "outbox discard i1",
            ]
            for usage in usages {
                let ended = try await program.run(usage.split(separator: " ").map(String.init))
                #expect(ended.status == 2, "\(usage): \(ended.status)")
                #expect(!ended.errors.isEmpty, "\(usage)")
                #expect(ended.output.isEmpty, "\(usage)")
            }
        }
    }

    @Test(arguments: [
        ("sned", "Did you mean send?"), ("timelin", "Did you mean timeline?"), ("synk", "Did you mean sync?"), ("frobnicate", ""),
        ("Outbox", "Did you mean outbox?"), (String(repeating: "x", count: 5000), ""),
    ]) func `a word that is no command is said, with those that are written nearly so`(word: String, question: String)
        async throws
    {
        try await withProgram(account: false) { program in
            let told = try await program.run(word, "c1", "Hello")
            #expect(told.status == 2 && told.output.isEmpty)
            #expect(told.errors.hasPrefix("error: There is no command “\(word.prefix(30))"), "\(told.errors)")
            #expect(told.errors.contains("Did you mean") == !question.isEmpty, "\(told.errors)")
            #expect(question.isEmpty || told.errors.contains(question), "\(told.errors)")
            #expect(told.errors.count < 300)
            let failure = try await program.run(word, "--json").failure()
            #expect(failure["code"] as? String == "usage")
        }
    }

    @Test func `with --json a failure is one object with code, message and hint`() async throws {
        try await withProgram { program in
            let usage = try await program.run("send", "--json")
            #expect(usage.status == 2)
            #expect(try usage.failure()["code"] as? String == "usage")
            let unknown = try await program.run("timeline", "c7", "--json")
            #expect(unknown.status == 1)
            let failure = try unknown.failure()
            #expect(failure["code"] as? String == "notFound")
            #expect(failure["message"] as? String != nil)
            #expect(failure.keys.contains("hint"))
        }
    }

    @Test func `a sync of a conversation that is none or several exits 1 before anything is asked`() async throws {
        try await withProgram { program in
            let unknown = try await program.run("sync", "--conversation", "c7", "--json")
            #expect(unknown.status == 1)
            #expect(try unknown.failure()["code"] as? String == "notFound")
            #expect(unknown.output.isEmpty)
        }
    }

    @Test func `an id that can mean several things names them`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "Trip", "--token", "trip-a")
            _ = try await program.run("create", "Trap", "--token", "trip-b")
            let ended = try await program.run("outbox", "discard", "trip", "--yes", "--json")
            #expect(ended.status == 1)
            let failure = try ended.failure()
            #expect(failure["code"] as? String == "ambiguous")
            #expect((failure["candidates"] as? [String])?.count == 2)
        }
    }

    @Test func `an empty message and one of 3 MB are refused, and nothing is queued`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "Trip")
            let huge = Data(repeating: UInt8(ascii: "a"), count: 3_000_000)
            let large = Data(repeating: UInt8(ascii: "a"), count: 100_000)
            for input in [Data(), Data("  \n".utf8), large, huge, Data([0xFF, 0xFE, 0x61])] {
                let ended = try await program.run("send", "c1", "-", input: input)
                #expect(ended.status == 2)
                #expect(ended.errors.count < 400)
            }
            #expect(try await program.run("send", "c1", "").status == 2)
            #expect(try await program.run("outbox", "--json").lines.count == 1)
        }
    }

    @Test func `what is no store stays as it is`() async throws {
        try await withProgram(account: false) { program in
            let missing = try await program.run("conversations", "--json")
            #expect(missing.status == 1)
            #expect(!FileManager.default.fileExists(atPath: program.store))
            #expect(try await program.run("send", "c1", "hi").status == 1)
            #expect(!FileManager.default.fileExists(atPath: program.store))

            let text = Data("Not a database, but somebody's letter.".utf8)
            try text.write(to: URL(filePath: program.store))
            for command in [
                ["conversations"], ["send", "c1", "hi"], ["account", "add", "me", "--endpoint", "https://x", "--token-env", "T"],
            ] {
                let ended = try await program.run(command + ["--json"])
                #expect(ended.status == 1, "\(command)")
                #expect(try ended.failure()["code"] as? String == "notAStore", "\(command)")
            }
            #expect(try Data(contentsOf: URL(filePath: program.store)) == text)
            // No user can make a file below a file.
            let below = try await program.run(
                "account", "add", "me", "--endpoint", "https://x", "--token-env", "T", "--store", program.store + "/chat.sqlite")
            #expect(below.status == 1)
            #expect(below.errors.contains("folder"))
        }
    }

    @Test func `a store of a newer version is refused by each command, and stays as it is`() async throws {
        try await withProgram { program in
            let sql = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA user_version = 1000'); c.close()"
            let process = try program.process(["python3", "-c", sql, program.store])
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.environment?["PATH"] = ProcessInfo.processInfo.environment["PATH"]
            try #require(try await program.run(process).status == 0)
            let before = try Data(contentsOf: URL(filePath: program.store))
            for command in [["conversations"], ["create", "Trip"], ["sync"], ["migrate"], ["doctor", "--offline"], ["verify"]] {
                let told = try await program.run(command + ["--json"])
                #expect(told.status == 1, "\(command)")
                #expect(try told.failure()["code"] as? String == "newerStore", "\(command)")
                #expect((try told.failure()["message"] as? String)?.contains("Install the newer version") == true)
            }
            #expect(try Data(contentsOf: URL(filePath: program.store)) == before)
        }
    }

    @Test func `a deletion needs a yes where nobody can be asked`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "Trip")
            _ = try await program.run("send", "c1", "Hello")
            #expect(try await program.run("delete", "m1").status == 2)
            #expect(try await program.run("account", "remove", "me").status == 2)
            #expect(try await program.run("account", "remove", "me", "--yes").status == 1)
            #expect(try await program.run("outbox", "--json").lines.count == 2)
            #expect(try await program.run("account", "remove", "me", "--yes", "--discard-unsent").status == 0)
        }
    }

    @Test func `nothing listening is temporary, and nothing is lost by it`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "Trip")
            _ = try await program.run("send", "c1", "Hello")
            let ended = try await program.run("sync", "--deadline", "0s", "--json")
            #expect(ended.status == 75, "\(ended.errors)")
            #expect(try ended.object()["pending"] as? Int == 2)
            #expect(try await program.run("outbox", "--json").lines.count == 2)
        }
    }

    @Test func `a secret is never kept or shown`() async throws {
        var program = try Program()
        defer { program.remove() }
        program.token = "s3cret-\(UUID().uuidString)"
        try await program.addAccount()
        _ = try await program.run("create", "Trip")
        var shown = ""
        for command in ["sync --deadline 0s -vv", "doctor -vv", "account list --json", "outbox --json"] {
            let ended = try await program.run(command.split(separator: " ").map(String.init))
            shown += ended.output + ended.errors
        }
        #expect(!shown.contains(program.token))
        for name in try FileManager.default.contentsOfDirectory(atPath: program.folder.path) {
            let bytes = try Data(contentsOf: program.folder.appending(path: name))
            #expect(bytes.range(of: Data(program.token.utf8)) == nil, "\(name)")
        }
    }

    @Test func `a secret that is not there is said in a sentence`() async throws {
        try await withProgram(account: false) { program in
            _ = try await program.run(
                "account", "add", "me", "--endpoint", "http://127.0.0.1:1", "--token-env", "TIDEMARK_NO_SUCH")
            let ended = try await program.run("sync", "--json")
            #expect(ended.status == 1)
            #expect((try ended.failure()["message"] as? String)?.contains("TIDEMARK_NO_SUCH") == true)
        }
    }
}
