import Testing
import Tidemark
import TidemarkModel
import TidemarkStore

/// Packets in any order, more than once, and from anybody (R21, P4, P5).
struct PacketTests {
    let room = PushRoom()
    let one = PushRoom.Packet(id: "x", sender: "bob", text: "one", time: 1000)

    private func station(hearing packets: [PushRoom.Packet]) throws -> RoomStation {
        var alice = try RoomStation()
        try alice.join(room)
        for packet in packets { try alice.hear(packet) }
        return alice
    }

    @Test func `the same packet again is nothing new, also after something newer came`() throws {
        var alice = try station(hearing: [one, one.edit("two", at: 2000)])
        let (hash, before) = (try alice.hash, try alice.store.dump(of: alice.account))
        try alice.hear(one, one.edit("two", at: 2000), one)
        #expect(try alice.hash == hash)
        #expect(try alice.store.dump(of: alice.account) == before)
        #expect(try alice.lines == ["~two*"])
    }

    @Test func `of equal times the update topic wins, and then what came last`() throws {
        #expect(try station(hearing: [one, one.edit("two", at: 1000)]).lines == ["~two*"])
        #expect(try station(hearing: [one.edit("two", at: 1000), one]).lines == ["~two*"])
        #expect(try station(hearing: [one, one.edit("two", at: 1000), one.edit("three", at: 1000)]).lines == ["~three*"])
        #expect(try station(hearing: [one, one.edit("late", at: 3000), one.edit("early", at: 2000)]).lines == ["~late*"])
    }

    @Test func `a repeated create is an edit only if it says something else`() throws {
        var again = one
        again.time = 5000
        #expect(try station(hearing: [one, again]).lines == ["~one"])
        again.text = "other"
        #expect(try station(hearing: [one, again]).lines == ["~other*"])
    }

    @Test func `an edit never moves its message`() throws {
        let two = PushRoom.Packet(id: "y", sender: "bob", text: "second", time: 2000)
        #expect(try station(hearing: [one, two, one.edit("edited", at: 3000)]).lines == ["~edited*", "second"])
    }

    @Test func `a delete that comes first is held and wins`() throws {
        var alice = try station(hearing: [one.delete(at: 1500)])
        #expect(try alice.lines == [])
        try alice.hear(one, one.edit("two", at: 9000))
        #expect(try alice.lines == ["~-"])
        #expect(try alice.conversation.unread == 0)
    }

    @Test func `two senders with one id never touch each other`() throws {
        var theirs = one
        (theirs.sender, theirs.text) = ("eve", "evil")
        var alice = try station(hearing: [one, theirs])
        #expect(try alice.lines == ["~one", "evil"])
        try alice.hear(theirs.delete(at: 9000), one.edit("still here", at: 1001))
        #expect(try alice.lines == ["~still here*", "-"])
        #expect(try alice.rejects.isEmpty)
    }

