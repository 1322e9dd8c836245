import Foundation
import Testing

/// What a person sees of the demo, and of a store that was copied; as ``ScreenTests``.
@Suite(.timeLimit(.minutes(3)), .enabled(if: SimulatorProcess.isBuilt())) struct OnlineScreenTests {
    @Test func `the demo shows what it showed`() async throws {
        try await withProgram(account: false) { program in
            try Screen.compare(try await Screen.capture("demo --seed 1", program), "demo")
        }
    }

    @Test func `the inspector and the simulator say where they are`() async throws {
        try await withProgram { program in
            let inspector = try Lines(try program.process(["inspect"]))
            let first = try await inspector.first { !$0.isEmpty }
            #expect(first.contains("http://127.0.0.1:") && first.count <= 110, "\(first)")
            #expect(await inspector.stop() == 130)
            let simulator = try Lines(try program.process(["simulate", "--service", "azure"]))
            let line = try await simulator.first { $0.hasPrefix("{") }
            #expect(line.contains("\"url\":\"http://127.0.0.1:"))
            _ = await simulator.stop()
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
