import Foundation
import Testing

/// The program against the simulator, each a process of its own.
@Suite(.timeLimit(.minutes(3)), .enabled(if: SimulatorProcess.isBuilt())) struct SyncTests {
    private func withSimulator(_ body: (Program, SimulatorProcess) async throws -> Void) async throws {
        var program = try Program()
        defer { program.remove() }
        let simulator = try await SimulatorProcess.start(program)
        defer { simulator.stop() }
        program.token = try #require(simulator.accounts.first).token
        try await program.addAccount(endpoint: simulator.url)
        try await body(program, simulator)
    }

    @Test func `what was written offline is confirmed by one sync, and reads the same from the service`() async throws {
        try await withSimulator { program, _ in
            _ = try await program.run("create", "Trip")
            _ = try await program.run("send", "c1", "On the train")
            let synced = try await program.run("sync", "--json")
            #expect(synced.status == 0, "\(synced.errors)")
            let report = try synced.object()
            #expect(report["sent"] as? Int == 1)
            #expect(report["pending"] as? Int == 0)
            let entry = try #require(
                try await program.run("timeline", "c1", "--json").objects().first { $0["text"] as? String == "On the train" })
            #expect(entry["state"] as? String == "confirmed")
            #expect(entry["remoteID"] as? String != nil)
            #expect(try await program.run("outbox", "--json").lines.isEmpty)
            // On a busy machine the message was asked for alone: then nothing proves yet that nobody wrote beside it (P6). What is read
            // after it was there proves that.
            #expect(try await program.run("sync").status == 0)
            let compared = try await program.run("reconcile", "--all", "--dry-run", "--json")
            #expect(compared.status == 0, "\(compared.output)")
        }
    }

    @Test func `a second person gets the message, edits come across, and a deletion, too`() async throws {
        try await withSimulator { program, simulator in
            var other = try Program()
            defer { other.remove() }
            let bob = simulator.accounts[1]
            other.token = bob.token
            try await other.addAccount(endpoint: simulator.url)
            _ = try await program.run("create", "Trip", "--with", "\(bob.id),name=Bob")
            _ = try await program.run("send", "c1", "Helo")
            #expect(try await program.run("sync").status == 0)
            #expect(try await other.run("sync").status == 0)
            #expect(try await other.run("timeline", "c1", "--json").objects().contains { $0["text"] as? String == "Helo" })
            let mine = try #require(
                try await program.run("timeline", "c1", "--json").objects().first { $0["text"] as? String == "Helo" }?["id"]
                    as? String)
            #expect(try await program.run("edit", mine, "Hello", "--sync").status == 0)
            #expect(try await other.run("sync").status == 0)
            #expect(try await other.run("timeline", "c1", "--json").objects().contains { $0["text"] as? String == "Hello" })
            #expect(try await program.run("delete", mine, "--yes", "--sync").status == 0)
            #expect(try await other.run("sync").status == 0)
            #expect(try await other.run("timeline", "c1", "--json").objects().contains { $0["deletedAt"] is String })
        }
    }

    @Test func `who has read a message is told by the message, also by what was read after it`() async throws {
        try await withSimulator { program, simulator in
            var other = try Program()
            defer { other.remove() }
            let bob = simulator.accounts[1]
            other.token = bob.token
            try await other.addAccount(endpoint: simulator.url)
            _ = try await program.run("create", "Trip", "--with", "\(bob.id),name=Bob")
            for text in ["First", "Second"] { _ = try await program.run("send", "c1", text) }
            #expect(try await program.run("sync").status == 0)
            #expect(try await other.run("sync").status == 0)
            #expect(try await other.run("read", "c1", "--sync").status == 0)
            #expect(try await program.run("send", "c1", "Unread", "--sync").status == 0)
            #expect(try await program.run("reconcile", "c1").status == 0)
            for entry in try await program.run("timeline", "c1", "--json").objects() {
                guard let text = entry["text"] as? String, let remote = entry["remoteID"] as? String else { continue }
                let message = try await program.run("message", "c1/\(remote)", "--json").object()
                let readers = try #require(message["receipts"] as? [[String: Any]]).compactMap { $0["participant"] as? String }
                #expect(readers.contains(bob.id) == (text != "Unread"), "\(text)")
                let shown = try await program.run("message", "c1/\(remote)").output
                #expect(shown.contains("read by    Bob") == (text != "Unread"), "\(shown)")
            }
        }
    }

    @Test func `a plan is kept in a file, applied once, and refused when the store has moved`() async throws {
        try await withSimulator { program, simulator in
            var other = try Program()
            defer { other.remove() }
            let bob = simulator.accounts[1]
            other.token = bob.token
            try await other.addAccount(endpoint: simulator.url)
            _ = try await program.run("create", "Trip", "--with", "\(bob.id),name=Bob")
            #expect(try await program.run("sync").status == 0)
            #expect(try await program.run("reconcile", "--all", "--dry-run").status == 0)
            #expect(try await other.run("sync").status == 0)
            #expect(try await other.run("send", "c1", "More", "--sync").status == 0)
            let file = program.folder.appending(path: "plan.json").path
            let planned = try await program.run("reconcile", "c1", "--dry-run", "--plan", file, "--json")
            #expect(planned.status == 3)
            #expect(try planned.objects().contains { $0["kind"] as? String == "missing" })
            #expect(try await !program.run("timeline", "c1").output.contains("More"))
            let applied = try await program.run("reconcile", "--apply", file, "--json")
            #expect(applied.status == 0, "\(applied.output) \(applied.errors)")
            #expect(try await program.run("timeline", "c1").output.contains("More"))
            let again = try await program.run("reconcile", "--apply", file, "--json")
            #expect(again.status == 1)
            #expect(try again.failure()["code"] as? String == "planOutdated")
            #expect(try await program.run("reconcile", "c1", "--apply", file).status == 2)
            #expect(try await program.run("reconcile", "--apply", program.folder.path + "/chat.sqlite").status == 1)
        }
    }

    @Test func `after a prune the doctor says that a backfill reads it again, and it does`() async throws {
        try await withSimulator { program, _ in
            _ = try await program.run("create", "Trip")
            _ = try await program.run("send", "c1", "On the train")
            #expect(try await program.run("sync").status == 0)
            #expect(try await program.run("prune", "--older-than", "0s", "--yes").status == 0)
            let told = try await program.run("doctor", "--offline")
            #expect(told.output.contains("1 conversation not read to the beginning: tidemark backfill c1"))
            #expect(!told.output.contains("tidemark sync"))
            #expect(told.lines.allSatisfy { $0.count <= 80 })
            #expect(try await program.run("backfill", "c1").status == 0)
            #expect(try await program.run("timeline", "c1").output.contains("On the train"))
            #expect(try await !program.run("doctor", "--offline").output.contains("backfill"))
        }
    }

    @Test func `a refused credential exits 4, and the right one goes on where it stopped`() async throws {
        try await withSimulator { program, _ in
            _ = try await program.run("create", "Trip")
            var wrong = program
            wrong.token = "nobody"
            #expect(try await wrong.run("sync").status == 4)
            #expect(try await wrong.run("outbox", "--json").lines.count == 1)
            #expect(try await program.run("sync").status == 0)
        }
    }

    @Test func `another user's token sends nothing and exits 4`() async throws {
        try await withSimulator { program, simulator in
            #expect(try await program.run("sync").status == 0)
            _ = try await program.run("create", "Trip")
            var wrong = program
            wrong.token = simulator.accounts[1].token
            #expect(try await wrong.run("sync").status == 4)
            #expect(try await program.run("outbox", "--json").lines.count == 1)
        }
    }

    @Test func `a second sync names the first one and exits 75, and Ctrl-C ends that with 130`() async throws {
        try await withSimulator { program, _ in
            _ = try await program.run("create", "Trip")
            let watching = try program.process(["sync", "--watch", "--json"])
            let pipe = Pipe()
            watching.standardOutput = pipe
            watching.standardError = FileHandle.nullDevice
            try watching.run()
            // Its first line says that it has the lease.
            _ = try await FirstLine.read(pipe)
            let second = try await program.run("sync", "--json")
            #expect(second.status == 75)
            let failure = try second.failure()
            #expect(failure["code"] as? String == "leaseHeld")
            #expect((failure["message"] as? String)?.contains("process \(watching.processIdentifier) (tidemark) on ") == true)
            kill(watching.processIdentifier, SIGINT)
            watching.waitUntilExit()
            #expect(watching.terminationStatus == 130)
            #expect(try await program.run("sync").status == 0)
        }
    }

    @Test func `a sync of one conversation sends that one alone, and since a time it reads no further back`() async throws {
        try await withSimulator { program, _ in
            for topic in ["Trip", "Work"] { _ = try await program.run("create", topic) }
            for conversation in ["c1", "c2"] { _ = try await program.run("send", conversation, "Hello") }
            let synced = try await program.run("sync", "--conversation", "c1", "--json")
            #expect(synced.status == 0, "\(synced.errors)")
            #expect(try synced.object()["sent"] as? Int == 1)
            #expect(try synced.object()["pending"] as? Int == 0)
            #expect(try await program.run("outbox", "--json").objects().map { $0["conversation"] as? String } == ["c2", "c2"])
            #expect(try await program.run("sync", "--since", "1h").status == 0)
            #expect(try await program.run("outbox", "--json").lines.isEmpty)
            #expect(try await program.run("sync", "--conversation", "c1", "--since", "2020-01-01").status == 0)
        }
    }

    @Test func `a watch that reaches its deadline exits 0`() async throws {
        try await withSimulator { program, _ in
            let ended = try await program.run("sync", "--watch", "--deadline", "1s")
            #expect(ended.status == 0)
        }
    }

    @Test func `with a connection string a user and its token are made once`() async throws {
        var program = try Program()
        defer { program.remove() }
        let simulator = try await SimulatorProcess.start(program)
        defer { simulator.stop() }
        program.token = simulator.connectionString
        let added = try await program.run("account", "add", "me", "--connection-string-env", "TIDEMARK_TEST_TOKEN")
        #expect(added.status == 0, "\(added.errors)")
        _ = try await program.run("create", "Trip")
        #expect(try await program.run("sync").status == 0)
        #expect(try await program.run("sync").status == 0)
        let account = try await program.run("account", "list", "--json").object()
        #expect((account["identities"] as? [String])?.count == 1)
    }
}
