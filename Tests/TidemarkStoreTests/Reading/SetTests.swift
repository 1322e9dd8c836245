import GRDB
import TidemarkModel
import Testing

@testable import TidemarkStore

/// R23 and R27: participants, receipts and what is unread.
@Suite struct SetTests {
    private let harness: ReadingHarness

    init() throws {
        harness = try ReadingHarness(pageSize: 2)
        _ = try harness.addConversation()
    }

    /// Reads the set as it is at each page; `change` may alter it between two.
    private func read(_ people: inout [String], change: (inout [String]) -> Void = { _ in }) throws -> Int {
        for count in 0..<40 {
            harness.now += 2500
            guard let read = try harness.plan(.participants) else { return count }
            let skip = read.request.skip ?? 0
            let shown = people.dropFirst(skip).prefix(2)
            let next: TidemarkModel.Cursor? = skip + 2 < people.count ? "next" : nil
            let items = shown.map { Participant(id: ParticipantID($0)) }
            try harness.apply(
                Page(items: .participants(items), next: next, serverDate: Timestamp(milliseconds: harness.now)), read)
            if count == 0 { change(&people) }
        }
        return 40
    }

    private func present() throws -> [String] {
        try harness.store.read { db in
            try String.fetchAll(db, sql: "SELECT participant FROM participant WHERE isPresent = 1 ORDER BY participant")
        }
    }

    @Test func `somebody who joins in front while another leaves is found, and who left goes after two equal reads`() throws {
        var people = ["a", "b", "c", "d"]
        _ = try read(&people)
        #expect(try present() == ["a", "b", "c", "d"])
        harness.now += 61_000
        try harness.execute("UPDATE setRead SET isStale = 1")
        _ = try read(&people) { $0 = ["x", "b", "c", "d"] }
        #expect(try present() == ["b", "c", "d", "x"] || present() == ["a", "b", "c", "d"])
        harness.now += 61_000
        try harness.execute("UPDATE setRead SET isStale = 1")
        _ = try read(&people)
        #expect(try present() == ["b", "c", "d", "x"])
    }

    @Test func `pages of one person each, which can't overlap, are not asked for in a circle`() throws {
        let read = try #require(try harness.plan(.participants))
        let one = Page(
            items: .participants([Participant(id: "a")]), next: "more", serverDate: Timestamp(milliseconds: harness.now))
        try harness.apply(one, read)
        #expect(try present() == ["a"])
        harness.now += 599_999
        #expect(try harness.plan(.participants) == nil)
        harness.now += 1
        #expect(try harness.plan(.participants) != nil)
    }

    @Test func `one read is not enough to take anybody out`() throws {
        var people = ["a", "b"]
        _ = try read(&people)
        harness.now += 61_000
        try harness.execute("UPDATE setRead SET isStale = 1")
        people = ["a"]
        let planned = try #require(try harness.plan(.participants))
        let page = Page(items: .participants([Participant(id: "a")]), serverDate: harness.moment.now)
        try harness.apply(page, planned)
        #expect(try present() == ["a", "b"])
        harness.now += 2000
        let again = try #require(try harness.plan(.participants))
        try harness.apply(page, again)
        #expect(try present() == ["a"])
        #expect(try harness.plan(.participants) == nil)
    }

