import Foundation
import Testing

/// Each state of an intent, and each act of a person on it: what is done, and where nothing is, what is true and what helps.
@Suite(.timeLimit(.minutes(3))) struct OutboxStandingTests {
    /// An act, and how its refusal begins.
    private static let acts = [
        ("retry", "is not parked"), ("skip", "is neither parked nor asking"), ("discard --yes", ""), ("edit", "can't be edited"),
        ("resolve --arrived x1", "asks for nothing"), ("resolve --not-sent", "is not in doubt"),
        ("resolve --mine", "is no edit conflict"), ("resolve --theirs", "is no edit conflict"),
    ]

    /// An intent of the fixture.
    struct Row: Sendable, CustomTestStringConvertible {
        var intent: String
        /// What is true of it.
        var truth: String
        /// What a refusal advises; `nil`: nothing.
        var hint: String?
        /// The acts that are done.
        var does: Set<String>
        /// Refusals that say something else.
        var otherwise: [String: String] = [:]

        var testDescription: String { "\(intent): \(truth)" }
    }

    private static let rows = [
        Row(
            intent: "i1", truth: "the service has it", does: [],
            otherwise: [
                "resolve --arrived x1": "it has arrived as 1700051225100, and not as what was named",
                "discard --yes": "has been sent; delete what it made instead",
            ]),
        Row(
            intent: "i31", truth: "it is parked (invalid)", hint: "tidemark outbox retry i31 --account me",
            does: ["retry", "skip", "discard --yes"],
            otherwise: ["resolve --arrived x1": "asks for nothing that could have arrived"]),
        Row(
            intent: "i32", truth: "it is queued, and has not left yet", hint: "It waits behind i31 (remove), which needs you.",
            does: ["discard --yes", "edit"]),
        Row(
            intent: "i34", truth: "it is parked (conflict)",
            hint: "tidemark outbox resolve i34 --mine --account me, or tidemark outbox resolve i34 --theirs --account me",
            does: ["retry", "skip", "discard --yes", "edit", "resolve --arrived x1", "resolve --mine", "resolve --theirs"]),
        Row(
            intent: "i35", truth: "it asks what became of it", hint: "tidemark outbox --state inDoubt --account me",
            does: ["skip", "discard --yes", "resolve --arrived x1", "resolve --not-sent"],
            otherwise: ["retry": "is in doubt: say what became of it before it is sent again"]),
        Row(
            intent: "i37", truth: "it is in doubt, and is looked for by the next sync", hint: "tidemark sync --account me",
            does: ["discard --yes", "resolve --arrived x1", "resolve --not-sent"]),
        Row(intent: "i38", truth: "it waits for i37", hint: "tidemark sync --account me", does: ["discard --yes"]),
        Row(
            intent: "i43", truth: "it waits for something before it", hint: "It waits for i42, which makes its conversation.",
            does: ["discard --yes", "edit"]),
        Row(
            intent: "i44", truth: "it is queued, to be sent again",
            hint: "The answer to its last attempt was lost; it can be repeated, and is.", does: ["discard --yes"]),
        Row(
            intent: "i48", truth: "the service has accepted it", does: [],
            otherwise: [
                "resolve --arrived x1": "it has arrived as 1700304181800, and not as what was named",
                "discard --yes": "has been sent; delete what it made instead",
            ]),
        Row(
            intent: "i70", truth: "a request with it is under way", hint: "Try again in a moment.", does: [],
            otherwise: ["discard --yes": "is on its way right now"]),
        Row(
            intent: "i41", truth: "it is over, and is not sent any more", hint: "Write it again if it is still wanted.",
            does: ["discard --yes"]),
    ]

    private func withOutbox(_ body: (Program) async throws -> Void) async throws {
        try await withProgram(account: false) { program in
            try program.fillFromFixture(isWritten: true)
            try await body(program)
        }
    }

    private func run(_ act: String, on intent: String, _ program: Program, _ more: String...) async throws -> Program.Ended {
        let words = act.split(separator: " ").map(String.init)
        let text = act == "edit" ? ["Another text"] : []
        return try await program.run(["outbox", words[0], intent] + words.dropFirst() + text + ["--account", "me"] + more)
    }

    @Test(arguments: rows) func `each act is done or says why not and what helps`(row: Row) async throws {
        // What is refused changes nothing, so all of that is tried on one store.
        try await withOutbox { program in
            let before = try await program.run("outbox", "--account", "me", "--json").output
            for (act, head) in Self.acts where !row.does.contains(act) {
                let told = try await run(act, on: row.intent, program)
                #expect(told.status == 1 && told.output.isEmpty, "\(act): \(told.status) \(told.output)")
                let failure = try await run(act, on: row.intent, program, "--json").failure()
                let message = try #require(failure["message"] as? String)
                #expect(failure["code"] as? String == "notAllowed", "\(act): \(message)")
                #expect(message.hasPrefix("Intent \(row.intent) ") && message.hasSuffix("."), "\(act): \(message)")
                let words = row.otherwise[act] ?? (act == "edit" ? head : "\(head): \(row.truth).")
                #expect(message.contains(words), "\(act): \(message)")
                #expect(failure["hint"] as? String == row.hint, "\(act): \(failure["hint"] ?? "")")
                // What a hint names can be done, or it would lead in a circle.
                if let hint = row.hint, hint.hasPrefix("tidemark outbox ") {
                    let open = row.does.contains { hint.contains($0.split(separator: " ")[0]) } || hint.contains("--state")
                    #expect(open, "\(hint)")
                }
            }
            let after = try await program.run("outbox", "--account", "me", "--json").output
            #expect(after == before)
        }
        for act in row.does.sorted() {
            try await withOutbox { program in
                let told = try await run(act, on: row.intent, program, "--json")
                #expect(told.status == 0, "\(act): \(told.errors)")
                #expect(try told.object()["intent"] as? String == row.intent, "\(act)")
            }
        }
    }

    @Test(arguments: [("i1", "1700051225100"), ("i27", "1700051225100"), ("i48", "1700304181800")])
    func `what has arrived already is said, and is no failure`(intent: String, remote: String) async throws {
        try await withOutbox { program in
            let told = try await run("resolve --arrived \(remote)", on: intent, program)
            #expect(told.status == 0 && told.output == "Intent \(intent) has arrived as \(remote) already.\n", "\(told.errors)")
            let json = try await run("resolve --arrived \(remote)", on: intent, program, "--json").object()
            #expect(["sent", "confirmed"].contains(json["state"] as? String))
        }
    }

    @Test func `an answer that is given twice is the same answer, and another one is refused`() async throws {
        try await withOutbox { program in
            for time in 1...2 {
                let told = try await run("resolve --arrived 1700304151100", on: "i35", program)
                #expect(told.status == 0 && told.output.contains("already") == (time == 2), "\(told.output) \(told.errors)")
            }
            let other = try await run("resolve --arrived 1700304151199", on: "i35", program)
            #expect(other.status == 1 && other.errors.contains("it has arrived as 1700304151100"), "\(other.errors)")
            for time in 1...2 {
                let told = try await run("resolve --not-sent", on: "i39", program)
                #expect(told.status == 0, "\(told.errors)")
                let words = "Intent i39 counts as not sent already: it is queued, to be sent again.\n"
                #expect(told.output == (time == 2 ? words : "Resolved i39 (queued).\n"))
            }
            #expect(try await run("resolve --arrived", on: "i35", program, "").status == 2)
        }
    }
}
