import Testing
import Tidemark
import TidemarkModel
import TidemarkStore

/// Sending where nothing comes back: the yes is all there is (R21, P1, P2).
struct RoomSendingTests {
    var room = PushRoom()

    private func joined() throws -> RoomStation {
        var alice = try RoomStation()
        try alice.join(room)
        return alice
    }

    @Test func `what was accepted has left the outbox and stays, as sent`() throws {
        var (alice, room) = (try joined(), room)
        let sent = try alice.send("hello")
        try alice.pump(&room)
        #expect(room.packets.map(\.text) == ["hello"])
        #expect(try alice.account.outbox().get().isEmpty)
        let entry = try #require(try alice.entries.first)
        #expect(entry.id == sent.message)
        #expect(entry.state == .sent)
        #expect(entry.text == "hello")
        #expect(entry.isOwn)
        try alice.hear(PushRoom.Packet(id: "b", sender: "bob", text: "hi", time: 1))
        #expect(try alice.lines == ["~hello", "hi"])
        // Nothing is left that time would bring.
        #expect(try alice.core.unsettledDue(alice.moment) == nil)
    }

    @Test func `edits and deletes go to where the message went, with greater times`() throws {
        var (alice, room) = (try joined(), room)
        let sent = try alice.send("one")
        try alice.pump(&room)
        let message = try #require(sent.message)
        // A clock that was set back.
        alice.now -= 1_000_000
        try alice.wish(.edit(message, text: "two", metadata: [:]))
        try alice.pump(&room)
        try alice.wish(.edit(message, text: "three", metadata: [:]))
        try alice.pump(&room)
        #expect(try alice.lines == ["~three*"])
        try alice.wish(.delete(message))
        try alice.pump(&room)
        #expect(try alice.lines == ["~-"])
        #expect(room.packets.map(\.change) == [.create, .edit, .edit, .delete])
        #expect(Set(room.packets.map(\.id)).count == 1)
        let times = room.packets.map(\.time)
        #expect(times == times.sorted() && Set(times).count == 4)
        #expect(try alice.account.outbox().get().isEmpty)
        #expect(try alice.entries.first?.state == .sent)
    }

