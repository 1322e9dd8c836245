import TidemarkModel
import Testing

@testable import TidemarkStore

/// R24 after an upgrade: what an earlier decoder could not read.
@Suite struct DecodeAgainTests {
    private let harness: ReadingHarness
    private let thread: FakeThread

    init() throws {
        harness = try ReadingHarness()
        _ = try harness.addConversation()
        var thread = FakeThread()
        for number in 1...5 { thread.send("m\(number)") }
        thread.clock += 100_000
        self.thread = thread
    }

    /// A page of the thread on which one message can't be read.
    private func read(without index: Int, id: String?) throws {
        let read = try #require(try harness.planMessages())
        var page = thread.page(read.request, size: 200)
        guard case .messages(let items) = page.items else { return }
        page.items = .messages(items.filter { $0.place != thread.items[index].place })
        page.rejects = [Reject(id: id, reason: "no type", raw: Array("raw \(index)".utf8))]
        try harness.apply(page, read)
    }

    @discardableResult
    private func decode(_ body: (StoredReject) -> Page.Items?) throws -> ApplyReport {
        let rejects = try harness.store.rejectsToDecode(harness.scope)
        return try harness.store.apply(
            decodedAgain: rejects.map { (reject: $0, items: body($0)) }, harness.scope, harness.moment)
    }

    @Test func `a later decoder's reading takes the place that was held`() throws {
        try read(without: 2, id: String(thread.items[2].place))
        #expect(try harness.store.rejectsToDecode(harness.scope).isEmpty)
        harness.scope.traits.decoderVersion = 2
        let report = try decode { reject in
            #expect(reject.subject == .messages(in: ReadingHarness.thread) && reject.raw == Array("raw 2".utf8))
            return .messages([thread.remote(thread.items[2])])
        }
        #expect(report.received == 1)
        #expect(try harness.messages().map(\.text) == ["m1", "m2", "m3", "m4", "m5"])
        #expect(try harness.messages().allSatisfy { !$0.isUnreadable } && harness.conversation().unread == 5)
        #expect(try harness.value("SELECT count(*) FROM reject") == 0)
    }

    @Test func `what the later one can't read either is asked once, and its place stays held`() throws {
        try read(without: 2, id: String(thread.items[2].place))
        harness.scope.traits.decoderVersion = 2
        try decode { _ in nil }
        #expect(try harness.store.rejectsToDecode(harness.scope).isEmpty)
        #expect(try harness.messages()[2].isUnreadable)
        #expect(try harness.store.account("me").rejects().get().map(\.decoder) == ["2"])
        harness.scope.traits.decoderVersion = 10
        #expect(try harness.store.rejectsToDecode(harness.scope).count == 1)
    }

    @Test func `an old item wins over nothing newer`() throws {
        let old = thread.remote(thread.items[2])
        try read(without: 2, id: old.id.rawValue)
        var tombstone = old
        tombstone.version = (old.version ?? 0) + 5000
        tombstone.deletedAt = Timestamp(milliseconds: tombstone.version ?? 0)
        _ = try harness.store.apply(.message(tombstone, in: ReadingHarness.thread), harness.scope, harness.moment)
        harness.scope.traits.decoderVersion = 2
        try decode { _ in .messages([old]) }
        #expect(try harness.messages()[2].text == "" && harness.messages()[2].deletedAt != nil)
    }

    @Test func `a gap closes once what made it was read`() throws {
        try read(without: 2, id: nil)
        #expect(try harness.adjacentPlaces().isEmpty)
        harness.scope.traits.decoderVersion = 2
        try decode { _ in .messages([thread.remote(thread.items[2])]) }
        var service = thread
        _ = try harness.drain(&service, size: 200)
        #expect(try harness.adjacentPlaces().count == 4)
    }

    @Test func `many rejects are decoded in bounded batches`() throws {
        let read = try #require(try harness.planMessages())
        var page = thread.page(read.request, size: 200)
        page.rejects = (0..<250).map { Reject(id: "x\($0)", reason: "no type", raw: Array("raw \($0)".utf8)) }
        try harness.apply(page, read)
        harness.scope.traits.decoderVersion = 2
        var batches: [Int] = []
        while case let rejects = try harness.store.rejectsToDecode(harness.scope), !rejects.isEmpty {
            batches.append(rejects.count)
            try decode { _ in nil }
        }
        #expect(batches == [100, 100, 50])
    }

    @Test func `a participant that could not be read has the set read again, and a receipt is merged`() throws {
        let id = try #require(try harness.store.storedCopies(in: ConversationID(1)).isEmpty ? ConversationID(1) : nil)
        for (kind, index) in [("participants", 0), ("receipts", 1)] {
            let plan = try harness.store.planReads(harness.scope, harness.moment, busy: [], limit: 100).reads
            let read = try #require(plan.first { $0.purpose == (index == 0 ? .participants : .receipts) })
            let items: Page.Items = index == 0 ? .participants([Participant(id: "a")]) : .receipts([])
            let reject = Reject(reason: "no id", raw: Array(kind.utf8))
            try harness.apply(Page(items: items, rejects: [reject], serverDate: harness.moment.now), read)
        }
        harness.scope.traits.decoderVersion = 2
        try decode { reject in
            reject.subject == .receipts(in: ReadingHarness.thread)
                ? .receipts([Receipt(participant: "b", message: "7", readAt: Timestamp(milliseconds: 9))])
                : .participants([Participant(id: "b")])
        }
        #expect(try harness.store.account("me").receipts(of: id).get().map(\.participant) == ["b"])
        #expect(try harness.value("SELECT isStale FROM setRead WHERE kind = 'participants'") == 1)
        #expect(try harness.value("SELECT count(*) FROM participant WHERE participant = 'b'") == 0)
    }
}
