import Foundation
import Testing

/// Writing and looking without a network.
@Suite(.timeLimit(.minutes(2))) struct OfflineTests {
    @Test func `what is written offline is durable and listed, with the fields that scripts rely on`() async throws {
        try await withProgram { program in
            let created = try await program.run("create", "Trip", "--with", "8:acs:alice,name=Alice", "--json")
            #expect(created.status == 0, "\(created.errors)")
            #expect(try created.object()["conversation"] as? String == "c1")
            let sent = try await program.run("send", "c1", "On the train", "--json", "--token", "train-1")
            #expect(sent.status == 0)
            let object = try sent.object()
            #expect(object["message"] as? String == "m1")
            #expect(object["intent"] as? String == "i2")
            #expect(object["token"] as? String == "train-1")
            #expect(object["state"] as? String == "waiting")
            let timeline = try await program.run("timeline", "c1", "--json")
            #expect(try timeline.object()["text"] as? String == "On the train")
            let outbox = try await program.run("outbox", "--json").objects()
            #expect(outbox.compactMap { $0["verb"] as? String } == ["createConversation", "send"])
            let conversations = try await program.run("conversations", "--json").object()
            #expect(conversations["topic"] as? String == "Trip")
            #expect(conversations["pending"] as? Int == 2)
        }
    }

    @Test func `a message is there although the program was killed the moment it had answered`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "Trip")
            let process = try program.process(["send", "c1", "Before the crash", "--json"])
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = FileHandle.nullDevice
            try process.run()
            let answer = try await FirstLine.read(pipe)
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            #expect(answer.contains("\"message\":\"m1\""))
            let timeline = try await program.run("timeline", "c1", "--json")
            #expect(try timeline.object()["text"] as? String == "Before the crash")
        }
    }

    @Test func `looking leaves the store and its folder as they were`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "Trip")
            _ = try await program.run("send", "c1", "Hello")
            let before = try Data(contentsOf: URL(filePath: program.store))
            for command in [
                "conversations", "timeline c1", "message m1 --history", "participants c1", "receipts c1", "outbox",
                "doctor --offline", "account list",
            ] {
                let ended = try await program.run(command.split(separator: " ").map(String.init))
                #expect(ended.status == 0, "\(command): \(ended.errors)")
            }
            #expect(try Data(contentsOf: URL(filePath: program.store)) == before)
            #expect(!FileManager.default.fileExists(atPath: program.store + "-wal"))
        }
    }

    @Test func `the same token twice is one message, and another text under it is refused`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "Trip")
            let first = try await program.run("send", "c1", "Once", "--token", "t", "--json").object()
            let second = try await program.run("send", "c1", "Once", "--token", "t", "--json").object()
            #expect(first["intent"] as? String == second["intent"] as? String)
            let other = try await program.run("send", "c1", "Twice", "--token", "t", "--json")
            #expect(other.status == 1)
            #expect(try other.failure()["code"] as? String == "tokenReused")
        }
    }

    @Test func `a delete and an edit asked for again with their tokens say what became of them`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "Trip")
            _ = try await program.run("send", "c1", "Helo")
            let edit = ["edit", "m1", "Hello", "--token", "e", "--json"]
            let delete = ["delete", "m1", "--yes", "--token", "d", "--json"]
            let edited = try await program.run(edit).object()
            let deleted = try await program.run(delete).object()
            #expect(deleted["state"] as? String == "cancelled")
            // It never left, so that it is gone; who saw the program die asks again all the same.
            for (again, first) in [(delete, deleted), (edit, edited)] {
                let run = try await program.run(again)
                #expect(run.status == 0, "\(run.errors)")
                #expect(try run.object()["intent"] as? String == first["intent"] as? String)
            }
            let other = try await program.run("delete", "m1", "--yes", "--token", "other", "--json")
            #expect(try other.failure()["code"] as? String == "notFound")
        }
    }

    @Test func `an edit before the sync changes what waits, and a delete takes it back`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "Trip")
            _ = try await program.run("send", "c1", "Helo")
            #expect(try await program.run("edit", "m1", "Hello").status == 0)
            #expect(try await program.run("timeline", "c1", "--json").object()["text"] as? String == "Hello")
            #expect(try await program.run("outbox", "--json").lines.count == 2)
            #expect(try await program.run("delete", "m1", "--yes").status == 0)
            #expect(try await program.run("outbox", "--json").lines.count == 1)
        }
    }

    @Test func `a sync that reaches nothing soon ends with 75 and says what is unsent`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "Trip")
            _ = try await program.run("send", "c1", "Hello")
            let ended = try await program.run("sync", "--json")
            #expect(ended.status == 75)
            let report = try ended.object()
            #expect(report["pending"] as? Int == 2)
            #expect(try #require(report["seconds"] as? Double) < 15)
            #expect(try await program.run("sync").output.contains("2 still to send"))
        }
    }

    @Test func `deleting a conversation says how much of it was unsent`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "Trip")
            _ = try await program.run("send", "c1", "Hello")
            let deleted = try await program.run("delete-conversation", "c1", "--yes", "--json")
            #expect(deleted.status == 0)
            #expect(try deleted.object()["cancelled"] as? Int == 2)
        }
    }

    @Test func `text of others can't steer the terminal`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "T\u{1B}]0;title\u{7}rip")
            _ = try await program.run("send", "c1", "a \u{1B}[31mred \u{202E}trick\u{9B}2J")
            for command in [
                ["timeline", "c1"], ["conversations"], ["outbox"], ["message", "m1"], ["timeline", "c1", "--json"],
            ] {
                let shown = try await program.run(command).output
                let dangerous: Set<Unicode.Scalar> = ["\u{1B}", "\u{7}", "\u{202E}", "\u{9B}"]
                #expect(!shown.unicodeScalars.contains { dangerous.contains($0) }, "\(command)")
                #expect(shown.contains("trick") || command == ["conversations"] && shown.contains("rip"))
            }
        }
    }
}
