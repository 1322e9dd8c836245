import Foundation
import Testing

/// What a person sees of the demo, and of a store that was copied; as ``ScreenTests``.
@Suite(.timeLimit(.minutes(3)), .enabled(if: SimulatorProcess.isBuilt())) struct OnlineScreenTests {
    @Test func `the demo shows what it showed`() async throws {
        try await withProgram(account: false) { program in
            try Screen.compare(try await Screen.capture("demo --seed 1", program), "demo")
        }
    }

    @Test func `the inspector and the simulators say where they are`() async throws {
        try await withProgram { program in
            var text = try await Screen.captureStaying("inspect", program)
            for service in ["azure", "avaya", "livekit"] {
                text += try await Screen.captureStaying("simulate --service \(service) --seed 1", program)
            }
            let settled = text.replacing(/127\.0\.0\.1:\d+/, with: "127.0.0.1:4040").replacing(
                /"port":\d+/, with: #""port":4040"#
            )
            .replacing(/\/[0-9a-f]{48}\//, with: "/" + String(repeating: "0", count: 48) + "/")
            .replacing(/eyJ[\w.-]+/, with: "eyJ…").replacing(/\b[0-9a-f]{8}(?=[0-9a-f]{16}\b)/, with: "00000000")
            try Screen.compare(settled, "stays")
        }
    }

    /// A device that stood still while others wrote, changed and took back.
    @Test func `a plan says what differs, and a repair what it did`() async throws {
        try await withProgram(account: false) { program in
            let simulator = try await SimulatorProcess.start(program)
            defer { simulator.stop() }
            var (mine, theirs) = (program, try Program())
            defer { theirs.remove() }
            let bob = simulator.accounts[1]
            (mine.token, theirs.token) = (try #require(simulator.accounts.first?.token), bob.token)
            for device in [mine, theirs] { try await device.addAccount(endpoint: simulator.url) }
            for line in [
                ["create", "Trip", "--with", "\(bob.id),name=Bob"], ["send", "c1", "Where are you?"], ["sync"], ["sync"],
            ] {
                #expect(try await mine.run(line).status == 0)
            }
            for line in [["sync"], ["send", "c1", "On the trian", "--sync"]] { #expect(try await theirs.run(line).status == 0) }
            #expect(try await mine.run("sync").status == 0)
            // On a busy machine a message may have been asked for alone, which proves nothing about what stands beside it.
            for _ in 0..<5 where try await mine.run("reconcile", "c1", "--dry-run").status != 0 { _ = try await mine.run("sync") }
            let typo = try await theirs.run("timeline", "c1", "--json").objects().first {
                $0["text"] as? String == "On the trian"
            }
            let edited = try #require(typo?["id"] as? String)
            for line in [["edit", edited, "On the train", "--sync"], ["send", "c1", "Nearly there", "--sync"]] {
                #expect(try await theirs.run(line).status == 0)
            }
            _ = try await mine.run("send", "c1", "Not yet sent", "--token", "t-1")
            var text = ""
            for line in [
                "reconcile c1 --dry-run --plan plan.json", "messages --limit 2", "reconcile --apply plan.json",
                "messages --limit 3",
                "reconcile --apply plan.json", "outbox",
            ] {
                text += try await Screen.capture(line, mine)
            }
            let settled = text.replacing(/\b1[0-9]{12}\b/, with: "1700000000000")
            try Screen.compare(settled, "reconcile")
        }
    }

    /// A backup that is taken for the store itself may send again what was sent since (R16).
    @Test func `a store that was copied or moved sends nothing until somebody says so`() async throws {
        try await withProgram(account: false) { program in
            let simulator = try await SimulatorProcess.start(program)
            defer { simulator.stop() }
            var original = program
            original.token = try #require(simulator.accounts.first?.token)
            try await original.addAccount(endpoint: simulator.url)
            for line in [["create", "Trip"], ["send", "c1", "Hello"]] { #expect(try await original.run(line).status == 0) }
            try Data(contentsOf: URL(filePath: original.store)).write(to: original.folder.appending(path: "copy.sqlite"))
            try FileManager.default.removeItem(atPath: original.store)
            try FileManager.default.moveItem(
                at: original.folder.appending(path: "copy.sqlite"), to: URL(filePath: original.store))
            let refused = try await original.run("sync", "--json")
            #expect(refused.status == 3)
            #expect(try refused.failure()["code"] as? String == "notAdopted")
            #expect(try refused.failure()["hint"] as? String == "tidemark outbox adopt")
            #expect(try await original.run("doctor", "--offline").output.contains("outbox adopt"))
            var text = ""
            for line in ["sync", "outbox", "outbox adopt", "sync", "outbox"] { text += try await Screen.capture(line, original) }
            try Screen.compare(text, "a-copied-store")
            #expect(try await original.run("timeline", "c1", "--json").objects().count { $0["text"] as? String == "Hello" } == 1)
        }
    }
}
