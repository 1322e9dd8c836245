import Foundation
import Testing

/// Accounts of Avaya Spaces from the command line, against the simulator's REST interface and socket.
@Suite(.timeLimit(.minutes(3)), .enabled(if: SimulatorProcess.isBuilt())) struct AvayaTests {
    /// What `tidemark simulate --service avaya` tells of itself.
    struct Spaces {
        let url: String
        let socketURL: String
        let accountsURL: String
        let space: String
        let tokens: [String]
        let clientID: String
        let clientSecret: String
        let refreshToken: String

        init(_ line: String) throws {
            let facts = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let oauth = try #require(facts["oauth"] as? [String: Any])
            let accounts = try #require(facts["accounts"] as? [[String: Any]])
            url = try #require(facts["url"] as? String)
            socketURL = try #require(facts["socketURL"] as? String)
            accountsURL = try #require(facts["accountsURL"] as? String)
            space = try #require((facts["spaces"] as? [String])?.first)
            tokens = accounts.compactMap { $0["token"] as? String }
            clientID = try #require(oauth["clientID"] as? String)
            clientSecret = try #require(oauth["clientSecret"] as? String)
            refreshToken = try #require(oauth["refreshToken"] as? String)
        }
    }

    func withSpaces(_ body: (Program, Spaces) async throws -> Void) async throws {
        let program = try Program()
        defer { program.remove() }
        let process = try program.process(["simulate", "--service", "avaya", "--port", "0"])
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let identifier = process.processIdentifier
        defer { kill(identifier, SIGKILL) }
        let line = try await FirstLine.read(pipe)
        try await body(program, try Spaces(line))
    }

    func add(_ program: Program, _ spaces: Spaces, _ arguments: String...) async throws {
        let added = try await program.run(
            [
                "account", "add", "me", "--service", "avaya", "--endpoint", spaces.url, "--socket-endpoint",
                spaces.socketURL, "--accounts-endpoint", spaces.accountsURL,
            ] + arguments)
        try #require(added.status == 0, "\(added.errors)")
    }

    private func identity(_ program: Program) async throws -> String? {
        (try await program.run("account", "list", "--json").object()["identities"] as? [String])?.first
    }

    @Test func `a watcher hears by its socket what somebody else sends`() async throws {
        try await withSpaces { program, spaces in
            var alice = program
            var bob = try Program()
            defer { bob.remove() }
            alice.token = spaces.tokens[0]
            bob.token = spaces.tokens[1]
            try await add(alice, spaces, "--token-env", "TIDEMARK_TEST_TOKEN")
            try await add(bob, spaces, "--token-env", "TIDEMARK_TEST_TOKEN")
            #expect(try await alice.run("sync", "--deadline", "20s").status == 0)
            let lines = try Lines(try alice.process(["sync", "--watch", "--json"]))
            #expect(try await bob.run("sync", "--deadline", "20s").status == 0)
            let sent = try await bob.run("send", spaces.space, "Good morning & 👋", "--sync")
            #expect(sent.status == 0, "\(sent.errors)")
            _ = try await lines.first { $0.contains("Good morning & 👋") }
            #expect(await lines.stop() == 130)
        }
    }

    @Test func `typing goes by the socket, and nowhere without one`() async throws {
        try await withSpaces { program, spaces in
            var alice = program
            alice.token = spaces.tokens[0]
            try await add(alice, spaces, "--token-env", "TIDEMARK_TEST_TOKEN")
            #expect(try await alice.run("sync", "--deadline", "20s").status == 0)
            let told = try await alice.run("typing", spaces.space, "--json")
            #expect(told.status == 0, "\(told.errors)")
            #expect(try told.object()["sent"] as? Bool == true)
            #expect(try await alice.run("typing", spaces.space, "--sender-name", "Al").status == 2)
        }
    }

    @Test func `a guest stays the same guest, whose token is kept beside the store`() async throws {
        try await withSpaces { program, spaces in
            try await add(program, spaces, "--guest", "Ann")
            #expect(try await program.run("sync", "--deadline", "20s").status == 0)
            let first = try #require(try await identity(program))
            let file = program.store + ".me.guest"
            let rights = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? NSNumber
            #expect(rights?.intValue == 0o600)
            #expect(try await program.run("sync", "--deadline", "20s").status == 0)
            #expect(try await identity(program) == first)
            #expect(try await program.run("account", "remove", "me", "--yes").status == 0)
            let left = try FileManager.default.contentsOfDirectory(atPath: program.folder.path).filter { $0.contains(".guest") }
            #expect(left.isEmpty, "an account's token stays behind it")
        }
    }

    @Test func `a registered user goes on with the refresh token that the service gave last`() async throws {
        try await withSpaces { program, spaces in
            try Data(spaces.clientSecret.utf8).write(to: program.folder.appending(path: "secret"))
            try Data(spaces.refreshToken.utf8).write(to: program.folder.appending(path: "token"))
            try await add(
                program, spaces, "--oauth", spaces.clientID, "--secret-file", "secret", "--token-file",
                "token")
            // The first token works once; the second run has only what was kept.
            for _ in 0..<2 { #expect(try await program.run("sync", "--deadline", "20s").status == 0) }
            #expect(try await identity(program) != nil)
        }
    }

    @Test func `a file and an answer go from one person to another`() async throws {
        try await withSpaces { program, spaces in
            var alice = program
            var bob = try Program()
            defer { bob.remove() }
            (alice.token, bob.token) = (spaces.tokens[0], spaces.tokens[1])
            for person in [alice, bob] {
                try await add(person, spaces, "--token-env", "TIDEMARK_TEST_TOKEN")
                #expect(try await person.run("sync", "--deadline", "20s").status == 0)
            }
            let bytes = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 % 251) })
            try bytes.write(to: alice.folder.appending(path: "Sea.png"))
            let sent = try await alice.run("send", spaces.space, "look", "--attach", "Sea.png", "--json").object()
            let message = try #require(sent["message"] as? String)
            // What becomes of the file after the command returned does not matter.
            try FileManager.default.removeItem(at: alice.folder.appending(path: "Sea.png"))
            let waiting = try await alice.run("outbox")
            #expect(waiting.output.contains("upload") && waiting.output.contains("[1] Sea.png, 300 kB"))
            #expect(try await alice.run("sync", "--deadline", "30s").status == 0)
            #expect(try await bob.run("sync", "--deadline", "30s").status == 0)
            let shown = try await bob.run("timeline", spaces.space)
            #expect(shown.output.contains("[1] Sea.png, 300 kB"))
            let entry = try #require(
                try await bob.run("timeline", spaces.space, "--json").objects().last { $0["text"] as? String == "look" })
            let theirs = try #require(entry["id"] as? String)
            // The message by itself tells of its file, too.
            let alone = try await bob.run("message", "\(spaces.space)/\(try #require(entry["remoteID"] as? String))", "--json")
                .object()
            let files = try #require(alone["attachments"] as? [[String: Any]])
            #expect(files.map { $0["name"] as? String } == ["Sea.png"] && files.first?["size"] as? Int == 300_000)
            #expect(try await bob.run("message", theirs).output.contains("[1] Sea.png, 300 kB"))
            let got = try await bob.run("download", "\(theirs)/1", "--to", "got.png")
            #expect(got.status == 0, "\(got.errors)")
            #expect(try Data(contentsOf: bob.folder.appending(path: "got.png")) == bytes)
            #expect(try await bob.run("download", theirs, "--to", "got.png").status == 1)
            #expect(try await bob.run("send", spaces.space, "nice", "--reply-to", theirs, "--sync").status == 0)
            #expect(try await alice.run("sync", "--deadline", "30s").status == 0)
            let answer = try #require(
                try await alice.run("timeline", spaces.space, "--json").objects().last { $0["text"] as? String == "nice" })
            #expect(answer["replyTo"] as? String == message)
        }
    }

    @Test func `what makes no account is refused`() async throws {
        try await withProgram(account: false) { program in
            let refused: [[String]] = [
                [], ["--guest", ""], ["--guest", "Ann", "--token-env", "T"], ["--oauth", "id", "--token-env", "T"],
                ["--oauth", "id", "--secret-env", "S"], ["--guest", "Ann", "--room", "lobby"],
                ["--guest", "Ann", "--socket-endpoint", "http://192.0.2.1"], ["--connection-string-env", "C", "--guest", "Ann"],
                ["--oauth", "id", "--secret-env", "S", "--token-env", "T", "--endpoint", "https://elsewhere.example"],
            ]
            for arguments in refused {
                let ended = try await program.run(["account", "add", "me", "--service", "avaya"] + arguments)
                #expect(ended.status == 2 && !ended.errors.isEmpty, "\(arguments): \(ended.status)")
            }
            let other = try await program.run("account", "add", "me", "--guest", "Ann", "--token-env", "T")
            #expect(other.status == 2)
            // What a socket says would not be written down.
            #expect(try await program.run("account", "add", "ann", "--service", "avaya", "--guest", "Ann").status == 0)
            #expect(try await program.run("sync", "--watch", "--record", "file").status == 2)
        }
    }
}
