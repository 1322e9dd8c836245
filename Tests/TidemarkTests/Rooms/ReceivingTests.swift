import Testing
import Tidemark
import TidemarkModel
import TidemarkStore

/// What was received without a break is all that is proved where there is no history (R21, P6).
struct ReceivingTests {
    var room = PushRoom()
    let first = PushRoom.Packet(id: "one", sender: "bob", text: "one", time: 1000)
    let second = PushRoom.Packet(id: "two", sender: "bob", text: "two", time: 2000)
    let third = PushRoom.Packet(id: "three", sender: "carol", text: "three", time: 500)

    @Test func `what comes without a break has no gap, and is in the order in which it came`() throws {
        var alice = try RoomStation()
        try alice.join(room)
        try alice.hear(first, second, third)
        #expect(try alice.lines == ["~one", "two", "three"])
        #expect(try alice.gaps == [.beginning])
        #expect(try alice.timeline.endIsProved)
        #expect(try !alice.timeline.beginningIsProved)
        #expect(try alice.conversation.unread == 3)
    }

    @Test(arguments: [ReceivingEnd.disconnected, .exit, .overflow, .closed]) func `what was missed is a gap`(end: ReceivingEnd)
        throws
    {
        var alice = try RoomStation()
        try alice.join(room)
        try alice.hear(first)
        try alice.leave(end)
        #expect(try alice.gaps == [.beginning, .end])
        #expect(try !alice.timeline.endIsProved)
        try alice.join(room)
        #expect(try alice.gaps == [.beginning, .between])
        try alice.hear(second, third)
        #expect(try alice.lines == ["~one", "~two", "three"])
        #expect(try alice.gaps == [.beginning, .between])
        #expect(try alice.timeline.endIsProved)
    }

    @Test func `a killed program has missed something, whatever it says`() throws {
        var alice = try RoomStation()
        try alice.join(room)
        try alice.hear(first)
        try alice.restart()
        #expect(try alice.gaps == [.beginning, .end])
        try alice.join(room)
        try alice.hear(second)
        #expect(try alice.lines == ["~one", "~two"])
    }

    @Test func `receiving that begins twice has a break in between`() throws {
        var alice = try RoomStation()
        try alice.join(room)
        try alice.hear(first)
        try alice.join(room)
        try alice.hear(second)
        #expect(try alice.lines == ["~one", "~two"])
    }

    @Test func `stretches in which nothing came make one gap`() throws {
        var alice = try RoomStation()
        try alice.join(room)
        try alice.hear(first)
        for _ in 0..<5 {
            try alice.leave()
            try alice.join(room)
        }
        try alice.hear(second)
        #expect(try alice.gaps == [.beginning, .between])
        #expect(try alice.lines == ["~one", "~two"])
    }

    @Test func `a packet that nobody announced begins a stretch`() throws {
        var alice = try RoomStation()
        try alice.hear(first, second)
        #expect(try alice.lines == ["~one", "two"])
        try alice.take(.disconnected)
        try alice.hear(third)
        #expect(try alice.lines == ["~one", "two", "~three"])
    }

    @Test func `what was sent while nobody listened stands between two gaps`() throws {
        var (alice, room) = (try RoomStation(), room)
        try alice.join(room)
        try alice.hear(first)
        try alice.leave()
        try alice.send("mine")
        #expect(try alice.lines == ["~one", "mine"])
        try alice.pump(&room)
        #expect(try alice.lines == ["~one", "~mine"])
        try alice.join(room)
        try alice.hear(second)
        #expect(try alice.lines == ["~one", "~mine", "~two"])
        #expect(try alice.gaps == [.beginning, .between, .between])
    }

    @Test func `what can't be read and has no id breaks the stretch, and one with an id holds its place`() throws {
        var alice = try RoomStation()
        try alice.join(room)
        try alice.hear(first)
        let nameless = Reject(reason: "It is no JSON.", raw: Array("rubbish".utf8))
        try alice.take(.rejected(nameless, in: PushRoom.name))
        try alice.hear(second)
        try alice.take(.rejected(Reject(id: "bob/four", reason: "Its time is no time.", raw: [1]), in: PushRoom.name))
        try alice.hear(third)
        #expect(try alice.lines == ["~one", "~two", "?", "three"])
        #expect(try alice.rejects.count == 2)
        // The same again is nothing new.
        try alice.take(.rejected(nameless, in: PushRoom.name))
        try alice.hear(PushRoom.Packet(id: "five", sender: "bob", text: "five", time: 1))
        #expect(try alice.lines == ["~one", "~two", "?", "three", "five"])
        #expect(try alice.rejects.count == 2)
    }

    @Test func `what is kept of rubbish is bounded`() throws {
        var configuration = SyncConfiguration()
        configuration.rejectsPerConversation = 5
        var alice = try RoomStation(configuration: configuration)
        try alice.join(room)
        for number in 0..<20 {
            try alice.take(.rejected(Reject(reason: "It is no JSON.", raw: [UInt8(number)]), in: PushRoom.name))
        }
        #expect(try alice.rejects.count == 5)
    }

    @Test func `what was read counts exactly while everything is received`() throws {
        var alice = try RoomStation()
        try alice.join(room)
        try alice.hear(first, second)
        #expect(try alice.conversation.unreadAtLeast)
        try alice.wish(.markRead(try alice.conversation.id, upTo: nil))
        try alice.hear(third)
        #expect(try alice.conversation.unread == 1)
        #expect(try !alice.conversation.unreadAtLeast)
        try alice.leave()
        #expect(try alice.conversation.unreadAtLeast)
        #expect(try alice.next().isEmpty)
        #expect(try alice.account.outbox().get().isEmpty)
    }
}
