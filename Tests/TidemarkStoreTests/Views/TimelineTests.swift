import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

struct TimelineTests {
    let fixture: ViewFixture

    init() throws {
        fixture = try ViewFixture()
    }

    @Test func `entries come oldest first and the newest page is the default`() throws {
        let trip = try fixture.conversation()
        for place in [30, 10, 50, 20, 40] as [Int64] { try fixture.message(trip, at: place, "\(place)") }
        let timeline = try fixture.account.timeline(of: trip, limit: 3).get()
        #expect(timeline.entries.map(\.text) == ["30", "40", "50"])
        #expect(timeline.hasOlder)
        #expect(!timeline.hasNewer)
        #expect(!timeline.beginningIsProved)
        #expect(timeline.endIsProved)
        #expect(timeline.asOf == Timestamp(milliseconds: 5000))
    }

    @Test func `paging back and forth meets every entry once`() throws {
        let trip = try fixture.conversation()
        // Two messages of one place: the id decides.
        for place in [10, 20, 20, 30, 40, 50, 60] as [Int64] {
            try fixture.message(trip, at: place) { $0.remoteID = nil }
        }
        let all = try fixture.account.timeline(of: trip).get().entries.map(\.id)
        #expect(all.count == 7)
        var back: [MessageID] = []
        var before: MessageID?
        repeat {
            let page = try fixture.account.timeline(of: trip, limit: 2, before: before).get()
            back = page.entries.map(\.id) + back
            before = page.hasOlder ? page.entries.first?.id : nil
        } while before != nil
        #expect(back == all)
        var forth = [all[0]]
        while true {
            let page = try fixture.account.timeline(of: trip, limit: 2, after: forth[forth.count - 1]).get()
            #expect(page.hasOlder)
            forth += page.entries.map(\.id)
            if !page.hasNewer { break }
        }
        #expect(forth == all)
    }

    @Test func `a gap is marked between entries that no interval holds together`() throws {
        let trip = try fixture.conversation(coverage: [0...25, 40...60])
        for place in [10, 20, 40, 50, 70] as [Int64] { try fixture.message(trip, at: place) }
        let timeline = try fixture.account.timeline(of: trip).get()
        #expect(timeline.entries.map(\.gapBefore) == [false, false, true, false, true])
        #expect(timeline.beginningIsProved)
        #expect(!timeline.endIsProved)
        // The mark does not depend on where a page begins.
        let tail = try fixture.account.timeline(of: trip, limit: 3).get()
        #expect(tail.entries.map(\.gapBefore) == [true, false, true])
        let next = try fixture.account.timeline(of: trip, limit: 2, after: tail.entries[0].id).get()
        #expect(next.entries.map(\.gapBefore) == [false, true])
    }

    @Test func `a beginning counts only when it is proved`() throws {
        let proved = try fixture.conversation("19:a", coverage: [0...30])
        try fixture.message(proved, at: 10)
        try fixture.message(proved, at: 20)
        let first = try fixture.account.timeline(of: proved).get()
        #expect(first.beginningIsProved)
        #expect(first.entries.map(\.gapBefore) == [false, false])

        let open = try fixture.conversation("19:b", coverage: [15...30], bottom: nil)
        try fixture.message(open, at: 20)
        let second = try fixture.account.timeline(of: open).get()
        #expect(!second.beginningIsProved)
        #expect(second.entries.map(\.gapBefore) == [true])

        // Something at the very beginning could not be read: that it was reached does not help.
        let hole = try fixture.conversation("19:hole", coverage: [15...30])
        try fixture.message(hole, at: 20)
        #expect(try fixture.account.timeline(of: hole).get().entries.map(\.gapBefore) == [true])
        #expect(try !fixture.account.timeline(of: hole).get().beginningIsProved)

        let unread = try fixture.conversation("19:c", coverage: [], bottom: nil, isRead: false)
        try fixture.message(unread, at: 20)
        try fixture.message(unread, at: 30)
        let third = try fixture.account.timeline(of: unread).get()
        #expect(third.entries.map(\.gapBefore) == [true, true])
        #expect(!third.endIsProved)
        #expect(third.asOf == nil)
    }

    @Test func `an old message that an edit brought up waits below coverage`() throws {
        let trip = try fixture.conversation(coverage: [50...90], bottom: nil)
        let island = try fixture.message(trip, at: 10, "island")
        try fixture.message(trip, at: 50, "shown")
        let timeline = try fixture.account.timeline(of: trip).get()
        #expect(timeline.entries.map(\.text) == ["shown"])
        #expect(!timeline.hasOlder)
        #expect(!timeline.beginningIsProved)
        // It is stored: by its id it can be seen.
        #expect(try fixture.account.message(island).get().entry.text == "island")
        try fixture.run("UPDATE coverage SET low = 5")
        #expect(try fixture.texts(trip) == ["island", "shown"])
    }

