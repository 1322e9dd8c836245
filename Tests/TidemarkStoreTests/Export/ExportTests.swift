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
        try fixture.message(trip, at: 20, "two, \"quoted\"\n\u{2028}🌊", isOwn: true) {
            ($0.token, $0.tokenVersion, $0.version, $0.editedAt) = ("t-20", 25, 25, 25)
            $0.metadata = #"{"colour":"blue"}"#
        }
        try fixture.message(trip, at: 30, "") { ($0.text, $0.deletedAt, $0.deletedBy) = ("", 31, "observed") }
        try fixture.message(trip, at: 40) { ($0.kind, $0.text, $0.topic) = ("topicUpdated", nil, "Trip 2") }
        try fixture.message(trip, at: 50, "") { ($0.text, $0.deletedAt, $0.deletedBy) = ("", 51, "absence") }
        try fixture.run("INSERT INTO participant (conversation, participant, displayName) VALUES (1, '8:ann', 'Ann')")
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
