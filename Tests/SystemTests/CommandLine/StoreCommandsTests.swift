import Foundation
import Testing

/// Asking a store and taking care of it, as a person and a script do.
@Suite(.timeLimit(.minutes(3))) struct StoreCommandsTests {
    private static let fixture = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/exports/trip.jsonl").path

    private func withImported(_ body: (Program) async throws -> Void) async throws {
        try await withProgram(account: false) { program in
            let imported = try await program.run("import", Self.fixture, "--json")
            try #require(imported.status == 0, "\(imported.errors)")
            #expect(try imported.object()["added"] as? Int == 10)
            try await body(program)
        }
    }

    @Test func `an import makes the store, and what is exported again is the same`() async throws {
        try await withImported { program in
            let exported = try await program.run("export")
            let original = try String(contentsOfFile: Self.fixture, encoding: .utf8)
            // The first line says when it was exported.
            #expect(exported.lines.dropFirst() == original.split(separator: "\n").map(String.init).dropFirst())
            let again = try await program.run("import", Self.fixture)
            #expect(
                again.output == """
                    me: 1 conversation, 0 messages added, 0 changed, 10 known
                    Nothing of it proves that history is complete; a sync does.

                    """)
        }
    }

    @Test func `a bad line is named, and the store is as it was`() async throws {
        try await withImported { program in
            let before = try await program.run("messages", "--json").output
            let bad = program.folder.appending(path: "bad.jsonl")
            try (try String(contentsOfFile: Self.fixture, encoding: .utf8) + "{\"type\":\"message\"}\n")
                .write(to: bad, atomically: true, encoding: .utf8)
            let ended = try await program.run("import", bad.path, "--json")
            #expect(ended.status == 1)
            #expect(try ended.failure()["code"] as? String == "badLine")
            #expect(try (ended.failure()["message"] as? String)?.hasPrefix("Line 16 ") == true)
            #expect(try await program.run("messages", "--json").output == before)
        }
    }

    @Test func `a page for people is written to a file that is whole or not there`() async throws {
        try await withImported { program in
            let page = program.folder.appending(path: "trip.html")
            let ended = try await program.run("export", "--format", "html", "--conversation", "c1", "--output", page.path)
            #expect(ended.lines == ["\(page.path): 10 messages in 1 conversation"])
            let text = try String(contentsOf: page, encoding: .utf8)
            #expect(text.contains("Message 5 of this history"))
            #expect(text.contains("times in UTC"))
            let refused = try await program.run("export", "--output", program.store)
            #expect(refused.status == 2)
            let nowhere = try await program.run("export", "--output", program.folder.path + "/none/x.html")
            #expect(nowhere.status == 1)
        }
    }

    @Test func `a search prints where, when, who and the words in 80 columns`() async throws {
        try await withImported { program in
            let found = try await program.run("search", "edited", "mess*")
            #expect(found.status == 0)
            #expect(found.lines.count == 4)
            #expect(found.lines.allSatisfy { $0.count <= 80 })
            #expect(found.output.contains("    [Message] 6, [edited]"))
            #expect(found.output.contains("Carol  in Conversation 1"))
            let json = try await program.run("search", "\"message 8\"", "--json").objects()
            #expect(json.map { $0["text"] as? String } == ["Message 8 of this history"])
            #expect(try await program.run("search", "nothing-like-it").lines == ["Nothing was found."])
            #expect(try await program.run("search", "AND", "(").status == 0)
            #expect(try await program.run("search", "").status == 2)
        }
    }

    @Test func `messages are listed by sender and time`() async throws {
        try await withImported { program in
            let all = try await program.run("messages", "--json").objects()
            #expect(all.count == 10)
            let sender = try #require(all.first { $0["senderName"] as? String == "Bob" }?["sender"] as? String)
            #expect(try await program.run("messages", "--sender", sender, "--json").lines.count == 1)
            #expect(try await program.run("messages", "--to", "2020-01-01").lines == ["Nothing was found."])
            #expect(try await program.run("messages").lines.allSatisfy { $0.count <= 80 })
        }
    }

    @Test func `old messages are forgotten after a yes, and the gap says so`() async throws {
        try await withImported { program in
            #expect(try await program.run("prune", "--older-than", "0s").status == 2)
            let pruned = try await program.run("prune", "--older-than", "0s", "--yes", "--json")
            #expect(pruned.status == 0, "\(pruned.errors)")
            // Two are tombstones.
            #expect(try pruned.object()["messages"] as? Int == 8)
            #expect(try await program.run("messages", "--json").lines.count == 2)
            #expect(try await program.run("gaps", "--json").object()["conversation"] as? String == "c1")
            #expect(try await program.run("verify").status == 0)
        }
    }

    @Test func `a backup can be looked at and a migration says what it did`() async throws {
        try await withImported { program in
            let copy = program.folder.appending(path: "copy.sqlite").path
            #expect(try await program.run("backup", copy).lines == ["Copied the store to \(copy)."])
            #expect(try await program.run("backup", copy).status == 1)
            #expect(try await program.run("timeline", "c1", "--store", copy, "--json").lines.count == 10)
            let migrated = try await program.run("migrate", "--json").object()
            #expect(migrated["from"] as? Int == migrated["to"] as? Int)
        }
    }

    @Test func `a wipe tells what is unsent first and leaves no trace`() async throws {
        try await withImported { program in
            _ = try await program.run("send", "c1", "flotsam")
            let refused = try await program.run("wipe", "--yes")
            #expect(refused.status == 1)
            #expect(refused.lines == ["unsent: me i1 send in c1"])
            #expect(try await program.run("messages", "--json").lines.count == 11)
            let wiped = try await program.run("wipe", "--yes", "--discard-unsent")
            #expect(wiped.status == 0, "\(wiped.errors)")
            for name in try FileManager.default.contentsOfDirectory(atPath: program.folder.path)
            where name.hasPrefix("chat.sqlite") {
                let bytes = try Data(contentsOf: program.folder.appending(path: name))
                for word in ["flotsam", "of this history"] {
                    #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word) in \(name)")
                }
            }
        }
    }

    @Test func `what happened is told by journal and explain`() async throws {
        try await withImported { program in
            _ = try await program.run("send", "c1", "flotsam", "--token", "flotsam-1")
            for command in [["journal"], ["explain", "m11"], ["explain", "i1"], ["explain", "flotsam-1"]] {
                let ended = try await program.run(command)
                #expect(ended.status == 0, "\(command) \(ended.errors)")
                #expect(ended.output.contains("accepted"))
                #expect(ended.lines.allSatisfy { $0.count <= 80 })
                let object = try #require(try await program.run(command + ["--json"]).objects().last)
                #expect(object["kind"] as? String == "accepted")
                #expect(object["cause"] as? String == "send")
            }
            #expect(try await program.run("explain", "m99").status == 1)
            #expect(try await program.run("rejects").lines == ["Everything could be read."])
        }
    }
}