    @Test func `a copy that waits below coverage hides no copy above it`() throws {
        let trip = try fixture.conversation(coverage: [50...90], bottom: nil)
        let early = try fixture.message(trip, at: 10, "sent twice") { $0.token = "t" }
        let late = try fixture.message(trip, at: 60, "sent twice") { $0.token = "t" }
        try fixture.message(trip, at: 70, "after")
        #expect(try fixture.account.timeline(of: trip).get().entries.map(\.id).first == late)
        #expect(try fixture.account.timeline(of: trip, limit: 1, after: late).get().entries.map(\.text) == ["after"])
        try fixture.run("UPDATE coverage SET low = 5")
        #expect(try fixture.account.timeline(of: trip).get().entries.map(\.id).first == early)
        #expect(try fixture.texts(trip) == ["sent twice", "after"])
    }

    @Test func `unsent messages stand at the tail without a gap mark`() throws {
        let trip = try fixture.conversation(coverage: [], bottom: nil)
        let first = try fixture.unsent(trip, "one", token: "t1")
        let second = try fixture.unsent(trip, "two", token: "t2", state: .transmitting)
        try fixture.message(trip, at: 8_000_000_000_000, "from tomorrow")
        let timeline = try fixture.account.timeline(of: trip).get()
        #expect(timeline.entries.map(\.text) == ["from tomorrow", "one", "two"])
        #expect(timeline.entries.map(\.gapBefore) == [true, false, false])
        #expect(timeline.entries.map(\.state) == [.confirmed, .queued, .transmitting])
        #expect(timeline.entries.map(\.intents) == [[], [first.intent], [second.intent]])
    }

    @Test func `a conversation that is only here has a proved beginning and end`() throws {
        let trip = try fixture.conversation(nil, coverage: [], bottom: nil, isRead: false)
        _ = try fixture.unsent(trip, "hello", token: "t1")
        let timeline = try fixture.account.timeline(of: trip).get()
        #expect(timeline.beginningIsProved)
        #expect(timeline.endIsProved)
        #expect(timeline.entries.map(\.state) == [.waiting])
    }

    @Test func `what could not be read keeps its place and tombstones keep theirs`() throws {
        let trip = try fixture.conversation()
        try fixture.message(trip, at: 10) {
            $0.isUnreadable = true
            $0.kind = nil
            $0.text = nil
        }
        try fixture.message(trip, at: 20, "secret") { $0.deletedAt = 25 }
        try fixture.message(trip, at: 30) { $0.sort = nil }
        let entries = try fixture.account.timeline(of: trip).get().entries
        #expect(entries.map(\.kind) == [.unreadable, .text])
        #expect(entries.map(\.text) == [nil, nil])
        #expect(entries[1].deletedAt == Timestamp(milliseconds: 25))
    }

    @Test func `no conversation of another account is shown`() throws {
        let other = try fixture.store.addAccount("other", service: "azure")
        let theirs = try fixture.conversation("19:theirs", account: other)
        #expect(try other.timeline(of: theirs).get().entries.isEmpty)
        let message = try fixture.message(theirs, at: 10)
        #expect { try fixture.account.timeline(of: theirs).get() } throws: { ($0 as? StoreError)?.code == .notFound }
        #expect { try fixture.account.message(message).get() } throws: { ($0 as? StoreError)?.code == .notFound }
        #expect { try fixture.account.participants(of: theirs).get() } throws: { ($0 as? StoreError)?.code == .notFound }
        #expect(try fixture.account.conversations().get().isEmpty)
    }

    @Test(arguments: [0, -1, 1001])
    func `a limit out of bounds is refused`(limit: Int) throws {
        let trip = try fixture.conversation()
        #expect { try fixture.account.timeline(of: trip, limit: limit).get() } throws: {
            ($0 as? StoreError)?.code == .invalidArgument
        }
    }

    @Test(arguments: [Timeline.Position.Side.before, .behind, .fromThere], [true, false])
    func `a page is a search in one index however deep`(side: Timeline.Position.Side, hasPosition: Bool) throws {
        let sql = Timeline.pageSQL(side, hasPosition: hasPosition)
        let plan = try fixture.store.read { db in
            var arguments: StatementArguments = ["conversation": 1, "floor": 0, "limit": 10]
            if hasPosition { arguments += ["sort": 5, "id": 5] }
            return try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql.text)", arguments: arguments).map {
                $0["detail"] as String
            }
        }
        #expect(!plan.contains { $0.contains("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
        #expect(plan.contains { $0.contains("messageBySort (conversation=? AND sort") }, "\(plan)")
        #expect(plan.contains { $0.contains("messageByToken (conversation=? AND token=?)") }, "\(plan)")
    }
}
