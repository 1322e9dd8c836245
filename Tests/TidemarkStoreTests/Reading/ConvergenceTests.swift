import TidemarkModel
import Testing

@testable import TidemarkStore

/// P4, P5, R20: what a message is does not depend on how it was told.
@Suite struct ConvergenceTests {
    private struct Told {
        var message: RemoteMessage
        var source: Merge.Source
    }

    private static func message(_ version: Int64, text: String?, sequence: Int64?, deleted: Bool = false) -> RemoteMessage {
        RemoteMessage(
            id: "1000", version: version, sequence: sequence, place: 1000, kind: .text, text: text, sender: "8:acs:alice",
            createdAt: Timestamp(milliseconds: 1000), deletedAt: deleted ? Timestamp(milliseconds: version) : nil,
            token: version == 1000 ? "t-1" : version == 3000 ? "t-other" : nil, editMarker: version == 2000 ? "e-1" : nil)
    }

    private static let told: [Told] = [
        Told(message: message(1000, text: "first", sequence: 1), source: .page),
        Told(message: message(1000, text: "first", sequence: nil), source: .push),
        Told(message: message(2000, text: "second", sequence: 2), source: .page),
        Told(message: message(2000, text: nil, sequence: nil), source: .push),
        Told(message: message(3000, text: "third", sequence: nil), source: .push),
    ]

    private func merge(_ told: [Told]) -> MessageRow? {
        told.reduce(nil as MessageRow?) { row, told in
            Merge.merge(row, told.message, told.source, conversation: 1, identities: [])
        }
    }

    private func permutations<Element>(_ items: [Element]) -> [[Element]] {
        guard let first = items.first else { return [[]] }
        return permutations(Array(items.dropFirst())).flatMap { rest in
            (0...rest.count).map { Array(rest[..<$0]) + [first] + Array(rest[$0...]) }
        }
    }

    @Test func `every order of pages and pushes gives one row`() throws {
        let expected = try #require(merge(Self.told))
        #expect(expected.text == "third")
        #expect(expected.token == "t-1")
        #expect(expected.editMarker == nil)
        #expect(expected.sequence == nil)
        for order in permutations(Self.told) { #expect(merge(order) == expected) }
        for order in permutations(Self.told) { #expect(merge(order + order.prefix(3)) == expected) }
    }

    @Test func `a tombstone wins in every order, and no text comes back`() throws {
        let grave = Told(message: Self.message(2500, text: "", sequence: 3, deleted: true), source: .page)
        let expected = try #require(merge(Self.told + [grave]))
        #expect(expected.deletedAt == 2500)
        #expect(expected.version == 3000)  // a late edit is newer, and changes nothing
        for order in permutations(Self.told + [grave]) {
            #expect(merge(order) == expected)
            #expect(merge(order)?.text == "")
        }
    }

    @Test func `of equal versions a page beats a push and present beats absent`() throws {
        var push = Self.message(1000, text: "pushed", sequence: nil)
        push.senderName = "Alice"
        let page = Self.message(1000, text: "listed", sequence: 7)
        for told in permutations([Told(message: push, source: .push), Told(message: page, source: .page)]) {
            let row = try #require(merge(told))
            #expect(row.text == "listed")
            #expect(row.senderName == "Alice")
            #expect(row.sequence == 7)
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `pages and events in any order, overlap and number end in one content hash`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var thread = FakeThread()
        var states: [Told] = []
        for number in 0..<12 {
            thread.send("m\(number)")
            states.append(Told(message: thread.remote(thread.items[number]), source: .page))
            states.append(Told(message: thread.pushed(number), source: .push))
        }
        for number in 0..<20 {
            let index = Int.random(in: 0..<12, using: &generator)
            if number % 4 == 0 { thread.delete(index) } else { thread.edit(index, "e\(number)") }
            states.append(Told(message: thread.remote(thread.items[index]), source: .page))
            states.append(Told(message: thread.pushed(index), source: .push))
        }
        var hashes: Set<UInt64> = []
        for round in 0..<4 {
            let harness = try ReadingHarness()
            let conversation = try harness.addConversation()
            var order = states.shuffled(using: &generator)
            if round > 0 { order += states.shuffled(using: &generator).prefix(20) }
            for told in order { try give(told, to: harness) }
            hashes.insert(try harness.store.contentHash(conversation: conversation, withRevisions: true))
            #expect(try harness.messages().filter { $0.deletedAt != nil }.allSatisfy { $0.text == "" })
        }
        #expect(hashes.count == 1)
    }

    private func give(_ told: Told, to harness: ReadingHarness) throws {
        if case .push = told.source {
            _ = try harness.store.apply(.message(told.message, in: ReadingHarness.thread), harness.scope, harness.moment)
        } else {
            let request = PageRequest(.message(told.message.id, in: ReadingHarness.thread), startNumber: 1)
            let read = PlannedRead(
                key: .message(told.message.id, ConversationID(1)), purpose: .confirm, request: request,
                conversation: ConversationID(1), begunAt: harness.moment.now)
            try harness.apply(Page(items: .messages([told.message])), read)
        }
    }

    @Test func `an unversioned tombstone that comes first is held and wins`() throws {
        let grave = RemoteMessage(id: "not-a-number", deletedAt: Timestamp(milliseconds: 9))
        let held = Merge.merge(nil, grave, .push, conversation: 1, identities: [])
        #expect(held.sort == nil)
        var late = Self.message(1000, text: "late", sequence: 1)
        late.id = "not-a-number"
        let row = Merge.merge(held, late, .page, conversation: 1, identities: [])
        #expect(row.text == "")
        #expect(row.deletedAt == 9)
        #expect(row.sort == 1000)
    }
}
