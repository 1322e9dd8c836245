import Foundation
import Testing

/// What is different where a person sits at a terminal: colours, its width, questions. A pseudo terminal is one.
@Suite(.timeLimit(.minutes(2)), .enabled(if: PseudoTerminal.isPossible)) struct TerminalTests {
    private static let colours = ["\u{1B}[1m", "\u{1B}[2m", "\u{1B}[31m", "\u{1B}[33m"]

    private func hasColour(_ text: String) -> Bool { Self.colours.contains { text.contains($0) } }

    private func withOutbox(_ body: (Program) async throws -> Void) async throws {
        try await withProgram { program in
            for line in [["create", "Trip"], ["send", "c1", "On the train"]] {
                try #require(try await program.run(line).status == 0)
            }
            try await body(program)
        }
    }

    @Test func `colours are for terminals, and for nobody who said no`() async throws {
        try await withOutbox { program in
            let looks = ["outbox", "timeline c1", "conversations", "doctor --offline"]
            for line in looks + ["timeline c7"] {
                let words = line.split(separator: " ").map(String.init)
                let seen = try await PseudoTerminal.run(words, program)
                #expect(hasColour(seen.output), "\(line): \(seen.output)")
                for refusal in [["NO_COLOR": "1"], ["TERM": "dumb"]] {
                    let plain = try await PseudoTerminal.run(words, program, environment: refusal)
                    #expect(!plain.output.contains("\u{1B}"), "\(line) \(refusal): \(plain.output)")
                    #expect(plain.status == seen.status)
                }
                // An empty one is none (no-color.org).
                #expect(hasColour(try await PseudoTerminal.run(words, program, environment: ["NO_COLOR": ""]).output))
                let piped = try await program.run(words)
                #expect(!(piped.output + piped.errors).contains("\u{1B}"), "\(line)")
                // What a script reads is no person's, even on a terminal.
                let json = try await PseudoTerminal.run(words + ["--json"], program)
                #expect(!json.output.contains("\u{1B}"), "\(line): \(json.output)")
            }
            // Through a pipe to something that writes to the terminal: the output is not coloured, the error is.
            let through = try await PseudoTerminal.run(["outbox"], program, pipe: "cat")
            #expect(!hasColour(through.output) && through.output.contains("i2  send m1"))
        }
    }

    @Test(arguments: [40, 132]) func `a terminal is filled, and not more`(columns: Int) async throws {
        try await withOutbox { program in
            let long = String(repeating: "It rains on all of us. ", count: 12)
            #expect(try await program.run("send", "c1", long).status == 0)
            for line in ["timeline c1", "outbox", "--help", "timeline c7"] {
                let words = line.split(separator: " ").map(String.init)
                let seen = try await PseudoTerminal.run(words, program, columns: columns, environment: ["NO_COLOR": "1"])
                let lines = seen.output.split(whereSeparator: \.isNewline)
                // A command that is to be pasted is never broken.
                let widest = lines.filter { !$0.contains("tidemark ") }.map(\.count).max() ?? 0
                #expect(widest <= columns, "\(line): \(widest)\n\(seen.output)")
                if line == "timeline c1" { #expect(widest > columns - 25, "\(widest)") }
            }
        }
    }

    @Test(.enabled(if: SimulatorProcess.isBuilt())) func `what takes longer than a second says so, and leaves nothing behind`()
        async throws
    {
        try await withProgram(account: false) { program in
            let simulator = try await SimulatorProcess.start(
                program, "--faults", "delay=3s", "--seed-data", "conversations=3,messages=90")
            defer { simulator.stop() }
            var person = program
            person.token = simulator.accounts[0].token
            try await person.addAccount(endpoint: simulator.url)
            let seen = try await PseudoTerminal.run(["sync"], person, environment: ["NO_COLOR": "1"])
            #expect(seen.status == 0, "\(seen.output)")
            let pieces = seen.output.components(separatedBy: "\r\u{1B}[K")
            // Written over and over, wiped at the end, and only then what is left to be read.
            #expect(pieces.count > 2 && pieces.first == "", "\(seen.output)")
            let lines = pieces.dropFirst().dropLast()
            #expect(lines.allSatisfy { $0.hasPrefix("working: ") && !$0.contains("\n") && $0.count < 80 }, "\(seen.output)")
            #expect(lines.last?.wholeMatch(of: /working: [1-9]\d* requests?, .*/) != nil, "\(lines.last ?? "")")
            let report = try #require(pieces.last)
            #expect(report.contains(" received") && !report.contains("working") && !report.contains("\u{1B}"), "\(report)")
            // Nobody is there to see it.
            let piped = try await person.run("reconcile", "--all")
            #expect(piped.status == 0 && piped.errors.isEmpty, "\(piped.errors)")
        }
    }

    @Test func `what discards asks, and only a yes is a yes`() async throws {
        try await withOutbox { program in
            for answer in ["n\n", "\n", "yesterday\n", "\u{4}"] {
                let asked = try await PseudoTerminal.run(["outbox", "discard", "i2"], program, typed: answer)
                #expect(asked.output.contains("Discard i2? [y/N]"), "\(asked.output)")
                #expect(asked.status != 0 && !asked.output.contains("Discarded"), "\(asked.status) \(asked.output)")
                #expect(try await program.run("outbox", "--json").lines.count == 2)
            }
            let done = try await PseudoTerminal.run(["outbox", "discard", "i2"], program, typed: "y\n")
            #expect(done.status == 0 && done.output.contains("Discarded"), "\(done.output)")
            #expect(try await program.run("outbox", "--json").lines.count == 1)
            for words in [
                ["wipe"], ["prune", "--older-than", "1d"], ["account", "remove", "me"], ["delete-conversation", "c1"],
            ] {
                let asked = try await PseudoTerminal.run(words, program, typed: "n\n")
                #expect(asked.output.contains("[y/N]") && asked.status != 0, "\(words): \(asked.output)")
            }
            #expect(try await program.run("outbox", "--json").lines.count == 1)
        }
    }
}

/// A terminal that nobody sees, by Python's `pty`.
enum PseudoTerminal {
    struct Ended: Sendable {
        var status: Int32
        var output: String
    }

    static let isPossible = (try? run("import pty, termios")) == 0

    private static let script = """
        import fcntl, os, pty, struct, sys, termios
        columns, typed, line = int(sys.argv[1]), sys.argv[2].encode(), sys.argv[3:]
        pid, terminal = pty.fork()
        if pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            os.execvp(line[0], line)
        if typed: os.write(terminal, typed)
        while True:
            try: piece = os.read(terminal, 4096)
            except OSError: break
            if not piece: break
            os.write(1, piece)
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        """

    private static func run(_ script: String) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Runs the program on a terminal, where `typed` has been typed already. `pipe`: what stands between its output and that.
    static func run(
        _ arguments: [String], _ program: Program, columns: Int = 80, typed: String = "", pipe: String? = nil,
        environment: [String: String] = [:]
    ) async throws -> Ended {
        let process = try program.process([])
        let executable = try #require(process.executableURL).path
        let line = pipe.map { ["/bin/sh", "-c", #""$0" "$@" | \#($0)"#, executable] } ?? [executable]
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, String(columns), typed] + line + arguments
        process.environment?["PATH"] = ProcessInfo.processInfo.environment["PATH"]
        process.environment?["TERM"] = "xterm-256color"
        process.environment?.merge(environment) { $1 }
        let ended = try await program.run(process)
        return Ended(status: ended.status, output: ended.output.replacing("\r\n", with: "\n"))
    }
}
