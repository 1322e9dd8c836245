import Foundation
import GRDB
import Testing
import TidemarkModel
import TidemarkSchema

@testable import TidemarkStore

/// What views show is what is found, and nothing else.
struct SearchTests {
    let fixture: ViewFixture
    let trip: ConversationID

    init() throws {
        fixture = try ViewFixture()
        trip = try fixture.conversation()
    }

    private func found(_ query: String, in conversation: ConversationID? = nil, order: SearchOrder = .newest) throws -> [String?]
    {
        try fixture.account.search(query, in: conversation, order: order).get().map(\.entry.text)
    }

    @Test(
        arguments: [
            ("tide", ["The tide is high"]), ("TIDE high", ["The tide is high"]), ("tid", []), ("tid*", ["The tide is high"]),
            ("\"tide is\"", ["The tide is high"]), ("\"is tide\"", []), ("\"tide is hi\"*", ["The tide is high"]),
            ("cafe", ["Un café crème"]), ("CAFÉ", ["Un café crème"]), ("cafe\u{301}", ["Un café crème"]),
            ("東京", ["明日、東京へ行く"]), ("京", ["明日、東京へ行く"]), ("京東", []), ("東京へ行", ["明日、東京へ行く"]),
            ("안녕", ["안녕하세요 여러분"]), ("녕하", ["안녕하세요 여러분"]), ("วันนี้", ["พบกันวันนี้"]), ("กัน", ["พบกันวันนี้"]),
            ("हिन्दी", ["मैं हिन्दी बोलता हूँ"]), ("привет", ["Привет всем"]), ("всем ПРИВЕТ", ["Привет всем"]),
            ("שלום", ["שלום עולם"]), ("مرحبا", ["مرحبا بالعالم"]), ("don't", ["I don't know"]),
        ] as [(String, [String])])
    func `words, beginnings and phrases are found in any script`(query: String, expected: [String]) throws {
        let texts = [
            "The tide is high", "Un café crème", "明日、東京へ行く", "안녕하세요 여러분", "พบกันวันนี้", "मैं हिन्दी बोलता हूँ", "Привет всем",
            "שלום עולם", "مرحبا بالعالم", "I don't know",
        ]
        for (place, text) in texts.enumerated() { try fixture.message(trip, at: Int64(place + 1), text) }
        #expect(try found(query) == expected)
    }

    @Test(
        arguments: [
            "", "   ", "\"", "\"\"", "*", "AND", "NOT", "(", ")", "-", "^", ":", "tide AND", "OR tide", "NEAR(", "tide)", "(tide",
            "text:tide", "-tide",
            "^tide", "+tide", "tide OR", "\"tide", "tide\"", "ti\0de", "{tide}", "a*b*c", "***", "🌊", "'; DROP TABLE message; --",
            "\u{2}\u{3}",
            String(repeating: "tide ", count: 5000), String(repeating: "(", count: 5000),
        ])
    func `stray operators search the words and break nothing`(query: String) throws {
        try fixture.message(trip, at: 1, "The tide is high")
        let result = try found(query)
        #expect(result.isEmpty || result == ["The tide is high"])
    }

    @Test(
        arguments: [
            ("tide AND high", "\"tide\" AND \"AND\" AND \"high\""), ("(tide)", "\"(tide)\""), ("-tide", "\"-tide\""),
            ("a\"b c\"*d", "\"a\" AND \"b c\" * AND \"d\""),
            ("ti*", "\"ti\" *"), ("-- ! ?", nil), ("東京", "\"東\u{200B}京\""),
        ] as [(String, String?)])
    func `what is typed becomes quoted words`(typed: String, expression: String?) {
        #expect(SearchQuery(typed).expression == expression)
    }

    @Test func `a NUL ends neither what is found nor the snippet`() throws {
        try fixture.message(trip, at: 1, "The tide\0 is high")
        #expect(try found("high") == ["The tide\0 is high"])
        #expect(try found("\"tide\0 is\"") == ["The tide\0 is high"])
        let hit = try #require(try fixture.account.search("high").get().first)
        #expect(hit.snippet.text == "The tide\u{2400} is high")
        #expect(try fixture.store.verify(at: Timestamp(milliseconds: 1)).findings.allSatisfy { $0.kind != .search })
    }

    @Test func `an edit and a delete take the old words away at once, pending or observed`() throws {
        let first = try fixture.message(trip, at: 1, "alpha", isOwn: true)
        let second = try fixture.message(trip, at: 2, "beta", isOwn: true)
        #expect(try found("alpha") == ["alpha"])
        let edit = try fixture.intent(.edit, trip, message: first, token: "e", body: IntentBody(text: "gamma"))
        #expect(try found("alpha") == [])
        #expect(try found("gamma") == ["gamma"])
        // Refused: the view shows the old text again, and so does the search.
        try fixture.run("UPDATE intent SET state = 'parked', reason = 'forbidden' WHERE id = ?", [edit.number])
        #expect(try found("gamma") == [])
        #expect(try found("alpha") == ["alpha"])
        try fixture.run("UPDATE message SET text = 'delta', version = 9 WHERE id = ?", [first.number])
        #expect(try found("alpha") == [])
        #expect(try found("delta") == ["delta"])
        try fixture.intent(.delete, trip, message: second, token: "d")
        #expect(try found("beta") == [])
        try fixture.run("UPDATE message SET text = '', deletedAt = 5, deletedBy = 'observed' WHERE id = ?", [first.number])
        #expect(try found("delta") == [])
        #expect(try fixture.store.verify(at: Timestamp(milliseconds: 0)).findings.allSatisfy { $0.kind != .search })
    }

