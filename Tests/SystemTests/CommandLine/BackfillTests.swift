import Foundation
import Testing

/// Older history, read as far as somebody asked for.
@Suite(.timeLimit(.minutes(3)), .enabled(if: SimulatorProcess.isBuilt())) struct BackfillTests {
    @Test func `a backfill until a time reads all since then, and no more than it must`() async throws {
        try await withProgram(account: false) { program in
            let simulator = try await SimulatorProcess.start(program, "--seed-data", "conversations=1,messages=700")
            defer { simulator.stop() }
            var (whole, part) = (try Program(), program)
            defer { whole.remove() }
            whole.token = try #require(simulator.accounts.first?.token)
            part.token = whole.token
            for one in [whole, part] { try await one.addAccount(endpoint: simulator.url) }
            #expect(try await whole.run("sync").status == 0)
            #expect(try await whole.run("backfill", "c1").status == 0)
            let all = try await messages(whole)
            try #require(all.count >= 700)
            #expect(try await part.run("sync", "--since", "1s").status == 0)
            let before = try await messages(part)
            try #require(before.count < 300, "\(before.count)")

            let time = try #require(all[300]["createdAt"] as? String)
            let filled = try await part.run("backfill", "c1", "--until", time, "--json")
            #expect(filled.status == 0, "\(filled.errors)")
            let since = all.compactMap { $0["createdAt"] as? String }.filter { $0 >= time }
            let read = try await messages(part)
            let have = read.compactMap { $0["createdAt"] as? String }
            #expect(have.filter { $0 >= time } == since)
            #expect(read.count < all.count)
            // What is older is a gap still, and what was read has none.
            let gaps = try await part.run("gaps", "--json").objects()
            #expect(gaps.count == 1 && gaps.first?["kind"] as? String == "beginning", "\(gaps)")
            // Once more asks for nothing that is there.
            #expect(try await part.run("backfill", "c1", "--until", time).status == 0)
            #expect(try await messages(part).count == read.count)
            #expect(try await part.run("backfill", "c1").status == 0)
            #expect(try await messages(part).count == all.count)
            #expect(try await part.run("gaps", "--json").output.isEmpty)
        }
    }

    private func messages(_ program: Program) async throws -> [[String: any Sendable]] {
        try await program.run("timeline", "c1", "--limit", "1000", "--json").objects()
    }

    @Test func `a time that is none, or is yet to come, and two bounds are wrong usage`() async throws {
        try await withProgram { program in
            for line in [
                ["--until", "soon"], ["--until", "2999-01-01"], ["--until", "1d", "--limit", "5"], ["--limit", "0"],
                ["--limit", "-1"],
            ] {
                let ended = try await program.run(["backfill", "c1"] + line)
                #expect(ended.status == 2 && !ended.errors.isEmpty, "\(line): \(ended.status)")
            }
        }
    }
}