    @Test func `the sender and who listens agree`() throws {
        var (alice, room) = (try joined(), room)
        let sent = try alice.send("one")
        try alice.pump(&room)
        try alice.wish(.edit(try #require(sent.message), text: "two", metadata: [:]))
        try alice.pump(&room)
        let reversed = Array(room.packets.reversed())
        for order in [room.packets, reversed] {
            var bob = try RoomStation()
            try bob.join(room)
            for packet in order { try bob.hear(packet) }
            #expect(try bob.hash == alice.hash)
        }
    }

    @Test func `a lost answer is repeated, as the same packet, and heard once`() throws {
        var (alice, room) = (try joined(), room)
        try alice.send("once")
        try alice.pump(&room, landsUnanswered: true)
        #expect(try alice.account.outbox().get().count == 1)
        alice.pass(.seconds(60))
        try alice.pump(&room)
        #expect(room.packets.count == 1)
        #expect(try alice.account.outbox().get().isEmpty)
        #expect(try alice.lines == ["~once"])
    }

    @Test func `killed between the store and the answer, it is sent once`() throws {
        var (alice, room) = (try joined(), room)
        try alice.send("once")
        let delivery = try #require(try alice.next().first)
        _ = try room.perform(delivery, as: "alice")
        try alice.restart()
        alice.pass(.seconds(60))
        let again = try #require(try alice.next().first)
        #expect(
            (again.token, again.action, again.wantedAt, again.room) == (
                delivery.token, delivery.action, delivery.wantedAt, delivery.room
            ))
        try alice.answer(again, .success(try room.perform(again, as: "alice")))
        #expect(room.packets.count == 1)
        #expect(try alice.lines == ["~once"])
        #expect(try alice.account.outbox().get().isEmpty)
    }

    @Test func `an edit that is repeated has the bytes of the first time, whatever came in between`() throws {
        var (alice, room) = (try joined(), room)
        let sent = try alice.send("one")
        try alice.pump(&room)
        try alice.wish(.edit(try #require(sent.message), text: "two", metadata: [:]))
        let first = try #require(try alice.next().first)
        try alice.answer(first, .failure(ServiceError(.answerLost, certainty: .unknown)))
        let packet = try #require(room.packets.first)
        try alice.hear(packet.edit("by my other device", at: packet.time + 500_000))
        alice.pass(.seconds(60))
        let again = try #require(try alice.next().first)
        #expect((again.token, again.action, again.baseVersion) == (first.token, first.action, first.baseVersion))
    }

    @Test func `once the room may have forgotten the nonce a person is asked, and nothing is sent again`() throws {
        var (alice, room) = (try joined(), room)
        let sent = try alice.send("once")
        try alice.pump(&room, landsUnanswered: true)
        alice.pass(.seconds(3600))
        try alice.pump(&room)
        let entry = try #require(try alice.account.outbox().get().first)
        #expect(entry.state == .inDoubt && entry.asks)
        #expect(entry.reason == .unprovable)
        #expect(room.packets.count == 1)
        #expect(try alice.core.unsettledDue(alice.moment) == nil)
        // Who asks for it to be sent again gets it sent again.
        try alice.act(.resolve(.notSent), on: sent.intent)
        alice.pass(.seconds(60))
        try alice.pump(&room)
        #expect(try alice.account.outbox().get().isEmpty)
        #expect(try alice.lines == ["~once"])
    }

    @Test func `the own packet that comes back by another way is the own message`() throws {
        var (alice, room) = (try joined(), room)
        try alice.send("mine")
        let delivery = try #require(try alice.next().first)
        let acceptance = try room.perform(delivery, as: "alice")
        // Before the answer, and without a word of whose it is.
        try alice.hear(try #require(room.packets.first))
        try alice.answer(delivery, .success(acceptance))
        try alice.hear(try #require(room.packets.first))
        #expect(try alice.lines == ["~mine"])
        #expect(try alice.entries.first?.isOwn == true)
        #expect(try alice.conversation.unread == 0)
    }

    // MARK: Rooms that open and close

    @Test func `where the room is closed it waits, and goes out when somebody opens one`() throws {
        var (alice, room) = (try joined(), room)
        try alice.leave(.closed)
        room.sid = nil
        try alice.send("later")
        try alice.pump(&room)
        let entry = try #require(try alice.account.outbox().get().first)
        #expect(entry.state == .waiting)
        #expect(entry.reason == .roomClosed)
        #expect(room.packets.isEmpty)
        room.sid = "RM_2"
        try alice.join(room)
        try alice.pump(&room)
        #expect(room.packets.map(\.text) == ["later"])
    }

    @Test func `what was written for one room is not said in the next`() throws {
        var (alice, room) = (try joined(), room)
        let private1 = try alice.send("only for those who are here")
        room.sid = nil
        try alice.pump(&room)
        try alice.leave(.closed)
        let next = try alice.send("for whoever comes")
        room.sid = "RM_2"
        try alice.join(room)
        // Known to be another room, it is not even tried.
        #expect(try alice.next().isEmpty)
        let parked = try #require(try alice.account.outbox().get().first)
        #expect(parked.intent == private1.intent)
        #expect(parked.state == .parked(.roomChanged))
        #expect(parked.actions.contains(.retry) && parked.actions.contains(.discard))
        // A parked send holds what was written after it (R10).
        #expect(room.packets.isEmpty)
        try alice.act(.skip, on: private1.intent)
        try alice.pump(&room)
        #expect(room.packets.map(\.text) == ["for whoever comes"])
        try alice.act(.retry, on: private1.intent)
        try alice.pump(&room)
        #expect(room.packets.map(\.text) == ["for whoever comes", "only for those who are here"])
        #expect(try alice.account.outbox().get().isEmpty)
        #expect(next.intent > private1.intent)
    }

    @Test func `the service itself may see that the room is another one`() throws {
        var (alice, room) = (try joined(), room)
        try alice.send("hello")
        room.sid = "RM_2"
        try alice.pump(&room)
        #expect(try alice.account.outbox().get().first?.state == .parked(.roomChanged))
        #expect(room.packets.isEmpty)
    }

    @Test func `a change that only another sender could make is parked`() throws {
        var (alice, room) = (try joined(), room)
        let sent = try alice.send("hello")
        let delivery = try #require(try alice.next().first)
        // It went out by another way, which has no name of its own.
        let packet = PushRoom.Packet(id: "w", sender: "api", text: "hello", time: 1)
        try alice.answer(delivery, .success(Acceptance(message: packet.key, written: packet.arrival)))
        try alice.wish(.edit(try #require(sent.message), text: "two", metadata: [:]))
        try alice.pump(&room)
        #expect(try alice.account.outbox().get().first?.state == .parked(.otherSender))
    }

    @Test func `a conversation can be made before anybody is there`() throws {
        var (alice, room) = (try RoomStation(), PushRoom())
        let made = try alice.wish(.createConversation(topic: "room", participants: []))
        try alice.send("first")
        room.sid = "RM_1"
        try alice.pump(&room)
        #expect(room.packets.map(\.text) == ["first"])
        try alice.join(room)
        #expect(try alice.conversation.id == made.conversation)
        #expect(try alice.account.conversations().get().count == 1)
    }
}