    @Test func `what others do to a message is refused and listed, in whatever order it comes`() throws {
        for packets in permutations(of: [one, one.edit("evil", at: 5000, by: "eve"), one.delete(at: 6000, by: "mallory")]) {
            let alice = try station(hearing: packets)
            #expect(try alice.entries.map(\.text) == ["one"])
            #expect(try alice.conversation.unread == 1)
            let reasons = try Set(alice.rejects.map(\.reason))
            #expect(
                reasons == [
                    "It would edit a message of another sender; only who wrote a message may change it.",
                    "It would delete a message of another sender; only who wrote a message may change it.",
                ])
            #expect(try Set(alice.rejects.map(\.remoteID)) == ["eve/x", "mallory/x"])
        }
    }

    @Test func `an edit of a message that was missed shows it`() throws {
        #expect(try station(hearing: [one.edit("two", at: 2000)]).lines == ["~two"])
    }

    @Test func `who turns out to have a message of that id was no stranger`() throws {
        var theirs = one
        (theirs.sender, theirs.text) = ("eve", "first")
        var alice = try station(hearing: [one, theirs.edit("changed", at: 4000)])
        #expect(try alice.lines == ["~one"])
        try alice.hear(theirs)
        #expect(try alice.entries.map(\.text) == ["one", "changed"])
        #expect(try alice.rejects.isEmpty)
    }

    // MARK: Permutations

    static let tables: [[PushRoom.Packet]] = {
        let one = PushRoom.Packet(id: "x", sender: "bob", text: "one", time: 1000)
        var again = one
        (again.text, again.time) = ("again", 2500)
        let evil = PushRoom.Packet(id: "x", sender: "eve", text: "evil", time: 1000)
        return [
            [one, one.edit("two", at: 2000), one.edit("three", at: 3000), again, one],
            [one, one.edit("two", at: 2000), one.delete(at: 1500), one, one.edit("four", at: 4000)],
            [one, one.delete(at: 1000), one.delete(at: 5000), again],
            [one, evil, one.edit("by eve", at: 2000, by: "eve"), one.delete(at: 3000, by: "eve"), one.edit("mine", at: 2000)],
            [one, one.edit("by eve", at: 2000, by: "eve"), one.delete(at: 3000, by: "mallory"), one, again],
        ]
    }()

    @Test(arguments: tables.indices) func `every order of creates, edits, deletes and duplicates comes to the same`(table: Int)
        throws
    {
        let packets = Self.tables[table]
        var results: Set<String> = []
        for order in permutations(of: packets) {
            let alice = try station(hearing: order)
            let shown = try alice.entries.map { "\($0.remoteID ?? "") \($0.text ?? "-") \($0.editedAt?.milliseconds ?? 0)" }
                .sorted()
            let rejected = try alice.rejects.map { "\($0.remoteID ?? "") \($0.reason)" }.sorted()
            // Which of two messages stands first is told by nothing but their arrival.
            let senders = Set(packets.map(\.sender))
            let hash = senders.count == 1 ? String(try alice.hash) : ""
            results.insert("\(shown) \(rejected) \(hash) \(try alice.conversation.unread)")
        }
        #expect(results.count == 1, "\(results)")
    }

    private func permutations(of packets: [PushRoom.Packet]) -> [[PushRoom.Packet]] {
        guard packets.count > 1 else { return [packets] }
        return packets.indices.flatMap { index in
            var rest = packets
            let one = rest.remove(at: index)
            return permutations(of: rest).map { [one] + $0 }
        }
    }

    // MARK: Limits

    @Test func `the oldest packets of a message are forgotten, and its message is not`() throws {
        var configuration = SyncConfiguration()
        configuration.packetsPerMessage = 4
        var alice = try RoomStation(configuration: configuration)
        try alice.join(room)
        try alice.hear(one)
        for number in 1...20 { try alice.hear(one.edit("v\(number)", at: 2000 + Int64(number))) }
        #expect(try alice.lines == ["~v20*"])
        #expect(try alice.store.dump(of: alice.account).tables["packet"]?.count == 5)
        // The create and the newest few are known again.
        let hash = try alice.hash
        try alice.hear(one, one.edit("v20", at: 2020), one.edit("v18", at: 2018), one.edit("v2", at: 2002))
        #expect(try alice.hash == hash)
        try alice.hear(one.delete(at: 9000, by: "eve"))
        #expect(try alice.lines == ["~v20*"])
        #expect(try alice.rejects.count == 1)
    }

    @Test func `where the service keeps authorship, what changes a message is its author's`() throws {
        var traits = PushRoom.traits()
        traits.authority = .service
        var alice = try RoomStation(traits: traits)
        try alice.join(room)
        try alice.hear(one, one.edit("by eve", at: 5000, by: "eve"))
        #expect(try alice.rejects.isEmpty)
        #expect(try alice.entries.map(\.text) == ["one", "by eve"])
    }
}
