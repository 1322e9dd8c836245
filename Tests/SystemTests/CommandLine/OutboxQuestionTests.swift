import Foundation
import Testing

/// A send whose answer was lost, to a service that gives no token back: the engine can't tell whether it arrived, and a person
/// does. Only the service's own program is real here beside `tidemark`; what it loses is all that it is asked.
@Suite(.timeLimit(.minutes(5)), .enabled(if: SimulatorProcess.isBuilt())) struct OutboxQuestionTests {
    enum Case: String, CaseIterable, Sendable {
        /// It had arrived, and was changed on the user's other device before anybody looked: no text tells it any more.
        case arrived = "applied-504=1"
        /// It was not done, and a service that may still do it late is not asked twice.
        case notSent = "status-503=1"
    }

    private static let text = "Did it arrive?"

    /// The service on one port, its state in a file between its runs.
    private struct Service {
        let program: Program
        let process: Process
        let spaces: AvayaTests.Spaces

        static func start(_ program: Program, port: Int = 0, faults: String = "") async throws -> Service {
            let process = try program.process([
                "simulate", "--service", "avaya", "--port", String(port), "--state", "service.json", "--faults", faults,
            ])
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = FileHandle.nullDevice
            try process.run()
            return Service(program: program, process: process, spaces: try AvayaTests.Spaces(try await FirstLine.read(pipe)))
        }

        /// It keeps its state when it is told to stop.
        func stop() async {
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    kill(process.processIdentifier, SIGTERM)
                    process.waitUntilExit()
                    continuation.resume()
                }
            }
        }

        func restarted(faults: String = "") async throws -> Service {
            await stop()
            let port = try #require(URL(string: spaces.url)?.port)
            return try await Self.start(program, port: port, faults: faults)
        }
    }

    private func device(_ service: Service) async throws -> Program {
        var device = try Program()
        device.token = service.spaces.tokens[0]
        try await AvayaTests().add(device, service.spaces, "--token-env", "TIDEMARK_TEST_TOKEN")
        let synced = try await device.run("sync")
        #expect(synced.status == 0, "\(synced.errors)")
        return device
    }

    private func question(_ program: Program) async throws -> [String: any Sendable] {
        try #require(try await program.run("outbox", "--json").objects().first)
    }

    /// What the messages say that may be the one.
    private func texts(_ program: Program, _ space: String) async throws -> [String] {
        try await program.run("timeline", space, "--json").objects().compactMap { $0["text"] as? String }
            .filter { $0.hasPrefix(Self.text) }
    }

    @Test(arguments: Case.allCases) func `what only a person can tell is asked, answered, and there once`(case: Case) async throws
    {
        let place = try Program()
        defer { place.remove() }
        var service = try await Service.start(place)
        let space = service.spaces.space
        let me = try await device(service)
        let other = try await device(service)
        defer { for device in [me, other] { device.remove() } }
        do {
            service = try await service.restarted(faults: `case`.rawValue)
            let message = try await lose(me, space)
            service = try await service.restarted()
            let remote = `case` == .arrived ? try await change(on: other, space) : nil
            try await expectQuestion(me, message, candidate: remote)
            try await answer(me, remote)
            #expect(try await me.run("sync").status == 0)
            #expect(try await me.run("outbox", "--json").output.isEmpty)
            // What the service has: somebody who has never looked sees it once.
            let reader = try await device(service)
            defer { reader.remove() }
            let expected = [Self.text + (remote == nil ? "" : " Yes.")]
            #expect(try await texts(reader, space) == expected)
            #expect(try await texts(me, space) == expected)
        } catch {
            await service.stop()
            throw error
        }
        await service.stop()
    }

    /// Sends it into a service whose every answer is a failure. Returns the message.
    private func lose(_ me: Program, _ space: String) async throws -> String {
        let sent = try await me.run("send", space, Self.text, "--json").object()
        // The network, which comes first, may take all the time there is on a busy machine.
        for _ in 0..<10 where try await question(me)["state"] as? String == "queued" {
            #expect(try await me.run("sync", "--deadline", "3s").status == 75)
        }
        let entry = try await question(me)
        #expect(entry["state"] as? String == "inDoubt" && entry["asks"] as? Bool == false, "\(entry)")
        return try #require(sent["message"] as? String)
    }

    /// Its remote id.
    private func change(on other: Program, _ space: String) async throws -> String {
        #expect(try await other.run("sync").status == 0)
        let landed = try await other.run("timeline", space, "--json").objects().filter { $0["text"] as? String == Self.text }
        #expect(landed.count == 1)
        let id = try #require(landed.first?["id"] as? String)
        let edited = try await other.run("edit", id, Self.text + " Yes.", "--sync")
        #expect(edited.status == 0, "\(edited.errors)")
        return try #require(landed.first?["remoteID"] as? String)
    }

    private func expectQuestion(_ me: Program, _ message: String, candidate: String?) async throws {
        let synced = try await me.run("sync", "--deadline", "120s")
        #expect(synced.status == 3, "\(synced.status) \(synced.output) \(synced.errors)")
        let entry = try await question(me)
        #expect(entry["asks"] as? Bool == true && entry["reason"] as? String == "unprovable", "\(entry)")
        let candidates = try #require(entry["candidates"] as? [[String: any Sendable]])
        #expect(candidates.map { $0["remoteID"] as? String } == (candidate.map { [$0] } ?? []))
        let told = try await me.run("message", message).output
        #expect(told.contains("It may have arrived. That can't be proved, so it is not sent again:"), "\(told)")
        let listed = try await me.run("outbox").output
        #expect(listed.contains("asks you") && listed.contains("tidemark outbox resolve i1 --not-sent"), "\(listed)")
        #expect(candidate.map { listed.contains("tidemark outbox resolve i1 --arrived \($0)") } ?? true, "\(listed)")
        // It stays asked: time alone sends nothing.
        #expect(try await me.run("sync").status == 3)
    }

    private func answer(_ me: Program, _ remote: String?) async throws {
        let words = remote.map { ["--arrived", $0] } ?? ["--not-sent"]
        for _ in 1...2 {
            let told = try await me.run(["outbox", "resolve", "i1"] + words)
            #expect(told.status == 0, "\(told.errors)")
        }
    }
}
