import Foundation
import Testing

/// The demo ends in agreement, and would not if something were wrong.
@Suite(.timeLimit(.minutes(2))) struct DemoTests {
    @Test(arguments: 1...3) func `the service and the store agree after every fault has struck`(seed: Int) async throws {
        try await withProgram { program in
            let ended = try await program.run("demo", "--seed", "\(seed)", "--json")
            #expect(ended.status == 0, "\(ended.errors)")
            let object = try ended.object()
            #expect(object["agrees"] as? Bool == true)
            let faults = try #require(object["faults"] as? [String: Int])
            #expect(faults.count >= 11)
            #expect(faults.allSatisfy { $0.value > 0 })
        }
    }

    @Test(arguments: [
        ("resend", "Nothing is doubled"), ("lose", "Nothing is lost"), ("resurrect", "Store and service agree"),
        ("hide", "Store and service agree"), ("reorder", "Order is kept"),
    ])
    func `a planted defect ends in disagreement and names the promise`(defect: String, promise: String) async throws {
        try await withProgram { program in
            let ended = try await program.run("demo", "--break", defect, "--json")
            #expect(ended.status == 1, "\(ended.errors)")
            let failure = try ended.failure()
            #expect(failure["code"] as? String == "disagreement")
            #expect((failure["message"] as? String ?? "").contains(promise), "\(failure)")
        }
    }

    @Test func `two people in a LiveKit room agree, one story for all, and what one missed stands as a gap`() async throws {
        try await withProgram { program in
            let told = try await program.run("demo", "--service", "livekit")
            #expect(told.status == 0, "\(told.errors)")
            #expect(told.lines.allSatisfy { $0.count <= 80 })
            // Each has the gap of the beginning; Bob's second one stands in his last timeline.
            let bob = told.output.components(separatedBy: "5. Back again").last?.components(separatedBy: "Alice was there").first
            #expect((bob?.components(separatedBy: "history may be missing").count ?? 0) - 1 == 2)
            #expect(bob?.contains("I moved it to Tuesday") == false)
            #expect(try await program.run("demo", "--service", "livekit").output == told.output)
            let json = try await program.run("demo", "--service", "livekit", "--seed", "7", "--json").object()
            #expect(json["agrees"] as? Bool == true)
            #expect(try await program.run("demo", "--service", "livekit", "--break", "lose").status == 2)
        }
    }

    @Test func `a user and a guest of Avaya agree, one story for all, and each was asked what nothing could prove`() async throws
    {
        try await withProgram { program in
            let told = try await program.run("demo", "--service", "avaya")
            #expect(told.status == 0, "\(told.errors)")
            #expect(told.lines.allSatisfy { $0.count <= 80 })
            #expect(told.output.contains("needs you: unprovable") && told.output.contains("needs you: conflict"))
            #expect(try await program.run("demo", "--service", "avaya").output == told.output)
            for seed in ["2", "3", "4", "5"] {
                let json = try await program.run("demo", "--service", "avaya", "--seed", seed, "--json").object()
                #expect(json["agrees"] as? Bool == true, "seed \(seed)")
            }
        }
    }

    @Test func `one seed is one story, in 80 columns`() async throws {
        try await withProgram { program in
            let first = try await program.run("demo", "--seed", "4")
            let second = try await program.run("demo", "--seed", "4")
            #expect(first.output == second.output)
            #expect(first.lines.allSatisfy { $0.count <= 80 })
        }
    }
}