    @Test func `what is unsent is found, and what was taken back is not`() throws {
        let unsent = try fixture.unsent(trip, "later", token: "t")
        #expect(try found("later") == ["later"])
        try fixture.run("DELETE FROM message WHERE id = ?", [unsent.message.number])
        #expect(try found("later") == [])
    }

    @Test func `HTML is found by its words and not by its tags`() throws {
        try fixture.message(trip, at: 1, "<div class=\"big\">high <b>tide</b></div>") { $0.kind = "html" }
        #expect(try found("\"high tide\"").count == 1)
        for word in ["div", "class", "big", "b"] { #expect(try found(word) == []) }
    }

    @Test func `system messages, unreadable ones and those that are not shown are not found`() throws {
        try fixture.message(trip, at: 1, "alpha") { $0.kind = "topicUpdated" }
        try fixture.message(trip, at: 2, "alpha") { $0.isUnreadable = true }
        try fixture.message(trip, at: 3, "alpha") { $0.sort = nil }
        #expect(try found("alpha") == [])
    }

    @Test func `copies of one send are found once`() throws {
        for place in [1, 2] as [Int64] { try fixture.message(trip, at: place, "alpha", isOwn: true) { $0.token = "t" } }
        #expect(try found("alpha") == ["alpha"])
    }

    @Test func `what is done to one copy of a send takes its words from all of them`() throws {
        let ids = try [1, 2].map { try fixture.message(trip, at: $0, "alpha", isOwn: true) { $0.token = "t" } }
        try fixture.intent(.edit, trip, message: ids[1], token: "e", body: IntentBody(text: "gamma"))
        #expect(try fixture.account.timeline(of: trip).get().entries.map(\.text) == ["gamma"])
        #expect(try found("alpha") == [])
        #expect(try found("gamma") == ["gamma"])
        try fixture.run("UPDATE intent SET state = 'cancelled' WHERE token = 'e'")
        #expect(try found("gamma") == [])
        #expect(try found("alpha") == ["alpha"])
    }

    @Test func `a search stays in its account and conversation`() throws {
        let other = try fixture.conversation("19:other")
        try fixture.message(trip, at: 1, "alpha here")
        try fixture.message(other, at: 2, "alpha there")
        let stranger = try fixture.store.addAccount("other", service: "azure")
        let theirs = try fixture.conversation("19:theirs", account: stranger)
        try fixture.message(theirs, at: 3, "alpha theirs")
        #expect(try found("alpha") == ["alpha there", "alpha here"])
        #expect(try found("alpha", in: trip) == ["alpha here"])
        try fixture.run("UPDATE conversation SET deletedAt = 1 WHERE id = ?", [other.number])
        #expect(try found("alpha") == ["alpha here"])
        #expect(try stranger.search("alpha").get().map(\.entry.text) == ["alpha theirs"])
    }

    @Test func `the best match comes first, or the newest, page by page`() throws {
        try fixture.message(trip, at: 1, "tide tide tide")
        try fixture.message(trip, at: 2, "a tide among many other words that stand in this message and mean nothing")
        try fixture.message(trip, at: 3, "one tide")
        #expect(try found("tide", order: .relevance).first == "tide tide tide")
        #expect(try fixture.account.search("tide", order: .newest).get().map(\.entry.createdAt?.milliseconds) == [3, 2, 1])
        let first = try fixture.account.search("tide", order: .newest, limit: 2).get()
        let next = try fixture.account.search("tide", order: .newest, limit: 2, before: first.last?.id).get()
        #expect(next.map(\.entry.text) == ["tide tide tide"])
    }

    @Test func `a snippet marks what was found and reads as the text does`() throws {
        let far = String(repeating: "filler ", count: 60)
        try fixture.message(trip, at: 1, "\(far)the 東京 tide is high \(far)")
        let snippet = try #require(try fixture.account.search("東京 \"tide is\"").get().first).snippet
        #expect(snippet.parts.filter(\.isMatch).map(\.text) == ["東京", "tide is"])
        #expect(snippet.text.contains("the 東京 tide is high"))
        #expect(snippet.text.hasPrefix("…"))
        #expect(snippet.text.count < 250)
    }

    @Test(arguments: [0, -1, 1001]) func `a limit out of bounds is refused`(limit: Int) throws {
        #expect { try fixture.account.search("x", limit: limit).get() } throws: { ($0 as? StoreError)?.code == .invalidArgument }
        #expect { try fixture.account.messages(limit: limit).get() } throws: { ($0 as? StoreError)?.code == .invalidArgument }
    }

    @Test func `messages are listed by sender and time`() throws {
        try fixture.message(trip, at: 10, "one")
        try fixture.message(trip, at: 20, "two", isOwn: true)
        try fixture.message(trip, at: 30, "three")
        func listed(_ sender: ParticipantID? = nil, _ from: Int64? = nil, _ to: Int64? = nil) throws -> [String?] {
            try fixture.account.messages(
                sender: sender, from: from.map(Timestamp.init(milliseconds:)), to: to.map(Timestamp.init(milliseconds:))
            ).get().map(\.text)
        }
        #expect(try listed() == ["three", "two", "one"])
        #expect(try listed("8:ann") == ["three", "one"])
        #expect(try listed(nil, 20) == ["three", "two"])
        #expect(try listed(nil, nil, 30) == ["two", "one"])
    }

    @Test func `an index that lies is found and made anew`() throws {
        let id = try fixture.message(trip, at: 1, "alpha")
        try fixture.message(trip, at: 2, "beta")
        #expect(try found("alpha").count == 1)
        try fixture.run(
            "UPDATE search SET text = 'omega' WHERE rowid = ?; INSERT INTO search (rowid, text) VALUES (77, 'ghost')", [id.number]
        )
        let findings = try fixture.store.verify(at: Timestamp(milliseconds: 0)).findings
        #expect(findings.map(\.kind).filter { $0 == .search }.count == 2)
        #expect(try fixture.store.repair(at: Timestamp(milliseconds: 0)).unrepaired == 0)
        #expect(try found("alpha").count == 1)
        #expect(try found("omega") == [])
    }

    @Test func `a search fires when what it shows changes`() async throws {
        var updates = fixture.account.search("tide").updates().makeAsyncIterator()
        #expect(try await updates.next()?.isEmpty == true)
        try fixture.message(trip, at: 1, "nothing")
        try fixture.message(trip, at: 2, "the tide")
        #expect(try await updates.next()?.map(\.entry.text) == ["the tide"])
    }
}

/// The index of a file: there it follows each transaction.
struct SearchFileTests {
    @Test func `a file is searched by who only reads it, and an older store with all that it held`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("store.sqlite")
        let fixture = try ViewFixture(store: await MessageStore.open(path))
        let trip = try fixture.conversation()
        try fixture.message(trip, at: 1, "The tide is high")
        try fixture.store.close()
        let reader = try await MessageStore.open(path, mode: .readOnly)
        #expect(try reader.account().search("tide").get().count == 1)
        try reader.close()
    }

