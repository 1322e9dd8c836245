import Foundation
import Testing

/// Every example that a `--help` shows, run as a person would paste it.
@Suite(.timeLimit(.minutes(5)), .enabled(if: SimulatorProcess.isBuilt())) struct ExamplesTests {
    /// What stands in a store before an example runs.
    enum Stage: CaseIterable {
        /// An account, a conversation `c1` and its message `m1`, all synced. Examples that leave these alone share one.
        case shared
        /// The same, for an example that takes something away, or ends well only where nothing is unsent.
        case synced
        /// A folder without a store.
        case nothing
        /// The send of `m1` waits as `i2`, and the service can't be reached.
        case offline
        /// A message `m1` with a file, unsent.
        case file
        /// Somebody else's edit of `m1` stands against one of ours, which waits as `i3` for an answer.
        case conflict

        /// Commands that are not named here share a store: they look, or add to it.
        static func of(_ command: String) -> Stage {
            switch command {
            case "", "account add": .nothing
            case "delete", "delete-conversation", "account remove", "prune", "wipe", "import", "backfill": .synced
            case "outbox edit", "outbox retry", "outbox skip", "outbox discard": .offline
            case "outbox resolve": .conflict
            case "download": .file
            default: .shared
            }
        }
    }

    struct Example {
        var command: String
        var line: String
    }

    @Test func `every example in every help works`() async throws {
        let base = try Program()
        defer { base.remove() }
        let simulator = try await SimulatorProcess.start(base)
        defer { simulator.stop() }
        let examples = try await examples(of: [], base)
        // A reading of the help that finds nothing would pass for ever.
        #expect(examples.count > 20)
        for stage in Stage.allCases where stage != .shared {
            for example in examples where Stage.of(example.command) == stage {
                try await on(stage, simulator) { try await check(example, $0) }
            }
        }
        try await on(.shared, simulator) { program in
            for example in examples where Stage.of(example.command) == .shared { try await check(example, program) }
        }
    }

    // MARK: Finding them

    /// The examples of a command and of all below it. Each command has one.
    private func examples(of path: [String], _ program: Program) async throws -> [Example] {
        let help = try await program.run(path + ["--help"])
        #expect(help.status == 0)
        let lines = help.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let command = path.joined(separator: " ")
        let shown = section("EXAMPLE", of: lines)
        #expect(!shown.isEmpty, "tidemark \(command) --help shows no example.")
        // A line that was wrapped at 80 columns can't be pasted.
        #expect(shown.allSatisfy { $0.hasPrefix("tidemark ") }, "\(command): \(shown)")
        var found = shown.map { Example(command: command, line: $0) }
        for line in section("SUBCOMMANDS:", of: lines, indentation: 2) {
            guard let name = line.split(separator: " ").first else { continue }
            found += try await examples(of: path + [String(name)], program)
        }
        return found
    }

    /// The lines below a heading, up to the next empty one.
    private func section(_ heading: String, of lines: [String], indentation: Int? = nil) -> [String] {
        guard let start = lines.firstIndex(of: heading) else { return [] }
        return lines[(start + 1)...].prefix { !$0.isEmpty }.filter { line in
            indentation.map { line.prefix { $0 == " " }.count == $0 } ?? true
        }.map { String($0.drop { $0 == " " }) }
    }

    // MARK: Running them

    private func check(_ example: Example, _ program: Program) async throws {
        if ["simulate", "inspect"].contains(example.command) { return try await checkUntilStopped(example, program) }
        let ended = try await program.paste(example.line)
        #expect(ended.status == 0, "\(example.line): \(ended.status) \(ended.errors)")
    }

    /// It stays until it is told to end.
    private func checkUntilStopped(_ example: Example, _ program: Program) async throws {
        let process = try program.shell("exec \(example.line)")
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        #expect(try await FirstLine.read(pipe).contains("http://127.0.0.1:"), "\(example.line)")
        kill(process.processIdentifier, SIGINT)
        process.waitUntilExit()
        #expect([0, 130].contains(process.terminationStatus), "\(example.line)")
    }

    // MARK: The stages

    private func on(_ stage: Stage, _ simulator: SimulatorProcess, _ body: (Program) async throws -> Void) async throws {
        var program = try Program()
        defer { program.remove() }
        program.token = try #require(simulator.accounts.first).token
        try program.linkFixtures()
        switch stage {
        case .nothing: break
        case .offline:
            try await program.addAccount()
            try await write(program)
        case .file:
            try Data("waves".utf8).write(to: program.folder.appending(path: "sea.png"))
            try await run(program, "account", "add", "me", "--service", "avaya", "--guest", "Ann", expecting: 0)
            try await run(program, "create", "Trip", expecting: 0)
            try await run(program, "send", "c1", "Look", "--attach", "sea.png", expecting: 0)
        case .shared, .synced:
            try await program.addAccount(endpoint: simulator.url)
            try await write(program)
            try await sync(program)
        case .conflict:
            try await program.addAccount(endpoint: simulator.url)
            try await write(program)
            try await sync(program)
            // Theirs is known before ours leaves; a sync alone would send first.
            try await run(program, "edit", "m1", "Ours", expecting: 0)
            try await editElsewhere(program, simulator)
            try await run(program, "reconcile", "c1", expecting: 0)
            try await run(program, "sync", expecting: 3)
        }
        try await body(program)
    }

    private func write(_ program: Program) async throws {
        try await run(program, "create", "Trip", expecting: 0)
        try await run(program, "send", "c1", "Hello", expecting: 0)
    }

    private func sync(_ program: Program) async throws {
        try await run(program, "sync", "--conversation", "c1", expecting: 0)
    }

    /// The same person on another device changes `m1`.
    private func editElsewhere(_ program: Program, _ simulator: SimulatorProcess) async throws {
        let message = try await program.run("message", "m1", "--json").object()
        let remote = try #require(message["remoteID"] as? String)
        var device = try Program()
        defer { device.remove() }
        device.token = program.token
        try await device.addAccount(endpoint: simulator.url)
        try await run(device, "sync", expecting: 0)
        try await run(device, "edit", remote, "Theirs", expecting: 0)
        try await run(device, "sync", expecting: 0)
    }

    private func run(_ program: Program, _ arguments: String..., expecting status: Int32) async throws {
        let ended = try await program.run(arguments)
        try #require(ended.status == status, "\(arguments): \(ended.status) \(ended.output) \(ended.errors)")
    }
}

extension Program {
    /// A line as it is typed, with `tidemark` on the path.
    fileprivate func shell(_ line: String) throws -> Process {
        let process = try process(["-c", line])
        let folder = try #require(process.executableURL).deletingLastPathComponent().path
        process.environment?["PATH"] = "\(folder):/usr/bin:/bin"
        process.executableURL = URL(filePath: "/bin/sh")
        return process
    }

    fileprivate func paste(_ line: String) async throws -> Ended {
        try await run(try shell(line))
    }

    /// Examples name the repository's fixtures as seen from its root.
    fileprivate func linkFixtures() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        try FileManager.default.createSymbolicLink(
            at: folder.appending(path: "Fixtures"), withDestinationURL: root.appending(path: "Fixtures"))
    }
}
