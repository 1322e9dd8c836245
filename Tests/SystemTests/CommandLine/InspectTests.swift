import Foundation
import Testing

/// `tidemark inspect` as a process of its own, asked as a browser and as somebody else would.
@Suite(.timeLimit(.minutes(3))) struct InspectTests {
    private struct Inspector: Sendable {
        let port: Int
        /// `/TOKEN/`
        let root: String
        let process: Process

        func get(_ path: String, headers: [String]? = nil) async throws -> PlainHTTP.Answer {
            try await PlainHTTP.ask("GET", root + path, port: port, headers: headers)
        }
    }

    private func withInspector(
        filled: Bool = true, _ arguments: String..., body: (Program, Inspector) async throws -> Void
    ) async throws {
        try await withProgram(account: !filled) { program in
            if filled { try program.fillFromFixture() }
            let process = try program.process(["inspect", "--json"] + arguments)
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = FileHandle.nullDevice
            try process.run()
            defer { process.terminate() }
            let line = try await FirstLine.read(pipe)
            let said = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let url = try #require((said["url"] as? String).flatMap { URL(string: $0) })
            let port = try #require(said["port"] as? Int)
            #expect(url.host() == "127.0.0.1" && url.port == port)
            #expect(url.path().count > 32)
            try await body(program, Inspector(port: port, root: url.path(), process: process))
        }
    }

    @Test func `only GET with the token, under this machine's names and from its own page, is answered`() async throws {
        try await withInspector { _, inspector in
            let host = "Host: 127.0.0.1:\(inspector.port)"
            let page = try await inspector.get("")
            #expect(page.status == 200)
            #expect(page.body.contains("<title>Tidemark</title>"))
            #expect(try await inspector.get("", headers: ["Host: localhost:\(inspector.port)"]).status == 200)
            #expect(try await inspector.get("api/store", headers: [host, "Sec-Fetch-Site: same-origin"]).status == 200)

            let wrong = "/" + String(repeating: "0", count: 48) + "/"
            for path in ["/", wrong, wrong + "api/store", String(inspector.root.dropLast()), "/favicon.ico"] {
                #expect(try await PlainHTTP.ask("GET", path, port: inspector.port).status == 404, "\(path)")
            }
            #expect(try await inspector.get("../../etc/passwd").status == 404)
            #expect(try await inspector.get("api/unknown").status == 404)
            for headers in [
                ["Host: evil.example:\(inspector.port)"], ["Host: 127.0.0.1"], ["Host: 127.0.0.1.evil.example:\(inspector.port)"],
                [host, "Origin: http://evil.example"], [host, "Sec-Fetch-Site: cross-site"], [host, "Sec-Fetch-Site: same-site"],
            ] {
                let answer = try await inspector.get("api/store", headers: headers)
                #expect(answer.status == 403, "\(headers)")
                #expect(answer.body.isEmpty)
            }
            for method in ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"] {
                let answer = try await PlainHTTP.ask(method, inspector.root + "api/store", port: inspector.port)
                #expect(answer.status == 405, "\(method)")
            }
        }
    }

    @Test func `the page may load nothing from elsewhere and reads what others wrote as text only`() async throws {
        try await withInspector { _, inspector in
            for path in ["", "page.js", "parts.js", "page.css", "icon.svg", "api/store"] {
                let answer = try await inspector.get(path)
                #expect(answer.status == 200, "\(path)")
                let head = answer.head.lowercased()
                #expect(head.contains("content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'"))
                #expect(head.contains("referrer-policy: no-referrer") && head.contains("cache-control: no-store"))
                #expect(!head.contains("access-control"))
                #expect(!head.contains("unsafe-inline"))
                for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "DOMParser", "https://"] {
                    #expect(!answer.body.contains(way), "\(way) in \(path)")
                }
            }
        }
    }

    @Test func `what is in doubt, parked and missing is told with what to do about it`() async throws {
        try await withInspector { program, inspector in
            let before = try Data(contentsOf: URL(filePath: program.store))
            let store = try await inspector.get("api/store").object()
            let accounts = try #require(store["accounts"] as? [[String: Any]])
            #expect(accounts.compactMap { $0["name"] as? String } == ["me", "work", "room"])
            #expect(accounts.first?["leaseHolder"] is NSNull)

            let overview = try await inspector.get("api/overview?account=me").object()
            let lanes = try #require(overview["lanes"] as? [[String: Any]])
            let intents = lanes.flatMap { $0["intents"] as? [[String: Any]] ?? [] }
            for state in ["inDoubt", "parked", "queued", "sent", "transmitting", "waiting"] {
                let isThere = intents.contains { $0["state"] as? String == state }
                #expect(isThere, "\(state)")
            }
            let asking = try #require(intents.first { $0["asks"] as? Bool == true })
            let commands = (asking["commands"] as? [[String: Any]] ?? []).compactMap { $0["command"] as? String }
            #expect(commands.contains("tidemark outbox resolve i35 --not-sent --account me"))
            #expect(commands.contains { $0.contains("--arrived") })
            let parked = try #require(intents.first { $0["state"] as? String == "parked" })
            #expect(parked["words"] as? String == "not the owner")

            let timeline = try await inspector.get("api/timeline?account=me&conversation=c1").object()
            let band = try #require(timeline["band"] as? [[String: Any]])
            #expect(band.compactMap { $0["kind"] as? String } == ["proved", "between", "proved", "end"])
            let entries = try #require(timeline["entries"] as? [[String: Any]])
            #expect(entries.contains { $0["gapBefore"] as? Bool == true })
            #expect(entries.contains { $0["deletedAt"] is String && ($0["lines"] as? [String]) == ["(deleted)"] })

            let one = try await inspector.get("api/message?account=me&message=m206").object()
            #expect((one["where"] as? String)?.contains("may have arrived") == true)
            #expect(one["tone"] as? String == "asking")
            let journal = try #require(one["journal"] as? [[String: Any]])
            #expect(journal.compactMap { $0["kind"] as? String } == ["accepted", "transmitting", "failed", "inDoubt", "asks"])
            let held = try await inspector.get("api/message?account=me&message=m204").object()
            #expect(held["notes"] as? [String] == ["It waits behind i31 (remove), which needs you."])
            #expect(try Data(contentsOf: URL(filePath: program.store)) == before)
        }
    }

    @Test func `a message is found by whatever of it is known, and what is none is said`() async throws {
        try await withInspector("--account", "me") { _, inspector in
            let message = try await inspector.get("api/message?message=m206").object()
            let token = try #require((message["entry"] as? [String: Any])?["token"] as? String)
            for id in ["m206", "c10/m206", "i35", token, String(token.prefix(12))] {
                let found = try await inspector.get("api/find?id=\(id)").object()
                #expect(found["message"] as? String == "m206", "\(id)")
                #expect(found["conversation"] as? String == "c10", "\(id)")
            }
            #expect(try await inspector.get("api/find?id=c10").object()["message"] is NSNull)
            let unknown = try await inspector.get("api/find?id=nothing")
            #expect(unknown.status == 404)
            #expect(try unknown.object()["code"] as? String == "notFound")
            #expect(try await inspector.get("api/timeline?conversation=c999").status == 404)
            #expect(try await inspector.get("api/timeline?conversation=c1&limit=-9").status == 200)
            #expect(try await inspector.get("api/find?id=%FF%00").status == 400)
            // The account that was named is the only one, whatever the page asks.
            let other = try await inspector.get("api/overview?account=work").object()
            #expect(other["unsent"] as? Int == 36)
        }
    }

    @Test func `what another process writes is told at once`() async throws {
        try await withInspector(filled: false) { program, inspector in
            _ = try await program.run("create", "Trip")
            let stream = try PlainHTTP(port: inspector.port)
            try stream.send(
                "GET \(inspector.root)changes?conversation=c1 HTTP/1.1\r\nHost: 127.0.0.1:\(inspector.port)\r\n\r\n")
            let first = try await stream.read { $0.contains("event: timeline") && $0.contains("event: overview") }
            #expect(first.lowercased().contains("content-type: text/event-stream"))
            #expect(try await program.run("send", "c1", "<b>Hello</b>").status == 0)
            let next = try await stream.read { $0.contains("event: timeline") }
            #expect(next.contains("event: timeline"))
            #expect(!next.contains("Hello"))
            let timeline = try await inspector.get("api/timeline?conversation=c1").object()
            let entry = try #require((timeline["entries"] as? [[String: Any]])?.first)
            #expect(entry["lines"] as? [String] == ["<b>Hello</b>"])
            #expect(entry["state"] as? String == "waiting")
        }
    }

    @Test func `Ctrl-C ends it with 130, also while a page is open`() async throws {
        try await withInspector { _, inspector in
            let stream = try PlainHTTP(port: inspector.port)
            try stream.send("GET \(inspector.root)changes?account=me HTTP/1.1\r\nHost: 127.0.0.1:\(inspector.port)\r\n\r\n")
            _ = try await stream.read { $0.contains("event: overview") }
            inspector.process.interrupt()
            inspector.process.waitUntilExit()
            #expect(inspector.process.terminationStatus == 130)
        }
    }

    @Test func `a port that is taken and an account that is none are said`() async throws {
        try await withInspector { program, inspector in
            let taken = try await program.run("inspect", "--port", "\(inspector.port)", "--json")
            #expect(taken.status == 1)
            #expect(try taken.failure()["code"] as? String == "port")
            #expect(try await program.run("inspect", "--account", "nobody").status == 1)
            #expect(try await program.run("inspect", "--port", "70000").status == 2)
        }
    }
}
