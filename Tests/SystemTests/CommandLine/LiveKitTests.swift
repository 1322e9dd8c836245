import Foundation
import Testing

/// A LiveKit room from the command line: accounts, recording, sending, and bridges that misbehave.
@Suite(.timeLimit(.minutes(3)), .enabled(if: SimulatorProcess.isBuilt())) struct LiveKitTests {
    func withRoom(_ body: (Program, Room) async throws -> Void) async throws {
        var program = try Program()
        defer { program.remove() }
        let room = try await Room.open(program)
        defer { room.close() }
        program.token = room.secret
        try await body(program, room)
    }

    /// A program with an account whose bridge is a script.
    private func withBridge(_ script: String, _ body: (Program) async throws -> Void) async throws {
        try await withProgram(account: false) { program in
            try Data(script.utf8).write(to: program.folder.appending(path: "bridge.sh"))
            try await add(program, "--bridge", "exec sh bridge.sh")
            try await body(program)
        }
    }

    private func add(_ program: Program, _ arguments: String...) async throws {
        let added = try await program.run(
            ["account", "add", "room", "--service", "livekit", "--room", "lobby"] + arguments)
        try #require(added.status == 0, "\(added.errors)")
    }

    private func watch(_ program: Program, errors: URL? = nil) throws -> Lines {
        try Lines(try program.process(["sync", "--watch", "--json"]), errors: errors)
    }

    private func texts(_ program: Program) async throws -> [String?] {
        try await program.run("timeline", "c1", "--json").objects().map { $0["text"] as? String }
    }

    // MARK: Rooms

    @Test func `two people in a room hear each other, edit and delete, and what one missed is a gap`() async throws {
        try await withRoom { alice, room in
            let bob = try Program()
            defer { bob.remove() }
            try await add(alice, "--bridge", try room.bridge(as: "alice", in: alice))
            try await add(bob, "--bridge", try room.bridge(as: "bob", in: bob))
            #expect(try await alice.run("conversations", "--json").object()["remoteID"] as? String == "lobby")
            let (one, two) = (try watch(alice), try watch(bob))
            for lines in [one, two] { _ = try await lines.first { $0.contains("\"status\":\"entered\"") } }
            _ = try await alice.run("send", "lobby", "Hello 😀 שלום")
            _ = try await two.first { $0.contains("Hello 😀 שלום") }
            _ = try await alice.run("edit", "m1", "Hello, all")
            _ = try await two.first { $0.contains("Hello, all") }
            #expect(await two.stop() == 130)
            _ = try await alice.run("send", "c1", "Bob does not hear this")
            _ = try await one.first { $0.contains("\"verb\":\"send\"") && $0.contains("accepted") }
            _ = try await one.first { $0.contains("\"verb\":\"send\"") && $0.contains("accepted") }
            let again = try watch(bob)
            _ = try await again.first { $0.contains("\"status\":\"entered\"") }
            _ = try await alice.run("delete", "m1", "--yes")
            _ = try await again.first { $0.contains("\"deletedAt\":\"") }
            _ = try await alice.run("send", "c1", "Are you back?")
            _ = try await again.first { $0.contains("Are you back?") }
            #expect(await again.stop(SIGTERM) == 143)
            #expect(await one.stop() == 130)
            let heard = try await bob.run("timeline", "c1", "--json").objects()
            #expect(heard.map { $0["text"] as? String } == [nil, "Are you back?"])
            #expect(heard.map { $0["sender"] as? String } == ["alice", "alice"])
            #expect(heard.map { $0["gapBefore"] as? Bool } == [true, true])
            #expect(try await alice.run("account", "list", "--json").object()["identities"] as? [String] == ["alice"])
        }
    }

    @Test func `a sync without a bridge sends by the server, and says that there is no history`() async throws {
        try await withRoom { program, room in
            let bob = try Program()
            defer { bob.remove() }
            try await add(bob, "--bridge", try room.bridge(as: "bob", in: bob))
            let lines = try watch(bob)
            _ = try await lines.first { $0.contains("\"status\":\"entered\"") }
            try await add(program, "--endpoint", room.url, "--api-key", room.apiKey, "--secret-env", "TIDEMARK_TEST_TOKEN")
            _ = try await program.run("send", "c1", "From nobody")
            let synced = try await program.run("sync")
            #expect(synced.status == 0, "\(synced.errors)")
            #expect(synced.output.contains("no history"))
            #expect(try await program.run("sync", "--json").object()["history"] as? String == "none")
            _ = try await lines.first { $0.contains("From nobody") }
            _ = try await program.run("edit", "m1", "From the server")
            #expect(try await program.run("sync").status == 0)
            _ = try await lines.first { $0.contains("From the server") }
            _ = await lines.stop()
            #expect(try await bob.run("timeline", "c1", "--json").object()["sender"] is NSNull)
        }
    }

    @Test func `a sync with a bridge runs it until everything has left, and ends it`() async throws {
        try await withRoom { program, room in
            try await add(program, "--bridge", try room.bridge(as: "alice", in: program))
            for number in 1...5 { _ = try await program.run("send", "c1", "Message \(number)") }
            _ = try await program.run("edit", "m2", "Edited 2")
            let synced = try await program.run("sync", "--json")
            #expect(synced.status == 0, "\(synced.errors)")
            #expect(try synced.object()["sent"] as? Int == 5)
            #expect(try synced.object()["pending"] as? Int == 0)
            let bridge = try #require(Int32(try pid("alice", program)))
            #expect(kill(bridge, 0) == -1)
        }
    }

    private func pid(_ name: String, _ program: Program) throws -> String {
        try String(contentsOf: program.folder.appending(path: "\(name).pid"), encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test func `an expired key, a room that is not there and another's bridge are told with their exit codes`() async throws {
        try await withRoom { program, room in
            var wrong = try Program()
            defer { wrong.remove() }
            wrong.token = "not-the-secret"
            let server = ["--endpoint", room.url, "--api-key", room.apiKey, "--secret-env", "TIDEMARK_TEST_TOKEN"]
            for (one, name) in [(wrong, "lobby"), (program, room.absentRoom)] {
                _ = try await one.run(["account", "add", "room", "--service", "livekit", "--room", name] + server)
                _ = try await one.run("send", "c1", "Hello")
            }
            let refused = try await wrong.run("sync", "--json")
            #expect(refused.status == 4)
            let closed = try await program.run("sync", "--deadline", "1s", "--json")
            #expect(closed.status == 75)
            #expect((try closed.object()["problem"] as? String)?.contains("room is not open") == true)
            #expect(try await program.run("outbox", "--json").object()["reason"] as? String == "roomClosed")
            for shown in [refused, closed] { #expect(!(shown.output + shown.errors).contains(room.secret)) }
            let other = try Program()
            defer { other.remove() }
            try await add(other, "--identity", "alice", "--bridge", try room.bridge(as: "mallory", in: other))
            _ = try await other.run("send", "c1", "Hello")
            let stopped = try await other.run("sync", "--json")
            // The hub tells who it is; without that nobody knows.
            #expect(stopped.status == 4, "\(stopped.output)")
        }
    }

    @Test func `a bridge that was killed is started again, and what was said meanwhile is a gap`() async throws {
        try await withRoom { program, room in
            try await add(program, "--bridge", try room.bridge(as: "alice", in: program))
            let lines = try watch(program)
            _ = try await lines.first { $0.contains("\"status\":\"entered\"") }
            let first = try #require(Int32(try pid("alice", program)))
            kill(-first, SIGKILL)
            let told = try await lines.first { $0.contains("\"status\":\"restarting\"") }
            #expect(told.contains("signal 9"))
            _ = try await lines.first { $0.contains("\"status\":\"entered\"") }
            let status = await lines.stop()
            #expect(status == 130)
            let second = try #require(Int32(try pid("alice", program)))
            #expect(kill(second, 0) == -1)
        }
    }

    // MARK: Bridges that misbehave

    @Test func `rubbish, an unknown event and a flood on both streams are survived, and what is readable is kept`() async throws {
        let packet = #"{"id":"a","message":"one","timestamp":1700000000000}"#
        let script = """
            echo '{"event":"connected","identity":"me","secret":"x"}'
            head -c 200000 /dev/urandom | tr '\\n' x; echo
            head -c 600000 /dev/zero | tr '\\0' x; echo; echo 'no json'; echo '[]'; echo '{"event":7}'; echo '{"topic":1}'
            i=0; while [ $i -lt 200 ]; do echo "complaint $i eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln" >&2; i=$((i+1)); done
            echo '{"topic":"lk-chat-topic","payload_base64":"\(Data(packet.utf8).base64EncodedString())","identity":"bob"}'
            cat >/dev/null
            """
        try await withBridge(script) { program in
            let errors = program.folder.appending(path: "errors")
            let lines = try watch(program, errors: errors)
            _ = try await lines.first { $0.contains("\"text\":\"one\"") }
            #expect(await lines.stop() == 130)
            #expect(try await texts(program) == ["one"])
            let log = try String(contentsOf: errors, encoding: .utf8)
            #expect(log.contains("bridge: complaint 0 …"))
            #expect(!log.contains("eyJ"))
            #expect(log.split(separator: "\n").count < 40)
        }
    }

    @Test func `a bridge that exits keeps what is unsent, says why, and its command is told when it is none`() async throws {
        try await withBridge("echo 'no token' >&2; exit 7") { program in
            _ = try await program.run("send", "c1", "Hello")
            let synced = try await program.run("sync", "--json")
            #expect(synced.status == 75)
            let problem = try synced.object()["problem"] as? String ?? ""
            #expect(problem.contains("exit code 7") && problem.contains("no token"))
            #expect(try await program.run("outbox", "--json").object()["state"] as? String == "queued")
            let lines = try watch(program)
            #expect(try await lines.first { $0.contains("restarting") }.contains("\"seconds\":1"))
            #expect(try await lines.first { $0.contains("restarting") }.contains("\"seconds\":2"))
            #expect(await lines.stop() == 130)
        }
        try await withBridge("nosuchprogram") { program in
            _ = try await program.run("send", "c1", "Hello")
            let synced = try await program.run("sync", "--json")
            #expect(synced.status == 1)
            #expect(try synced.failure()["code"] as? String == "bridge")
            #expect(try await program.run("outbox", "--json").lines.count == 1)
        }
    }

    @Test func `a bridge that never joins holds what is unsent, and is ended with the sync`() async throws {
        try await withBridge("echo $$ > b.pid; echo '{\"event\":\"connecting\"}'; trap '' TERM; while :; do sleep 1; done") {
            program in
            _ = try await program.run("send", "c1", "Hello")
            let synced = try await program.run("sync", "--deadline", "1s", "--json")
            #expect(synced.status == 75)
            #expect((try synced.object()["problem"] as? String)?.contains("not in its room") == true)
            #expect(try synced.object()["pending"] as? Int == 1)
            #expect(kill(try #require(Int32(try pid("b", program))), 0) == -1)
        }
    }

    @Test func `asked twice to stop it goes at once, and leaves no bridge behind`() async throws {
        try await withBridge(
            "echo $$ > b.pid; echo '{\"event\":\"connected\"}'; trap '' TERM; while :; do sleep 1; done"
        ) { program in
            let lines = try watch(program)
            _ = try await lines.first { $0.contains("entered") }
            let bridge = try #require(Int32(try pid("b", program)))
            kill(lines.process.processIdentifier, SIGINT)
            #expect(await lines.stop() == 130)
            // Nobody waited for it: the machine's first process reaps it in its own time.
            let deadline = ContinuousClock.now + .seconds(20)
            while kill(bridge, 0) == 0, ContinuousClock.now < deadline { await Task.yield() }
            #expect(kill(bridge, 0) == -1)
        }
    }

    // MARK: Accounts

    @Test func `the bridge gets the room and a token made for it, and not the account's secret`() async throws {
        let script = "echo '{\"event\":\"connected\"}'; env > seen; cat"
        try await withProgram(account: false) { program in
            try Data(script.utf8).write(to: program.folder.appending(path: "bridge.sh"))
            var program = program
            program.token = "the-secret-of-the-key"
            try await add(
                program, "--bridge", "sh bridge.sh", "--identity", "alice", "--endpoint", "http://127.0.0.1:1", "--api-key", "k",
                "--secret-env", "TIDEMARK_TEST_TOKEN")
            let lines = try watch(program)
            _ = try await lines.first { $0.contains("entered") }
            _ = await lines.stop()
            let seen = try String(contentsOf: program.folder.appending(path: "seen"), encoding: .utf8)
            #expect(seen.contains("LIVEKIT_URL=ws://127.0.0.1:1\n"))
            #expect(seen.contains("LIVEKIT_ROOM=lobby\n"))
            #expect(seen.contains("LIVEKIT_TOKEN=eyJ"))
            #expect(!seen.contains("the-secret-of-the-key"))
        }
    }

    @Test func `wrong options exit 2, say what is wrong and add nothing`() async throws {
        try await withProgram(account: false) { program in
            let usages = [
                [], ["--room", "lobby"], ["--room", "", "--bridge", "cat"], ["--room", "lobby", "--bridge", " "],
                ["--room", "lobby", "--bridge", "nosuchprogram --x"], ["--room", "lobby", "--bridge", "echo \""],
                ["--room", "lobby", "--bridge", "cat eyJhbGciOiJI.eyJuYW1lIjo.abcdefgh"],
                ["--room", "lobby", "--endpoint", "ws://127.0.0.1:1", "--api-key", "k"],
                ["--room", "lobby", "--endpoint", "ws://127.0.0.1:1", "--secret-env", "S"],
                ["--room", "lobby", "--api-key", "k", "--secret-env", "S"],
                ["--room", "lobby", "--endpoint", "ws://192.0.2.1", "--api-key", "k", "--secret-env", "S"],
                ["--room", "lobby", "--endpoint", "lk", "--api-key", "k", "--secret-env", "S"],
                ["--room", "lobby", "--bridge", "cat", "--token-env", "A", "--token-file", "b"],
                ["--room", "lobby", "--bridge", "cat", "--connection-string-env", "A"],
                ["--room", String(repeating: "x", count: 300), "--bridge", "cat"],
            ]
            for usage in usages {
                let ended = try await program.run(["account", "add", "room", "--service", "livekit"] + usage)
                #expect(ended.status == 2, "\(usage)")
                #expect(ended.errors.contains("."), "\(usage)")
            }
            let azure = try await program.run(
                "account", "add", "me", "--endpoint", "https://x", "--token-env", "T", "--room", "lobby")
            #expect(azure.status == 2)
            #expect(azure.errors.contains("livekit"))
            #expect(!FileManager.default.fileExists(atPath: program.store))
        }
    }

    @Test func `what a room can't do is said, and nothing is queued`() async throws {
        try await withBridge("cat") { program in
            let refused: [(String, Int32)] = [
                ("rename c1 other", 1), ("create other", 1), ("create lobby --with bob", 1), ("participants c1 add bob", 1),
                ("participants c1 remove bob", 1), ("delete-conversation c1 --yes", 1), ("reconcile c1", 3),
                ("reconcile --all", 3),
                ("send c1 hi --html", 2), ("send c1 hi --metadata a=b", 2), ("send c1 hi --sender-name Bob", 2),
                ("sync --since 1h", 2), ("sync --record file", 2),
            ]
            for (line, status) in refused {
                let ended = try await program.run(line.split(separator: " ").map(String.init))
                #expect(ended.status == status, "\(line): \(ended.status)")
                #expect(ended.errors.contains("."), "\(line)")
            }
            #expect(try await program.run("outbox", "--json").lines.isEmpty)
            for line in ["create lobby", "read c1", "receipts c1", "participants c1", "timeline lobby", "doctor", "account list"]
            {
                let ended = try await program.run(line.split(separator: " ").map(String.init))
                #expect(ended.status == 0, "\(line): \(ended.errors)")
            }
            #expect(try await program.run("conversations", "--json").lines.count == 1)
            #expect(try await program.run("account", "remove", "room", "--yes").status == 0)
        }
    }
}
