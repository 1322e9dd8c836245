import Foundation
import Testing

/// What a person does about intents that stand still, ask, or have not left: what is said, what is kept, and the same again.
@Suite(.timeLimit(.minutes(3))) struct OutboxActsTests {
    /// i31 remove, parked · i32 send behind it · i33 send, parked · i34 edit, a conflict · i35 send, asks · i36 send behind it ·
    /// i37 and i39 sends in doubt · i38 delete of i37's message, waits for it.
    private func withOutbox(_ body: (Program) async throws -> Void) async throws {
        try await withProgram(account: false) { program in
            try program.fillFromFixture(isWritten: true)
            try await body(program)
        }
    }

    private func run(_ line: String, _ program: Program) async throws -> Program.Ended {
        try await program.run(line.split(separator: " ").map(String.init) + ["--account", "me"])
    }

    /// How an intent stands in the outbox; `nil` once it is in there no more.
    private func entry(_ intent: String, _ program: Program) async throws -> [String: any Sendable]? {
        try await run("outbox --json", program).objects().first { $0["intent"] as? String == intent }
    }

    private func state(_ intent: String, _ program: Program) async throws -> String? {
        try await entry(intent, program)?["state"] as? String
    }

    /// It says no with a sentence, and nothing of it happens.
    private func expectRefusal(_ line: String, _ program: Program, saying words: String) async throws {
        let before = try await run("outbox --json", program).output
        let told = try await run(line, program)
        #expect(told.status == 1 && told.output.isEmpty, "\(line): \(told.status) \(told.output)")
        #expect(told.errors.hasPrefix("error: Intent ") && told.errors.contains(words), "\(line): \(told.errors)")
        let failure = try await run(line + " --json", program).failure()
        #expect(failure["code"] as? String == "notAllowed", "\(line)")
        #expect((failure["message"] as? String)?.contains(words) == true, "\(line)")
        let after = try await run("outbox --json", program).output
        #expect(after == before, "\(line)")
    }

    @Test func `a retry queues what is parked, once, and says of the rest why not`() async throws {
        try await withOutbox { program in
            let told = try await run("outbox retry i33", program)
            #expect(told.status == 0, "\(told.errors)")
            #expect(told.output == "Queued again: i33 (queued).\n")
            let queued = try #require(try await entry("i33", program))
            #expect(queued["state"] as? String == "queued")
            #expect(queued["reason"] is NSNull && queued["actions"] as? [String] == ["edit", "discard"])
            try await expectRefusal("outbox retry i33", program, saying: "is not parked")
            try await expectRefusal("outbox retry i35", program, saying: "in doubt: say what became of it")
            try await expectRefusal("outbox retry i37", program, saying: "is not parked")
            // A conflict is not tried again but decided.
            let all = try await run("outbox retry --all --json", program).objects()
            #expect(all.map { $0["intent"] as? String } == ["i31"])
            #expect(all.map { $0["state"] as? String } == ["queued"])
            #expect(try await run("outbox retry --all", program).output == "There is nothing that this can be done to.\n")
            let none = try await run("outbox retry --all --json", program)
            #expect(none.status == 0 && none.output.isEmpty)
            #expect(try await run("explain i31", program).output.contains("retried by the user"))
        }
    }

    @Test func `a skip keeps the intent listed, also twice, and what waits for nobody can't be skipped`() async throws {
        try await withOutbox { program in
            for _ in 1...2 {
                #expect(try await run("outbox skip i31", program).output == "Skipped i31 (parked).\n")
                let skipped = try #require(try await entry("i31", program))
                #expect(skipped["isSkipped"] as? Bool == true && skipped["state"] as? String == "parked")
                #expect(skipped["actions"] as? [String] == ["retry", "discard"])
            }
            let asking = try await run("outbox skip i35 --json", program).object()
            #expect(asking["state"] as? String == "inDoubt" && asking["isSkipped"] as? Bool == true)
            // It still asks.
            #expect(try await run("outbox --state inDoubt", program).output.contains("outbox resolve i35 --not-sent"))
            try await expectRefusal("outbox skip i32", program, saying: "neither parked nor asking")
            // What is skipped already is not counted again.
            let rest = try await run("outbox skip --all --json", program).objects()
            #expect(rest.map { $0["intent"] as? String } == ["i33"])
            #expect(try await run("outbox skip --all", program).output == "There is nothing that this can be done to.\n")
            #expect(try await run("outbox retry i31", program).status == 0)
            #expect(try await entry("i31", program)?["isSkipped"] as? Bool == false)
        }
    }

    @Test func `a send in doubt that has arrived is bound to what was named, and leaves the outbox`() async throws {
        try await withOutbox { program in
            let asking = try #require(try await entry("i35", program))
            #expect(asking["asks"] as? Bool == true)
            let candidates = try #require(asking["candidates"] as? [[String: any Sendable]])
            #expect(candidates.map { $0["remoteID"] as? String } == ["1700304151100"])
            // Somebody else's message can't be it.
            let theirs = try await run("message m36 --json", program).object()
            let remote = try #require(theirs["remoteID"] as? String)
            try await expectRefusal("outbox resolve i35 --arrived \(remote)", program, saying: "somebody else's")
            let resolved = try await run("outbox resolve i35 --arrived 1700304151100 --json", program)
            #expect(resolved.status == 0, "\(resolved.errors)")
            #expect(try resolved.object()["state"] as? String == "confirmed")
            #expect(try await entry("i35", program) == nil)
            let message = try await run("message m206 --json", program).object()
            #expect(message["remoteID"] as? String == "1700304151100")
            try await expectRefusal("outbox resolve i35 --arrived 1700304151101", program, saying: "asks for nothing")
        }
    }

    @Test func `a send in doubt that has not arrived is sent under its own token`() async throws {
        try await withOutbox { program in
            let token = try #require(try await entry("i35", program)?["token"] as? String)
            let told = try await run("outbox resolve \(token) --not-sent", program)
            #expect(told.output == "Resolved i35 (queued).\n", "\(told.errors)")
            let queued = try #require(try await entry("i35", program))
            #expect(queued["state"] as? String == "queued" && queued["asks"] as? Bool == false)
            #expect(queued["token"] as? String == token && queued["text"] as? String == "did it arrive?")
            try await expectRefusal("outbox resolve i36 --not-sent", program, saying: "is not in doubt")
            // Also while it is still being looked up: whoever knows, says so.
            #expect(try await run("outbox resolve i39 --not-sent", program).output == "Resolved i39 (queued).\n")
        }
    }

    @Test(arguments: [("--mine", "queued", "ours"), ("--theirs", "cancelled", "theirs")])
    func `a conflict keeps the text that was chosen`(choice: String, state: String, text: String) async throws {
        try await withOutbox { program in
            let told = try await run("outbox resolve i34 \(choice)", program)
            #expect(told.output == "Resolved i34 (\(state)).\n", "\(told.errors)")
            #expect(try await self.state("i34", program) == (state == "queued" ? state : nil))
            #expect(try await run("message m80 --json", program).object()["text"] as? String == text)
            try await expectRefusal("outbox resolve i34 \(choice)", program, saying: "is no edit conflict")
            try await expectRefusal("outbox resolve i33 \(choice)", program, saying: "is no edit conflict")
        }
    }

    @Test func `what has not left is taken back, also when it waits, is parked or asks, and twice is once`() async throws {
        try await withOutbox { program in
            for intent in ["i32", "i33", "i35", "i38"] {
                let line = "outbox discard \(intent)"
                let unasked = try await run(line, program)
                #expect(unasked.status == 2 && unasked.errors.contains("--yes"))
                #expect(try await entry(intent, program) != nil)
                for _ in 1...2 {
                    let told = try await run(line + " --yes", program)
                    #expect(told.output == "Discarded \(intent) (cancelled).\n", "\(told.errors)")
                }
                #expect(try await entry(intent, program) == nil)
                #expect(try await run("explain \(intent)", program).output.contains("cancelledByUser"))
            }
            #expect(try await run("message m204", program).status == 1)
            try await expectRefusal("outbox retry i33", program, saying: "is not parked")
        }
    }

    @Test func `what is too large is sent with another text in its place`() async throws {
        try await withOutbox { program in
            let old = try #require(try await entry("i33", program)?["token"] as? String)
            #expect(try await run("outbox edit i33 shorter", program).output == "Edited i33 (queued).\n")
            let changed = try #require(try await entry("i33", program))
            #expect(changed["text"] as? String == "shorter" && changed["state"] as? String == "queued")
            // It is another message now: what may have left under the old token must not be taken for it.
            #expect(changed["token"] as? String != old)
            #expect(try await run("message m205 --json", program).object()["text"] as? String == "shorter")
            try await expectRefusal("outbox edit i31 text", program, saying: "can't be edited")
            try await expectRefusal("outbox edit i35 text", program, saying: "can't be edited")
        }
    }

    @Test func `one that is not there, or two answers, change nothing`() async throws {
        try await withOutbox { program in
            for verb in ["retry", "skip", "discard --yes", "edit", "resolve --mine"] {
                let words = verb.split(separator: " ", maxSplits: 1)
                let line = "outbox \(words[0]) i999 \(words[0] == "edit" ? "text" : "") \(words.dropFirst().joined())"
                let told = try await run(line + " --json", program)
                #expect(told.status == 1, "\(line)")
                #expect(try told.failure()["code"] as? String == "notFound", "\(line)")
            }
            for line in [
                "outbox resolve i35", "outbox resolve i35 --mine --theirs", "outbox resolve i35 --not-sent --arrived 1",
                "outbox retry", "outbox retry --all i33",
            ] {
                #expect(try await run(line, program).status == 2, "\(line)")
            }
            // Of several, one is not there: nothing is done to the others.
            #expect(try await run("outbox retry i33 i999", program).status == 1)
            #expect(try await state("i33", program) == "parked")
        }
    }

    @Test func `what waits behind another says behind which, until that is answered`() async throws {
        try await withOutbox { program in
            let held = try await run("outbox", program).output
            for words in [
                "It waits behind i31 (remove), which needs you.", "It waits behind i35 (send), which needs you.",
                "It waits for i37.", "It waits for i42, which makes its conversation.",
            ] {
                #expect(held.contains(words), "\(words)\n\(held)")
            }
            #expect(try await run("outbox skip i31", program).status == 0)
            #expect(try await run("outbox discard i35 --yes", program).status == 0)
            let free = try await run("outbox", program).output
            #expect(!free.contains("behind i31") && !free.contains("behind i35"), "\(free)")
            #expect(try await run("explain i38", program).output.contains("It waits for i37."))
        }
    }

    @Test func `a message is found by its token and by its intent`() async throws {
        try await withOutbox { program in
            let token = try #require(try await entry("i33", program)?["token"] as? String)
            for name in [token, "i33", "m205"] {
                #expect(try await run("message \(name) --json", program).object()["id"] as? String == "m205", "\(name)")
            }
            // Half a token may be the beginning of anything.
            #expect(try await run("message \(token.prefix(6))", program).status == 1)
            #expect(try await run("message i31", program).status == 1)
        }
    }
}
