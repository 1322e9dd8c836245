import Foundation
import Testing

/// What a person sees of the commands that ask a service, against the simulator; as ``ScreenTests``.
@Suite(.timeLimit(.minutes(4)), .enabled(if: SimulatorProcess.isBuilt())) struct OnlineCaptureTests {
    private enum Step {
        /// What is seen.
        case type(String)
        /// What somebody else does meanwhile.
        case elsewhere([String])
    }

    private static let day: [Step] = [
        .type("sync --since 1s --page-size 10"), .type("gaps"), .type("backfill c1 --limit 20"), .type("backfill c1"),
        .type("gaps"),
        .type("sync --record second.jsonl"), .type("replay second.jsonl"),
        .type("create Trip --with $BOB,name=Bob --token t1"), .type("typing c2"),
        .type("send c2 'The tickets are in my coat' --token t2"), .type("sync"), .type("typing c2"),
        .elsewhere(["sync"]), .elsewhere(["send", "Trip", "Which coat?"]), .elsewhere(["read", "Trip", "--sync"]),
        .type("sync"), .type("timeline c2"),
        .type("edit c2/m93 'The tickets are in the grey coat' --token t3 --sync"), .type("explain t3"),
        .type("reconcile c2"), .type("receipts c2"), .type("participants c2"),
        .elsewhere(["send", "Trip", "Never mind", "--sync"]), .type("reconcile c2 --dry-run"), .type("sync --conversation c2"),
        .type("reconcile --all"), .type("delete m93 --yes --sync --token t4"), .type("timeline c2"), .type("message m93"),
        .type("sync --watch --deadline 0s"), .type("doctor"), .type("verify"),
    ]

    @Test func `a day with a network shows what it showed`() async throws {
        try await withProgram(account: false) { program in
            let data = "conversations=1,messages=90,edits=0.05,deletes=0.02"
            let simulator = try await SimulatorProcess.start(program, "--seed", "7", "--seed-data", data)
            defer { simulator.stop() }
            var (me, bob) = (program, try Program())
            defer { bob.remove() }
            (me.token, bob.token) = (simulator.accounts[0].token, simulator.accounts[1].token)
            try await bob.addAccount(endpoint: simulator.url)
            var text = try await capture("account add me --endpoint \(simulator.url) --token-env TOKEN", me)
            for step in Self.day {
                switch step {
                case .type(let line): text += try await capture(line.replacing("$BOB", with: simulator.accounts[1].id), me)
                case .elsewhere(let line): try await act(line, bob)
                }
            }
            try Screen.compare(text, "a-day-online")
        }
    }

    private func capture(_ line: String, _ program: Program) async throws -> String {
        Screen.timeless(try await Screen.capture(line, program))
    }

    /// The other one finds the conversation by its topic.
    private func act(_ line: [String], _ program: Program) async throws {
        var line = line
        if let place = line.firstIndex(of: "Trip") {
            let conversations = try await program.run("conversations", "--json").objects()
            line[place] = try #require(conversations.first { $0["topic"] as? String == "Trip" }?["id"] as? String)
        }
        let ended = try await program.run(line)
        try #require(ended.status == 0, "\(line): \(ended.errors)")
    }

    @Test func `a file that goes to somebody and comes from somebody shows what it showed`() async throws {
        try await AvayaTests().withSpaces { program, spaces in
            var (me, bob) = (program, try Program())
            defer { bob.remove() }
            (me.token, bob.token) = (spaces.tokens[0], spaces.tokens[1])
            for person in [me, bob] {
                try await AvayaTests().add(person, spaces, "--token-env", "TIDEMARK_TEST_TOKEN")
                #expect(try await person.run("sync").status == 0)
            }
            try Data("Coach 5, seat 17\n".utf8).write(to: me.folder.appending(path: "ticket.txt"))
            var text = ""
            for line in ["send \(spaces.space) 'My ticket' --attach ticket.txt --token t1", "outbox", "sync"] {
                text += try await capture(line, me)
            }
            #expect(try await bob.run("sync").status == 0)
            let entries = try await bob.run("timeline", spaces.space, "--json").objects()
            let theirs = try #require(entries.last { $0["text"] as? String == "My ticket" }?["id"] as? String)
            for line in ["message \(theirs)", "download \(theirs) --to .", "download \(theirs)/2", "download \(theirs)/1"] {
                text += try await capture(line, bob)
            }
            try Screen.compare(text.replacing(spaces.space, with: "SPACE"), "a-file")
        }
    }
}