    @Test func `a damaged index holds nothing up, is told, and is made anew`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("store.sqlite")
        let fixture = try ViewFixture(store: await MessageStore.open(path))
        let trip = try fixture.conversation()
        let first = try fixture.message(trip, at: 1, "alpha")
        try fixture.run("DELETE FROM search_data WHERE id > 10")
        #expect(try fixture.store.repair().findings.contains { $0.kind == .search && $0.isRepaired })
        #expect(try fixture.store.verify().findings.isEmpty)
        try fixture.run("DELETE FROM search_data WHERE id > 10")
        #expect(try fixture.store.verify().findings.map(\.kind) == [.search])
        try fixture.run("UPDATE message SET text = 'gamma' WHERE id = ?", [first.number])
        try fixture.message(trip, at: 2, "beta")
        #expect(try fixture.account.timeline(of: trip).get().entries.map(\.text) == ["gamma", "beta"])
        #expect(try fixture.store.verify().findings.contains { $0.kind == .search })
        #expect(try fixture.store.repair().unrepaired == 0)
        #expect(try fixture.store.verify().findings.isEmpty)
        #expect(try fixture.account.search("alpha").get().isEmpty)
        #expect(try fixture.account.search("gamma").get().count == 1)
        #expect(try fixture.account.search("beta").get().count == 1)
        try fixture.store.close()
    }

    @Test func `a store of the schema before is searched after its migration`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("store.sqlite")
        try makeOlder(path)
        let store = try await MessageStore.open(path, mode: .readWrite)
        #expect(try store.account().search("word777").get().count == 1)
        #expect(try store.account().search("tide", limit: 1000).get().count == 1000)
        #expect(try store.verify().findings.allSatisfy { $0.kind != .search })
        try store.close()
    }

    /// A store of the version before the search, with 1,200 messages.
    private func makeOlder(_ path: String) throws {
        let before = StoreSchema(migrations: Array(Schema.migrations.prefix { !$0.sql.contains("fts5") }))
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in
            try before.migrate(db)
            try db.execute(
                sql: """
                    INSERT INTO account (id, name, service, createdAt) VALUES (1, 'me', 'azure', 1);
                    INSERT INTO conversation (id, account, remoteID) VALUES (1, 1, '19:a');
                    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
                    INSERT INTO message (conversation, remoteID, sort, place, version, kind, text)
                        SELECT 1, i, i, i, i, 'text', 'word' || i || ' tide' FROM n;
                    """)
        }
        try queue.close()
    }
}
