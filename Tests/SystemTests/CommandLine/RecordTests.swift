import Foundation
import Testing

/// Real syncs written down and played again.
@Suite(.timeLimit(.minutes(3)), .enabled(if: SimulatorProcess.isBuilt())) struct RecordTests {
    private static let faults = ["--faults", "drop-response=0.1,status-503=0.05,applied-504=0.05", "--seed", "3"]

    @Test func `what a sync did replays to the same views, with no secret and no text in it`() async throws {
        var program = try Program()
        defer { program.remove() }
        let simulator = try await SimulatorProcess.start(
            program, "--seed-data", "conversations=3,messages=90,edits=0.05,deletes=0.02", Self.faults[0], Self.faults[1])
        defer { simulator.stop() }
        program.token = try #require(simulator.accounts.first).token
        try await program.addAccount(endpoint: simulator.url)
        _ = try await program.run("create", "Quiet garden")
        _ = try await program.run("send", "c1", "the heron is back")
        let first = try await program.run("sync", "--record", "first.jsonl", "--json")
        #expect(first.status == 0, "\(first.errors)")
        // The second one begins where the first one ended.
        _ = try await program.run("send", "c2", "the heron left")
        _ = try await program.run("edit", "m1", "the heron is here")
        let second = try await program.run("sync", "--record", "second.jsonl", "--json")
        #expect(second.status == 0, "\(second.errors)")
        for name in ["first.jsonl", "second.jsonl"] {
            let replayed = try await program.run("replay", name)
            #expect(replayed.status == 0, "\(name): \(replayed.output.prefix(2000))")
            #expect(replayed.lines.last == "1 passed, 0 failed")
            let text = try String(contentsOf: program.folder.appending(path: name), encoding: .utf8)
            for secret in ["heron", "Quiet garden", program.token, "Bearer"] {
                #expect(!text.contains(secret), "\(name) holds what it must not")
            }
        }
    }

    @Test func `a recording overwrites nothing, and keeps text only where that is asked for`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "Quiet garden")
            let kept = try await program.run("sync", "--deadline", "0s", "--record", "kept.jsonl", "--record-text")
            // A token that names nobody: there is nobody to record.
            #expect(kept.status != 0)
            let again = try await program.run("sync", "--record", "kept.jsonl", "--json")
            #expect(again.status == 1)
            #expect(try again.failure()["code"] as? String == "exists")
            #expect(try await program.run("sync", "--record-text").status == 2)
            #expect(try await program.run("sync", "--record", "x.jsonl", "--since", "1d").status == 2)
        }
    }

    @Test func `a transcript that does not hold says what differs, and a newer one is refused`() async throws {
        try await withProgram(account: false) { program in
            let wrong = """
                {"transcript":1,"service":"azure","user":"8:acs:a","title":"Wrong"}
                {"act":"create","topic":"Trip"}
                {"expect":"conversations","is":[{"topic":"Trap"}]}
                """
            let newer = #"{"transcript":2,"service":"azure","user":"8:acs:a","title":"Newer"}"#
            for (name, text) in [("wrong.jsonl", wrong), ("newer.jsonl", newer)] {
                try Data(text.utf8).write(to: program.folder.appending(path: name))
            }
            let ended = try await program.run("replay", "wrong.jsonl", "newer.jsonl")
            #expect(ended.status == 1)
            #expect(ended.output.contains("line 3: row 1 of the conversations"))
            #expect(ended.output.contains("version 2"))
            #expect(ended.lines.last == "0 passed, 2 failed")
            let updated = try await program.run("replay", "wrong.jsonl", "--update")
            #expect(updated.status == 1, "A create is still under way at its end.")
            #expect(try await program.run("replay", "nothing.jsonl").status == 1)
        }
    }
}
