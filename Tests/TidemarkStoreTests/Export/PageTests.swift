import Foundation
import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// The whole page, as it was looked at by a person: in light and in dark, wide and narrow.
struct PageTests {
    /// Write it anew with `TIDEMARK_WRITE_GOLDEN=1 swift test --filter PageTests`, and look at it in a browser.
    static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/exports/page.html")

    private static let hour: Int64 = 3_600_000
    /// Friday 2026-11-20, 08:00 UTC.
    private static let morning: Int64 = 1_795_161_600_000

    let fixture: ViewFixture
    let trip: ConversationID

    init() throws {
        fixture = try ViewFixture()
        let (morning, hour) = (Self.morning, Self.hour)
        trip = try fixture.conversation(
            topic: "Harbour weekend", coverage: [0...(morning + 5 * hour), (morning + 24 * hour)...(morning + 48 * hour)])
        try fixture.run(
            """
            INSERT INTO participant (conversation, participant, displayName)
            VALUES (1, '8:ann', 'Ann Lindqvist'), (1, '8:bob', 'Bob'), (1, '8:me', 'Carol Okafor')
            """)
        try write()
    }

    private func say(
        _ place: Int64, _ text: String, by sender: String = "8:ann", _ change: (inout MessageRow) -> Void = { _ in }
    ) throws -> MessageID {
        try fixture.message(trip, at: place, text, isOwn: sender == "8:me") {
            $0.sender = sender
            change(&$0)
        }
    }

    private func write() throws {
        let (morning, hour) = (Self.morning, Self.hour)
        _ = try say(morning, "") { ($0.kind, $0.text, $0.topic) = ("topicUpdated", nil, "Harbour weekend") }
        let question = try say(morning + 60_000, "Who still has room in the car on Saturday? We are three with one large bag.")
        _ = try say(morning + 120_000, "And does anybody know when the tide is out?")
        _ = try say(morning + 20 * 60_000, "I have two seats.", by: "8:bob") {
            ($0.replyTo, $0.editedAt) = ("\(morning + 60_000)", morning + 30 * 60_000)
        }
        let files = [
            RemoteAttachment(file: "f1", name: "tide-table-november.pdf", size: 182_400, contentType: "application/pdf"),
            RemoteAttachment(file: "f2", name: "harbour.jpg", size: 2_431_000, contentType: "image/jpeg"),
        ]
        let answer = try say(morning + hour, "Low tide is at 14:20.\nThe table for the month, and where we park:", by: "8:me")
        try attach(files, to: answer)
        _ = try say(morning + hour + 60_000, "", by: "8:me") { ($0.text, $0.deletedAt, $0.deletedBy) = ("", 1, "observed") }
        let only = try say(morning + 2 * hour, "", by: "8:bob") { $0.replyTo = "\(morning + hour)" }
        try attach([RemoteAttachment(file: "f3", name: "voice message.m4a", size: 41_200, contentType: "audio/mp4")], to: only)
        _ = try say(
            morning + 25 * hour,
            "<p>Good morning! The plan:</p><ul><li>09:00 at my place</li><li>10:30 at the harbour</li></ul>"
        ) { $0.kind = "html" }
        _ = try say(
            morning + 26 * hour,
            "نلتقي عند المرفأ · 港で会いましょう · https://example.org/a-very-long-address-that-has-no-space-in-it-at-all-and-has-to-break-somewhere",
            by: "8:dave"
        ) {
            ($0.senderName, $0.replyTo) = ("Dave <dave@example.org>", "elsewhere")
        }
        let late = try fixture.unsent(trip, "See you there — I bring the thermos.", token: "later")
        try fixture.run(
            "UPDATE message SET createdAt = ?, replyToLocal = ? WHERE id = ?",
            [morning + 27 * hour, question.number, late.message.number])
    }

    private func attach(_ files: [RemoteAttachment], to id: MessageID) throws {
        try fixture.store.write(.normal) { db in
            var row = try #require(try MessageRow.fetchOne(db, id: id.number))
            row.attachments = AttachmentList.json(files)
            try row.update(db)
            try AttachmentList.apply(row, db)
        }
    }

    @Test func `the page is the one that was looked at`() throws {
        var page = ""
        let report = try fixture.account.export(.html(.utc), at: Timestamp(milliseconds: Self.morning + 50 * Self.hour)) {
            page += $0
        }
        if ProcessInfo.processInfo.environment["TIDEMARK_WRITE_GOLDEN"] != nil { try Data(page.utf8).write(to: Self.file) }
        let expected = try String(contentsOf: Self.file, encoding: .utf8)
        #expect(page == expected, "TIDEMARK_WRITE_GOLDEN=1 swift test --filter PageTests, and look at it")
        #expect(report == ExportReport(conversations: 1, messages: 10, unsent: 1))
    }

    @Test func `an answer quotes what it answers, and files are listed with their sizes`() throws {
        var page = ""
        _ = try fixture.account.export(.html(.utc)) { page += $0 }
        #expect(page.contains("href=\"#m2\" dir=\"auto\"><b>Ann Lindqvist</b> Who still has room in the car"))
        #expect(page.contains("id=\"m2\""))
        #expect(page.contains("An answer to a message that is not here."))
        #expect(page.contains("harbour.jpg</b> <span>2.4 MB · image/jpeg</span>"))
        // What was deleted afterwards is quoted no more.
        try fixture.run("UPDATE message SET text = '', deletedAt = 5, deletedBy = 'observed' WHERE id = 2")
        page = ""
        _ = try fixture.account.export(.html(.utc)) { page += $0 }
        #expect(!page.contains("Who still has room"))
    }
}
