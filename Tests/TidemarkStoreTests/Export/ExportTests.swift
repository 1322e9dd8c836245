import Foundation
import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// Out of one store and into another.
struct ExportTests {
    let fixture: ViewFixture
    let trip: ConversationID
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        fixture = try ViewFixture()
        trip = try fixture.conversation()
        try fixture.message(trip, at: 10, "one")
        try fixture.message(trip, at: 20, "two, \"quoted\"\n\u{2028}🌊\0 and more", isOwn: true) {
            ($0.token, $0.tokenVersion, $0.version, $0.editedAt) = ("t-20", 25, 25, 25)
            $0.metadata = #"{"colour":"blue"}"#
        }
        try fixture.message(trip, at: 30, "") { ($0.text, $0.deletedAt, $0.deletedBy) = ("", 31, "observed") }
        try fixture.message(trip, at: 40) { ($0.kind, $0.text, $0.topic) = ("topicUpdated", nil, "Trip 2") }
        try fixture.message(trip, at: 50, "") { ($0.text, $0.deletedAt, $0.deletedBy) = ("", 51, "absence") }
        try fixture.run(
            "INSERT INTO participant (conversation, participant, displayName) VALUES (1, '8:ann', 'Ann' || char(0) || 'e')")
        try fixture.run("UPDATE conversation SET localHorizon = 10")
        try fixture.store.write(.normal) { try Unread.recount(trip.number, $0) }
    }

    private func exported(_ account: AccountView? = nil, of conversation: ConversationID? = nil) throws -> String {
        var text = ""
        _ = try (account ?? fixture.account).export(.jsonLines, of: conversation, at: Timestamp(milliseconds: 1)) { text += $0 }
        return text
    }

    private func take(_ text: String, into store: MessageStore, account: AccountName? = nil) throws -> ImportReport {
        let path = folder.path("export.jsonl")
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return try store.importConversations(from: path, into: account, at: Timestamp(milliseconds: 2))
    }

    @Test func `what is exported and imported has the same content and the same text again`() throws {
        let text = try exported()
        let other = try MessageStore.inMemory()
        let report = try take(text, into: other)
        #expect(report == ImportReport(account: "me", conversations: 1, added: 5))
        let here = try other.contentHash(conversation: ConversationID(1))
        #expect(try here == fixture.store.contentHash(conversation: trip))
        #expect(try exported(other.account()) == text)
        #expect(try other.verify(at: Timestamp(milliseconds: 3)).findings.isEmpty)
        #expect(
            try other.account().conversation(ConversationID(1)).get().unread == fixture.account.conversation(trip).get().unread)
    }

    @Test func `importing twice, or what is there already, changes nothing`() throws {
        let text = try exported()
        let before = try fixture.store.dump(of: fixture.account)
        let report = try take(text, into: fixture.store)
        #expect((report.known, report.added, report.changed, report.unsent) == (5, 0, 0, 0))
        #expect(try fixture.store.dump(of: fixture.account) == before)
    }

    // MARK: What was said before

    private func edited() throws -> (world: OutboxWorld, trip: ConversationID) {
        var world = try OutboxWorld()
        let trip = try world.conversation()
        for (place, text, version) in [(10, "old", 10), (10, "older\0", 20), (10, "newest", 40), (20, "alone", 20)]
            as [(Int64, String, Int64)]
        {
            _ = try world.seeNow(.own(place, text, version: version, sender: OutboxWorld.other), in: trip)
        }
        _ = try world.seeNow(.own(30, "said", sender: OutboxWorld.other), in: trip)
        _ = try world.seeNow(.own(30, version: 31, deleted: true, sender: OutboxWorld.other), in: trip)
        return (world, trip)
    }

    private func revisions(_ store: MessageStore) throws -> [[String]] {
        try store.account().timeline(of: ConversationID(1)).get().entries.map { entry in
            try store.account().message(entry.id).get().revisions.map(\.text)
        }
    }

    @Test func `what messages said before comes along and counts for the content`() throws {
        let (world, trip) = try edited()
        let text = try exported(world.store.account())
        #expect(!text.contains("said"), "Of what was deleted nothing leaves.")
        let other = try MessageStore.inMemory()
        #expect(try take(text, into: other).added == 3)
        #expect(try revisions(other) == [["old", "older\0"], [], []])
        let here = try other.contentHash(conversation: ConversationID(1), withRevisions: true)
        #expect(try here == world.store.contentHash(conversation: trip, withRevisions: true))
        #expect(try here != world.store.contentHash(conversation: trip))
        #expect(try exported(other.account()) == text)
        let again = try take(text, into: other)
        #expect((again.known, again.changed, again.added) == (3, 0, 0))
        #expect(try exported(other.account()) == text)
        #expect(try other.account().search("older").get().isEmpty)
    }

    @Test func `an export of before there were any still comes in, and what it says is an older version`() throws {
        let (world, trip) = try edited()
        // An export of messages without any is what one of then was.
        var before = try OutboxWorld()
        let there = try before.conversation()
        _ = try before.seeNow(.own(10, "between", version: 30, sender: OutboxWorld.other), in: there)
        _ = try before.seeNow(.own(30, "said", sender: OutboxWorld.other), in: there)
        let old = try exported(before.store.account())
        try #require(!old.contains("revisions"))
        let report = try take(old, into: world.store)
        #expect((report.changed, report.known, report.added) == (1, 1, 0))
        #expect(try revisions(world.store) == [["old", "older\0", "between"], [], []])
        #expect(try world.store.account().timeline(of: trip).get().entries.map(\.text) == ["newest", "alone", nil])
        #expect(try take(old, into: world.store).known == 2)
        let alone = try MessageStore.inMemory()
        #expect(try take(old, into: alone).added == 2)
        #expect(try revisions(alone) == [[], []])
    }

    // MARK: Files and answers

    private let files = [
        RemoteAttachment(file: "f-1", name: "sea.jpg", size: 12, contentType: "image/jpeg", thumbnail: "f-1-small"),
        RemoteAttachment(file: "f-2"),
    ]

    private func change(_ message: MessageID, _ body: (inout MessageRow) -> Void) throws {
        try fixture.store.write(.normal) { db in
            var row = try #require(try MessageRow.fetchOne(db, id: message.number))
            body(&row)
            try row.update(db)
            try AttachmentList.apply(row, db)
        }
    }

    private func shown(_ account: AccountView) throws -> [[String?]] {
        try account.timeline(of: ConversationID(1)).get().entries.map { entry in
            [entry.text, entry.replyTo?.description, entry.remoteReplyTo?.rawValue]
                + entry.attachments.map { "\($0.name ?? "-") \($0.file?.rawValue ?? "-") \($0.size ?? -1) \($0.state)" }
        }
    }

    @Test func `files and answers of what the service showed come along`() throws {
        let answer = try fixture.message(trip, at: 60, "with files") { $0.replyTo = "10" }
        try change(answer) { $0.attachments = AttachmentList.json(files) }
        try fixture.message(trip, at: 70, "to what is not here") { $0.replyTo = "99" }
        let text = try exported()
        let other = try MessageStore.inMemory()
        #expect(try take(text, into: other).added == 7)
        let here = try other.contentHash(conversation: ConversationID(1))
        #expect(try here == fixture.store.contentHash(conversation: trip))
        #expect(try exported(other.account()) == text)
        #expect(try shown(other.account()) == shown(fixture.account))
        #expect(try shown(other.account())[5][1] == "m1")
        #expect(try shown(other.account())[5].count == 5)
        #expect(try take(text, into: other).known == 7)
        #expect(try other.verify(at: Timestamp(milliseconds: 3)).findings.isEmpty)
    }

    @Test func `files of an own message that no listing told of come along as such`() throws {
        let own = try fixture.message(trip, at: 60, "own", isOwn: true)
        try change(own) { ($0.attachments, $0.replyToLocal) = (AttachmentList.unsaid, 1) }
        try fixture.run(
            "INSERT INTO attachment (message, position, remoteID, name, size) VALUES (?, 1, 'f-9', 'mine.png', 7)", [own.number])
        let text = try exported()
        let other = try MessageStore.inMemory()
        _ = try take(text, into: other)
        let here = try other.contentHash(conversation: ConversationID(1))
        #expect(try here == fixture.store.contentHash(conversation: trip))
        #expect(try exported(other.account()) == text)
        #expect(try shown(other.account()).last == ["own", "m1", nil, "mine.png f-9 7 uploaded"])
    }

    @Test func `unsent files are listed as what is missing, and an answer to the unsent stays one`() throws {
        let first = try fixture.unsent(trip, "with files", token: "first")
        try change(first.message) { $0.attachments = AttachmentList.unsaid }
        let body = IntentBody(file: OutgoingFile(path: "copy.png", name: "sea.png", contentType: "image/png", size: 9))
        let upload = try fixture.intent(.upload, trip, message: first.message, token: "first/file/1", body: body)
        try fixture.run(
            """
            INSERT INTO attachment (message, position, remoteID, name, size, contentType, intent)
            VALUES (?1, 1, NULL, 'sea.png', 9, 'image/png', ?2), (?1, 2, 'f-2', 'sky.png', 8, 'image/png', NULL)
            """, [first.message.number, upload.number])
        let second = try fixture.unsent(trip, "an answer", token: "second")
        try change(second.message) { $0.replyToLocal = first.message.number }
        let text = try exported()
        let other = try MessageStore.inMemory()
        #expect(try take(text, into: other).unsent == 2)
        #expect(try take(text, into: other).unsent == 0)
        let shown = try shown(other.account())
        #expect(shown[5] == ["with files", nil, nil, "sea.png - 9 queued", "sky.png f-2 8 uploaded"])
        #expect(shown[6] == ["an answer", "m6", nil])
        let outbox = try other.account().outbox().get()
        #expect(outbox.map(\.verb) == [.upload, .send, .send])
        #expect(outbox.allSatisfy { $0.state == .parked(.restored) })
        #expect(
            try exported(other.account()).split(separator: "\n").dropFirst().map(String.init)
                == text.replacingOccurrences(of: "\"state\":\"queued\"", with: "\"state\":\"parked\"").split(separator: "\n")
                .dropFirst().map(String.init))
    }

    @Test func `the higher version wins and a tombstone is final`() throws {
        let text = try exported()
        try fixture.run("UPDATE message SET text = 'newer', version = 99 WHERE remoteID = '10'")
        try fixture.run("UPDATE message SET text = 'older', version = 20 WHERE remoteID = '20'")
        try fixture.run("UPDATE message SET text = 'alive', deletedAt = NULL, deletedBy = NULL WHERE remoteID = '30'")
        let report = try take(text, into: fixture.store)
        #expect(report.changed == 2)
        let texts = try fixture.texts(trip)
        #expect(texts[0] == "newer")
        #expect(texts[1]?.hasPrefix("two") == true)
        #expect(texts[2] == nil)
    }

    @Test func `an import proves nothing`() throws {
        let other = try MessageStore.inMemory()
        _ = try take(try exported(), into: other)
        let timeline = try other.account().timeline(of: ConversationID(1)).get()
        #expect(timeline.entries.count == 5)
        #expect(timeline.entries.allSatisfy { $0.gapBefore })
        #expect(try other.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM coverage") } == 0)
    }

    @Test func `what was unsent comes in parked, once, and can be tried again`() throws {
        _ = try fixture.unsent(trip, "later", token: "later")
        try fixture.intent(.edit, trip, message: MessageID(2), token: "edit", body: IntentBody(text: "changed"))
        let text = try exported()
        let other = try MessageStore.inMemory()
        #expect(try take(text, into: other).unsent == 2)
        #expect(try take(text, into: other).unsent == 0)
        let outbox = try other.account().outbox().get()
        #expect(outbox.map(\.verb) == [.send, .edit])
        #expect(outbox.allSatisfy { $0.state == .parked(.restored) })
        #expect(outbox.map(\.token) == ["later", "edit"])
        #expect(try other.account().timeline(of: ConversationID(1)).get().entries.last?.text == "later")
        // The store that it came from knows its tokens.
        #expect(try take(text, into: fixture.store).unsent == 0)
        #expect(try fixture.account.outbox().get().count == 2)
    }

    @Test func `what arrived meanwhile is not parked`() throws {
        _ = try fixture.unsent(trip, "later", token: "later")
        let text = try exported()
        let other = try ViewFixture()
        let there = try other.conversation()
        try other.message(there, at: 60, "later", isOwn: true) { $0.token = "later" }
        #expect(try take(text, into: other.store).unsent == 0)
    }

    @Test func `a conversation that the service had not made comes with its create, once`() throws {
        let planned = try fixture.conversation(nil, topic: "Planned", coverage: [], bottom: nil, isRead: false)
        try fixture.intent(.createConversation, planned, token: "create", body: IntentBody(topic: "Planned"))
        _ = try fixture.unsent(planned, "first", token: "first")
        let text = try exported()
        let other = try MessageStore.inMemory()
        for expected in [2, 0] { #expect(try take(text, into: other).unsent == expected) }
        #expect(try other.account().conversations().get().map(\.topic).sorted() == ["Planned", "Trip"])
        #expect(try take(text, into: fixture.store).unsent == 0)
        #expect(try fixture.account.conversations().get().count == 2)
    }

    @Test(
        arguments: [
            ("{", 4), ("[]", 4), ("{\"type\":\"nonsense\"}", 4), ("{\"type\":\"account\",\"format\":1}", 4),
            (
                "{\"type\":\"message\",\"conversation\":\"c9\",\"message\":{\"id\":\"1\",\"version\":1,\"metadata\":{},\"participants\":[]}}",
                4
            ),
            ("{\"type\":\"message\",\"conversation\":\"c1\"}", 4), ("{\"type\":\"conversation\",\"conversation\":\"c1\"}", 4),
            ("{\"type\":\"participant\",\"conversation\":\"c1\"}", 4), ("{\"type\":\"unsent\",\"conversation\":\"c1\"}", 4),
            ("{\"type\":\"unsent\",\"conversation\":\"c1\",\"token\":\"x\",\"verb\":\"edit\",\"body\":\"{}\"}", 4), ("\u{FF}", 4),
        ])
    func `a bad line is named and nothing is imported`(line: String, number: Int) throws {
        var lines = try exported().split(separator: "\n").map(String.init)
        lines.insert(line, at: number - 1)
        let other = try MessageStore.inMemory()
        let before = try other.snapshotText()
        #expect { try take(lines.joined(separator: "\n"), into: other) } throws: { error in
            let error = error as? StoreError
            return error?.code == .badLine && error?.description.hasPrefix("Line \(number) ") == true
        }
        #expect(try other.snapshotText() == before)
    }

    @Test func `a file that is none of ours is refused`() throws {
        let other = try MessageStore.inMemory()
        for text in ["", "\n\n", "hello", "{\"type\":\"account\",\"format\":7,\"name\":\"a\",\"service\":\"s\"}"] {
            #expect { try take(text, into: other) } throws: { ($0 as? StoreError)?.code == .badLine }
        }
        #expect { try other.importConversations(from: folder.path("none")) } throws: { ($0 as? StoreError)?.code == .cannotOpen }
        try other.addAccount("me", service: "livekit")
        #expect { try take(try exported(), into: other) } throws: { ($0 as? StoreError)?.code == .notAllowed }
        #expect(try take(try exported(), into: other, account: "restored").account == "restored")
    }

    @Test func `lines of a file come one by one, whatever pieces it is read in`() throws {
        let long = String(repeating: "x", count: 200_000)
        try Data("a\n\(long)\r\n\nlast".utf8).write(to: URL(fileURLWithPath: folder.path("lines")))
        var lines = try FileLines(folder.path("lines"))
        var read: [String] = []
        while let line = try lines.next() { read.append(String(decoding: line, as: UTF8.self)) }
        #expect(read == ["a", long + "\r", "", "last"])
        #expect(lines.number == 4)
    }
}

extension MessageStore {
    /// All rows, to compare.
    fileprivate func snapshotText() throws -> String {
        try read { db in
            try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").map { table in
                "\(table): \(try Row.fetchAll(db, sql: "SELECT * FROM \"\(table)\""))"
            }.joined(separator: "\n")
        }
    }
}
