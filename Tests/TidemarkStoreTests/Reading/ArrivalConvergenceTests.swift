import TidemarkModel
import Testing

@testable import TidemarkStore

/// P4, P5, R21: numbered packets of one message come to the same in whatever order they are applied.
@Suite struct ArrivalConvergenceTests {
    /// A packet: its number, its version and what it says.
    struct Told: Sendable {
        var number: Int64
        var arrival: RemoteArrival
        var source = Merge.Source.push

        init(
            _ number: Int64, _ version: Int64, _ text: String?, created: Int64 = 1000, deleted: Bool = false,
            token: Token? = nil, marker: Token? = nil, name: String? = nil, source: Merge.Source = .push
        ) {
            self.number = number
            self.source = source
            arrival = RemoteArrival(
                RemoteMessage(
                    id: "m@bob", version: version, kind: .text, text: text, sender: "bob", senderName: name,
                    createdAt: Timestamp(milliseconds: created), deletedAt: deleted ? Timestamp(milliseconds: version) : nil,
                    token: token, editMarker: marker), deleted ? .delete : .create, wireID: "m", digest: "\(number)")
        }
    }

    struct Table: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var told: [Told]
        /// The text in the end; `nil`: it is deleted.
        var text: String?
        var number: Int64
        var created: Int64 = 1000
        var marker: String?
    }

    static let tables: [Table] = [
        Table(
            testDescription: "edits with greater times",
            told: [Told(1, 10, "one"), Told(2, 20, "two"), Told(3, 15, "late"), Told(4, 30, "three"), Told(5, 10, "one")],
            text: "three", number: 4),
        Table(
            testDescription: "equal times: the later number",
            told: [Told(1, 10, "one"), Told(2, 10, "two"), Told(3, 10, "three"), Told(4, 10, "two")], text: "two", number: 4),
        Table(
            testDescription: "a delete before its message, and edits after it",
            told: [Told(1, 10, nil, deleted: true), Told(2, 10, "one"), Told(3, 99, "two"), Told(4, 50, nil, deleted: true)],
            text: nil, number: 3),
        Table(
            testDescription: "the earliest of the times told",
            told: [Told(1, 40, "two", created: 40), Told(2, 10, "one", created: 10), Told(3, 60, "three", created: 25)],
            text: "three", number: 3, created: 10),
        Table(
            testDescription: "tokens: the send's is the least version's",
            told: [
                Told(1, 20, "edited", token: "t-edit"), Told(2, 10, "sent", token: "t-send", source: .acknowledgement),
                Told(3, 10, "sent"), Told(4, 30, "again", token: "t-late"),
            ], text: "again", number: 4),
        Table(
            testDescription: "marks of edits: the newest's",
            told: [Told(1, 10, "one", marker: "e-1"), Told(2, 20, "two"), Told(3, 15, "late", marker: "e-2")], text: "two",
            number: 2),
        Table(
            testDescription: "the mark of the newest edit",
            told: [Told(1, 10, "one", marker: "e-1"), Told(2, 20, "two", marker: "e-2"), Told(3, 15, "late")], text: "two",
            number: 2, marker: "e-2"),
        Table(
            testDescription: "names that some do not tell",
            told: [Told(1, 10, "one", name: "Bob"), Told(2, 20, "two"), Told(3, 30, "three", name: "Bob")], text: "three",
            number: 3),
        Table(
            testDescription: "what was sent, and somebody who heard it",
            told: [
                Told(1, 10, "one", source: .acknowledgement), Told(2, 10, "one"), Told(3, 10, "one", source: .acknowledgement),
            ], text: "one", number: 3),
    ]

    private func merge(_ told: [Told]) -> MessageRow? {
        told.reduce(nil as MessageRow?) { row, told in
            Merge.arrive(row, told.arrival, number: told.number, told.source, conversation: 1, identities: [])
        }
    }

    private func permutations<Element>(_ items: [Element]) -> [[Element]] {
        guard let first = items.first else { return [[]] }
        return permutations(Array(items.dropFirst())).flatMap { rest in
            (0...rest.count).map { Array(rest[..<$0]) + [first] + Array(rest[$0...]) }
        }
    }

    @Test(arguments: tables) func `every order of numbered packets gives one row`(table: Table) throws {
        let expected = try #require(merge(table.told))
        #expect(expected.deletedAt == nil ? expected.text == table.text : table.text == nil && expected.text == "")
        #expect(expected.sequence == table.number)
        #expect(expected.place == table.told.map(\.number).min())
        #expect(expected.createdAt == table.created)
        #expect(expected.editMarker == table.marker)
        for order in permutations(table.told) {
            #expect(merge(order) == expected, "\(order.map(\.number))")
            // A crash between writing and telling: some are applied once more.
            #expect(merge(order + order.prefix(2)) == expected, "\(order.map(\.number)) and two again")
        }
    }
}
