import GRDB
import TidemarkModel
import Testing

@testable import TidemarkStore

/// R23: sets that change while they are read page by page.
@Suite struct SetPagingTests {
    private let harness: ReadingHarness

    init() throws {
        harness = try ReadingHarness(pageSize: 2)
        _ = try harness.addConversation()
    }

    private func page(_ people: [String], _ read: PlannedRead) -> Page {
        let skip = read.request.skip ?? 0
        let shown = people.dropFirst(skip).prefix(2)
        let next: TidemarkModel.Cursor? = skip + 2 < people.count ? "next" : nil
        let items: Page.Items =
            read.purpose == .receipts
            ? .receipts(
                shown.map { Receipt(participant: ParticipantID($0), message: "1000", readAt: Timestamp(milliseconds: 5)) })
            : .participants(shown.map { Participant(id: ParticipantID($0)) })
        return Page(items: items, next: next, serverDate: harness.moment.now)
    }

    /// Reads the set to its end and returns what was passed over at each page; `change` alters it after the first.
    private func read(
        _ purpose: PlannedRead.Purpose, _ people: inout [String], change: (inout [String]) -> Void = { _ in }
    ) throws -> [Int] {
        var skips: [Int] = []
        while skips.count < 40 {
            harness.now += 2500
            guard let read = try harness.plan(purpose) else { return skips }
            try harness.apply(page(people, read), read)
            if skips.isEmpty { change(&people) }
            skips.append(read.request.skip ?? 0)
        }
        return skips
    }

    private func present() throws -> [String] {
        try harness.store.read { db in
            try String.fetchAll(db, sql: "SELECT participant FROM participant WHERE isPresent = 1 ORDER BY participant")
        }
    }

    @Test func `a list that moved up under the reader is read again from its beginning`() throws {
        var people = ["a", "b", "c", "d", "e", "f"]
        // Two leave in front: by offset alone, c would be passed over.
        let skips = try read(.participants, &people) { $0.removeFirst(2) }
        #expect(skips.prefix(3) == [0, 1, 0])
        #expect(try present() == ["c", "d", "e", "f"])
    }

    @Test func `receipts are read page by page over the last reader of the page before`() throws {
        var people = ["a", "b", "c", "d", "e"]
        #expect(try read(.receipts, &people) == [0, 1, 2, 3])
        #expect(try harness.store.account("me").receipts(of: ConversationID(1)).get().count == 5)
        #expect(try harness.value("SELECT isStale FROM setRead WHERE kind = 'receipts'") == 0)
    }

    @Test func `receipts that moved up under the reader are read again from their beginning`() throws {
        var people = ["a", "b", "c", "d", "e"]
        let skips = try read(.receipts, &people) { $0.removeFirst(2) }
        #expect(skips.prefix(3) == [0, 1, 0])
        let readers = try harness.store.account("me").receipts(of: ConversationID(1)).get().map(\.participant)
        #expect(readers == ["a", "b", "c", "d", "e"])
    }

    @Test func `a read begun before the own change was acknowledged takes nobody out`() throws {
        var generator = SeededGenerator(seed: 1)
        harness.scope.traits.lostAnswers[.addParticipants] = .repeatable(for: nil)
        let early = try #require(try harness.plan(.participants))
        _ = try harness.store.enqueue(
            .addParticipants([Participant(id: "c")], to: ConversationID(1)), harness.scope, harness.moment, using: &generator)
        let delivery = try #require(try harness.store.claim(harness.scope, harness.moment, limit: 1).deliveries.first)
        _ = try harness.store.settle(
            delivery, .success(Acceptance(serverDate: harness.moment.now)), harness.scope, harness.moment, using: &generator)
        let told = RemoteMessage(
            id: "10", version: 10, sequence: 1, place: 10, kind: .participantAdded, participants: [Participant(id: "c")])
        _ = try harness.store.apply(.message(told, in: ReadingHarness.thread), harness.scope, harness.moment)
        // Asked for before, answered after; and a second answer of a list that lags.
        try harness.apply(page(["a", "b"], early), early)
        for expected in [["a", "b", "c"], ["a", "b"]] {
            harness.now += 2500
            let read = try #require(try harness.plan(.participants))
            try harness.apply(page(["a", "b"], read), read)
            #expect(try present() == expected)
        }
    }
}
