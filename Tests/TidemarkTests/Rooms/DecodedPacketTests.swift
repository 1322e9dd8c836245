import Testing
import Tidemark
import TidemarkModel

/// R24 in rooms: packets that an earlier version could not read.
struct DecodedPacketTests {
    let room = PushRoom()
    let first = PushRoom.Packet(id: "one", sender: "bob", text: "one", time: 1000)
    let lost = PushRoom.Packet(id: "two", sender: "bob", text: "two", time: 2000)
    let third = PushRoom.Packet(id: "three", sender: "bob", text: "three", time: 3000)

    private func station(rejecting id: String?, then packets: PushRoom.Packet...) throws -> RoomStation {
        var alice = try RoomStation()
        try alice.join(room)
        try alice.hear(first)
        try alice.take(.rejected(Reject(id: id, reason: "Its time is no time.", raw: [2]), in: PushRoom.name))
        for packet in packets { try alice.hear(packet) }
        return alice
    }

    @Test func `what a later version reads takes the place that was held for it`() throws {
        var alice = try station(rejecting: "bob/two", then: third)
        #expect(try alice.lines == ["~one", "?", "three"])
        try alice.upgrade { raw in raw == [2] ? lost.arrival : nil }
        #expect(try alice.lines == ["~one", "two", "three"])
        #expect(try alice.rejects.isEmpty)
        #expect(try alice.conversation.unread == 3)
        // It began no stretch of receiving.
        try alice.hear(PushRoom.Packet(id: "four", sender: "bob", text: "four", time: 4000))
        #expect(try alice.lines == ["~one", "two", "three", "~four"])
    }

    @Test func `it wins over nothing that came after it`() throws {
        var again = lost
        again.text = "two, as it came later"
        var alice = try station(rejecting: "bob/two", then: again, third)
        try alice.upgrade { _ in lost.arrival }
        #expect(try alice.entries.map(\.text) == ["one", "two, as it came later", "three"])
        #expect(try alice.rejects.isEmpty)
    }

    @Test func `what had no name stands alone, behind what is known`() throws {
        var alice = try station(rejecting: nil, then: third)
        #expect(try alice.lines == ["~one", "~three"])
        try alice.upgrade { _ in lost.arrival }
        #expect(try alice.lines == ["~one", "~three", "~two"])
    }

    @Test func `what it can't read either is asked for once, and stays where it is`() throws {
        var alice = try station(rejecting: "bob/two", then: third)
        try alice.upgrade { _ in nil }
        #expect(try alice.lines == ["~one", "?", "three"])
        #expect(try alice.rejects.map(\.decoder) == ["2"])
    }

    @Test func `a foreign change is nothing that a decoder could read better`() throws {
        var alice = try station(rejecting: "bob/two", then: first.edit("evil", at: 9000, by: "eve"))
        var asked: [[UInt8]] = []
        try alice.upgrade { raw in
            asked.append(raw)
            return nil
        }
        #expect(asked == [[2]])
    }
}
