import Foundation
import Testing

/// What people and scripts are promised beside the commands themselves: names, times, colours, secrets.
@Suite(.timeLimit(.minutes(2))) struct PersonTests {
    private static let zones = "/usr/share/zoneinfo/America/New_York"

    @Test func `a message is named by its id here, its id there, and with its conversation`() async throws {
        try await withProgram(account: false) { program in
            try program.fillFromFixture()
            for name in ["m1", "1700000000002", "c1/m1", "c1/1700000000002"] {
                let found = try await program.run("message", name, "--account", "me", "--json")
                #expect(try found.object()["id"] as? String == "m1", "\(name): \(found.errors)")
            }
            let elsewhere = try await program.run("message", "c2/m1", "--account", "me", "--json")
            #expect(elsewhere.status == 1)
            #expect(try elsewhere.failure()["code"] as? String == "notFound")
        }
    }

    @Test func `whoever is asked to come sees history from the time that is named`() async throws {
        try await withProgram { program in
            let made = try await program.run("create", "Trip", "--with", "8:acs:ann,name=Ann,history=2026-01-01")
            try #require(made.status == 0, "\(made.errors)")
            let people = try await program.run("participants", "c1", "--json").objects()
            let ann = try #require(people.first { $0["id"] as? String == "8:acs:ann" })
            #expect(ann["shareHistoryTime"] as? String == "2026-01-01T00:00:00.000Z")
            #expect(ann["displayName"] as? String == "Ann")
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: zones)))
    func `people read the time of their zone, which is named, and scripts read UTC`() async throws {
        try await withProgram(account: false) { program in
            try program.fillFromFixture()
            let process = try program.process(["message", "m1", "--account", "me"])
            process.environment?["TZ"] = "America/New_York"
            let shown = try await program.run(process)
            #expect(shown.output.contains("2023-11-14 17:13 "), "\(shown.output)")
            #expect(!shown.output.contains("UTC"))
            let json = try program.process(["message", "m1", "--account", "me", "--json"])
            json.environment?["TZ"] = "America/New_York"
            #expect(try await program.run(json).object()["createdAt"] as? String == "2023-11-14T22:13:20.002Z")
        }
    }
}
