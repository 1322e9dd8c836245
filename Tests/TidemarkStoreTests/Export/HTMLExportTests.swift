import Foundation
import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// The page that a person sends to a colleague.
struct HTMLExportTests {
    let fixture: ViewFixture
    let trip: ConversationID

    init() throws {
        fixture = try ViewFixture()
        trip = try fixture.conversation(topic: "Trip <b>&")
        let day: Int64 = 86_400_000
        try fixture.message(trip, at: day, "<script>alert('x')</script> & \"quotes\"")
        try fixture.message(trip, at: 2 * day, "<p>Hello <b>you</b></p><p>&lt;there&gt;</p>") { $0.kind = "html" }
        try fixture.message(trip, at: 2 * day + 60_000, "gone") { ($0.text, $0.deletedAt, $0.deletedBy) = ("", 1, "observed") }
        try fixture.message(trip, at: 2 * day + 120_000, "changed", isOwn: true) { $0.editedAt = 3 * day }
        try fixture.message(trip, at: 2 * day + 180_000) { ($0.kind, $0.text, $0.topic) = ("topicUpdated", nil, "</h1>") }
        _ = try fixture.unsent(trip, "later\u{1B}[31m\u{202E}\0 and more", token: "later")
        try fixture.run("DELETE FROM coverage")
        try fixture.run("INSERT INTO coverage VALUES (?, 0, ?), (?, ?, ?)", [trip.number, day, trip.number, 2 * day, 3 * day])
        try fixture.run(
            "INSERT INTO participant (conversation, participant, displayName) VALUES (?, '8:ann', 'Ann <i>')", [trip.number])
    }

    private func page(_ conversation: ConversationID? = nil) throws -> String {
        var text = ""
        _ = try fixture.account.export(.html(.utc), of: conversation, at: Timestamp(milliseconds: 0)) { text += $0 }
        return text
    }

    @Test func `text of others is text and nothing else`() throws {
        let page = try page()
        #expect(!page.contains("<script"))
        #expect(!page.contains("<b>&"))
        #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;quotes&quot;"))
        #expect(page.contains("<title>Trip &lt;b&gt;&amp;</title>"))
        #expect(page.contains("Ann &lt;i&gt;"))
        #expect(page.contains("changed the topic to “&lt;/h1&gt;”"))
        #expect(!page.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" || $0 == "\0" })
        #expect(page.contains("later\u{241B}[31m\u{2400} and more"))
    }

    @Test func `nothing is loaded from elsewhere and nothing runs`() throws {
        // A link within the page is none.
        let page = try page().replacingOccurrences(of: "href=\"#", with: "")
        for word in ["http://", "https://", "src=", "href=", "url(", "@import", "<link", "<img", "onload", "javascript:"] {
            #expect(!page.contains(word), "\(word)")
        }
        #expect(page.contains("default-src 'none'"))
        #expect(page.contains("prefers-color-scheme: dark"))
    }

    @Test func `days, senders, gaps and marks stand where they belong`() throws {
        let page = try page()
        let order = [
            "<h1", "<h2>1970-01-02</h2>", "Ann &lt;i&gt;", "&lt;script&gt;", "<h2>1970-01-03</h2>",
            "Messages may be missing here.",
            "Hello you\n&lt;there&gt;", "This message was deleted.", ">deleted<", "changed", ">edited<", "later", ">not sent<",
        ]
        var place = page.startIndex
        for piece in order {
            let found = try #require(page.range(of: piece, range: place..<page.endIndex), "\(piece)")
            place = found.lowerBound
        }
        #expect(page.contains("00:02"))
        #expect(!page.contains("gone</div>"))
    }

    @Test func `messages of one person stand together until somebody else, a pause or a gap comes between`() throws {
        let talk = try fixture.conversation("19:talk", topic: "Talk", coverage: [0...600_000, 700_000...800_000])
        try fixture.message(talk, at: 1000, "one")
        try fixture.message(talk, at: 2000, "two")
        try fixture.message(talk, at: 3000, "own", isOwn: true)
        try fixture.message(talk, at: 4000, "three")
        try fixture.message(talk, at: 304_001, "after a pause")
        try fixture.message(talk, at: 600_000, "four")
        try fixture.message(talk, at: 700_000, "after a gap")
        let page = try page(talk)
        #expect(page.components(separatedBy: "<header").count == 7 - 1)
        #expect(page.components(separatedBy: " more\"").count == 2 + 1)
    }

    @Test(
        arguments: [
            (0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (23_400, "23 kB"), (2_400_000, "2.4 MB"), (-5, "0 bytes"),
            (Int64.max, "9223372036.9 GB"),
        ] as [(Int64, String)])
    func `sizes are said as people say them`(bytes: Int64, words: String) {
        #expect(ExportedEntry.size(bytes) == words)
    }

    @Test func `every message of a long conversation is on the page once`() throws {
        let long = try fixture.conversation("19:long", topic: "Long", coverage: [0...10_000])
        for place in 1...450 as ClosedRange<Int64> { try fixture.message(long, at: place, "message \(place).") }
        let page = try page(long)
        for place in 1...450 { #expect(page.components(separatedBy: "message \(place).").count == 2) }
        #expect(page.components(separatedBy: "<article").count == 451)
        #expect(page.hasSuffix("</html>\n"))
    }

    @Test(
        arguments: [
            ("a<br>b", "a\nb"), ("<p>one</p><p>two</p>", "one\ntwo"), ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
            ("&#65;&#x42;&nbsp;c", "AB c"),
            ("<style>p{}</style>x<script>y</script>z", "xz"), ("<b", "<b"), ("&unknown; &", "&unknown; &"),
            ("&#xD800;&#99999999;", "&#xD800;&#99999999;"),
            ("<script>never closed", "never closed"), ("", ""),
        ])
    func `HTML becomes the lines that a person reads`(html: String, plain: String) {
        #expect(PlainHTML.text(html) == plain)
    }
}