    @Test func `a read that missed somebody else is no witness against who came since`() throws {
        var people = ["a", "b"]
        _ = try read(&people)
        harness.now += 61_000
        try harness.execute("UPDATE setRead SET isStale = 1")
        let page = { Page(items: .participants([Participant(id: "a")]), serverDate: $0) }
        try harness.apply(page(harness.moment.now), try #require(try harness.plan(.participants)))
        // In place of b comes c, and a list that lags does not show c yet.
        let coming = RemoteMessage(
            id: "900", version: 900, sequence: 900, place: 900, kind: .participantAdded, participants: [Participant(id: "c")])
        _ = try harness.store.apply(.message(coming, in: ReadingHarness.thread), harness.scope, harness.moment)
        harness.now += 2000
        try harness.apply(page(harness.moment.now), try #require(try harness.plan(.participants)))
        #expect(try present() == ["a", "b", "c"])
        people = ["a", "c"]
        _ = try read(&people)
        #expect(try present() == ["a", "c"])
    }

    @Test func `membership messages give the same in any order`() throws {
        func message(_ kind: MessageKind, _ version: Int64) -> RemoteMessage {
            RemoteMessage(
                id: RemoteMessageID(String(version)), version: version, sequence: version, place: version, kind: kind,
                participants: [Participant(id: "bob")])
        }
        let told = [message(.participantAdded, 10), message(.participantRemoved, 20), message(.participantAdded, 30)]
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1], [1, 0, 2], [0, 2, 1]] {
            let harness = try ReadingHarness()
            _ = try harness.addConversation()
            for index in order {
                _ = try harness.store.apply(.message(told[index], in: ReadingHarness.thread), harness.scope, harness.moment)
            }
            #expect(try harness.value("SELECT isPresent FROM participant WHERE participant = 'bob'") == 1)
            #expect(try harness.value("SELECT changedAt FROM participant WHERE participant = 'bob'") == 30)
        }
    }

    @Test func `an own receipt moves the horizon forwards only, and the counter follows`() throws {
        for place in [1000, 2000, 3000] as [Int64] {
            let message = RemoteMessage(
                id: RemoteMessageID(String(place)), version: place, sequence: place, place: place, kind: .text, text: "m",
                sender: "8:acs:alice", token: place > 1000 ? "copy" : nil)
            _ = try harness.store.apply(.message(message, in: ReadingHarness.thread), harness.scope, harness.moment)
        }
        #expect(try harness.conversation().unread == 2)  // two copies of one send count once
        for (message, unread) in [("1000", 1), ("2500", 0), ("1000", 0)] as [(RemoteMessageID, Int64)] {
            let receipt = Receipt(participant: ReadingHarness.me, message: message, readAt: Timestamp(milliseconds: 9))
            _ = try harness.store.apply(.receipt(receipt, in: ReadingHarness.thread), harness.scope, harness.moment)
            if message != "2500" { #expect(try harness.conversation().unread == unread) }
        }
        #expect(try harness.conversation().remoteHorizon == 2500)
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `the counter equals a recount after every observation`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for step in 1...60 as ClosedRange<Int64> {
            let place = Int64.random(in: 1...20, using: &generator) * 1000
            let sender: ParticipantID = place % 3000 == 0 ? ReadingHarness.me : "8:acs:alice"
            let isGone = Int.random(in: 0..<6, using: &generator) == 0
            let message = RemoteMessage(
                id: RemoteMessageID(String(place)), version: place + step, place: place, kind: .text, text: "m\(step)",
                sender: sender, deletedAt: isGone ? Timestamp(milliseconds: step) : nil,
                token: place % 4000 == 0 && step % 3 > 0 ? Token("t\(place % 8000)") : nil)
            _ = try harness.store.apply(.message(message, in: ReadingHarness.thread), harness.scope, harness.moment)
            #expect(try harness.conversation().unread == recounted())
        }
    }

    /// Written apart from the engine's own statement.
    private func recounted() throws -> Int64 {
        let row = try harness.conversation()
        let horizon = max(row.localHorizon, row.remoteHorizon)
        let live = try harness.messages().filter { message in
            message.deletedAt == nil && message.sender != ReadingHarness.me.rawValue && message.kind == "text"
        }
        // A copy counts where its first live copy stands.
        var seen: Set<String> = []
        return Int64(
            live.sorted { ($0.sort ?? 0) < ($1.sort ?? 0) }.filter { message in
                guard seen.insert(message.token ?? "id \(message.id ?? 0)").inserted else { return false }
                return message.sort ?? 0 > horizon
            }.count)
    }
}
