import Foundation
import Testing

/// The JSON fields that scripts rely on: those of the contract, each of the kind that it has always been. More may be added.
@Suite(.timeLimit(.minutes(2))) struct FieldTests {
    private static let message = [
        "id", "remoteID", "account", "conversation", "sender", "senderName", "kind", "text", "createdAt", "editedAt", "deletedAt",
        "version", "token", "state", "gapBefore",
    ]

    /// A command, and what each of its lines has. The store is the fixture.
    private static let lists: [(String, [String])] = [
        (
            "conversations",
            ["id", "remoteID", "account", "topic", "unread", "unreadAtLeast", "pending", "lastMessageAt", "deletedAt", "asOf"]
        ),
        ("timeline c1", message), ("search Killed", message), ("message m80", message), ("messages --limit 5", message),
        (
            "outbox",
            [
                "intent", "verb", "conversation", "message", "token", "state", "attempts", "nextAttemptAt", "reason", "actions",
                "candidates",
            ]
        ),
        ("participants c1", ["id", "displayName", "role", "shareHistoryTime"]),
        ("gaps", ["kind", "conversation", "repair"]), ("rejects", ["kind", "conversation", "at", "cause", "detail"]),
        ("explain i35", ["kind", "conversation", "message", "intent", "at", "cause"]),
        ("journal --limit 5", ["kind", "conversation", "intent", "at", "cause"]),
        ("verify", ["kind", "conversation", "message", "intent", "detail", "repair"]),
    ]

    @Test(arguments: lists) func `each line of a list has its fields`(line: String, fields: [String]) async throws {
        try await withProgram(account: false) { program in
            try program.fillFromFixture()
            let ended = try await program.run(line.split(separator: " ").map(String.init) + ["--account", "me", "--json"])
            // What `verify` finds needs a person.
            #expect(ended.status == (line == "verify" ? 3 : 0), "\(ended.errors)")
            let objects = try ended.objects()
            #expect(!objects.isEmpty, "\(line)")
            for object in objects {
                #expect(fields.allSatisfy { object[$0] != nil }, "\(line): \(fields.filter { object[$0] == nil })")
                try checkTimes(object, line)
            }
        }
    }

    /// RFC 3339, milliseconds, UTC.
    private func checkTimes(_ object: [String: any Sendable], _ line: String) throws {
        for (name, value) in object where name == "at" || name.hasSuffix("At") || name == "asOf" {
            guard let text = value as? String else {
                #expect(value is NSNull, "\(line): \(name)")
                continue
            }
            #expect(text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil, "\(line): \(name) \(text)")
        }
    }

    @Test func `what is written is told as one object with its intent`() async throws {
        try await withProgram(account: false) { program in
            try program.fillFromFixture(isWritten: true)
            for (line, hasMessage) in [
                ("create Trip", false), ("send c5 Hello", true), ("edit m78 Hello", true), ("delete m79 --yes", true),
                ("read c5", true), ("rename c5 Sea", false), ("participants c5 add bob", false),
                ("participants c5 remove bob", false), ("delete-conversation c5 --yes", false),
            ] {
                let ended = try await program.run(line.split(separator: " ").map(String.init) + ["--account", "me", "--json"])
                #expect(ended.status == 0 && ended.lines.count == 1, "\(line): \(ended.errors)")
                let object = try ended.object()
                for field in ["intent", "token", "conversation", "state"] {
                    #expect((object[field] as? String)?.isEmpty == false, "\(line): \(field)")
                }
                #expect((object["message"] as? String != nil) == hasMessage, "\(line)")
            }
        }
    }

    @Test func `a sync is told as one object, also one that reached nobody`() async throws {
        try await withProgram { program in
            #expect(try await program.run("create", "Trip").status == 0)
            let ended = try await program.run("sync", "--deadline", "0s", "--json")
            #expect(ended.status == 75 && ended.lines.count == 1, "\(ended.output) \(ended.errors)")
            let object = try ended.object()
            for field in [
                "sent", "received", "edited", "deleted", "parked", "inDoubt", "pending", "gaps", "conversations", "requests",
                "bytes", "seconds",
            ] {
                #expect(object[field] is NSNumber || object[field] is Int || object[field] is Double, "\(field)")
            }
        }
    }

    @Test(.enabled(if: SimulatorProcess.isBuilt())) func `receipts and what a comparison finds have their fields`() async throws {
        try await withProgram(account: false) { program in
            let simulator = try await SimulatorProcess.start(program)
            defer { simulator.stop() }
            var (me, bob) = (program, try Program())
            defer { bob.remove() }
            (me.token, bob.token) = (simulator.accounts[0].token, simulator.accounts[1].token)
            for person in [me, bob] { try await person.addAccount(endpoint: simulator.url) }
            for line in [
                ["create", "Trip", "--with", simulator.accounts[1].id], ["send", "c1", "Hello"], ["sync"],
            ] { #expect(try await me.run(line).status == 0) }
            for line in [["sync"], ["read", "c1"], ["send", "c1", "Where are you?", "--sync"]] {
                #expect(try await bob.run(line).status == 0)
            }
            try await checkComparison(me, "--dry-run", exits: 3, repaired: false)
            try await checkComparison(me, exits: 0, repaired: true)
            let receipts = try await me.run("receipts", "c1", "--json").objects()
            #expect(receipts.contains { $0["participant"] as? String == simulator.accounts[1].id })
            for receipt in receipts {
                #expect(["participant", "message", "readAt"].allSatisfy { receipt[$0] is String }, "\(receipt)")
                try checkTimes(receipt, "receipts")
            }
        }
    }

    /// A line each, then one that counts them.
    private func checkComparison(_ program: Program, _ options: String..., exits status: Int32, repaired: Bool) async throws {
        let ended = try await program.run(["reconcile", "c1", "--json"] + options)
        #expect(ended.status == status, "\(ended.errors)")
        let objects = try ended.objects()
        let findings = objects.dropLast()
        #expect(findings.contains { $0["kind"] as? String == "missing" }, "\(ended.output)")
        for finding in findings {
            for field in ["kind", "conversation", "message", "remoteID", "reason", "repaired"] {
                #expect(finding[field] != nil, "\(field): \(finding)")
            }
            #expect(finding["repaired"] as? Bool == repaired, "\(finding)")
        }
        let summary = try #require(objects.last)
        #expect(summary["kind"] as? String == "summary" && summary["findings"] as? Int == findings.count, "\(summary)")
        #expect(summary["repaired"] as? Int == (repaired ? findings.count : 0), "\(summary)")
    }
}
