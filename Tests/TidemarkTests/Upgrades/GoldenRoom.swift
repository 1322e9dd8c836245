import TidemarkModel
import TidemarkStore

/// What happened to an account of a room, where nothing is ever read: packets in every order, breaks, work in every state.
struct GoldenRoom {
    private var alice: RoomStation
    private var room = PushRoom()

    init(on store: MessageStore) throws {
        alice = try RoomStation(on: store)
    }

    mutating func tell() throws {
        let hello = PushRoom.Packet(id: "a", sender: "bob", text: "hi", time: 1000)
        let gone = PushRoom.Packet(id: "b", sender: "carol", text: "gone", time: 2000)
        let held = PushRoom.Packet(id: "c", sender: "dave", text: "held", time: 3000)
        try alice.join(room)
        try alice.hear(hello, hello.edit("hello", at: 1500), hello, gone, gone.delete(at: 2500), held.delete(at: 3500))
        try alice.hear(hello.edit("evil", at: 9000, by: "eve"))
        try alice.leave(.overflow)
        try alice.join(room)
        try alice.hear(PushRoom.Packet(id: "d", sender: "bob", text: "later", time: 4000))
        try alice.leave()
        let sent = try alice.send("sent")
        try alice.pump(&room)
        try alice.join(room)
        try alice.take(.rejected(Reject(reason: "It is no JSON.", raw: [0xFF]), in: PushRoom.name))
        try alice.take(.rejected(Reject(id: "bob/e", reason: "Its time is no time.", raw: [0x7B]), in: PushRoom.name))
        try alice.hear(PushRoom.Packet(id: "f", sender: "bob", text: "after the break", time: 5000))
        // The program was killed with a request on its way.
        try alice.send("on its way")
        _ = try alice.next()
        try alice.send("queued")
        try alice.wish(.edit(sent.message ?? MessageID(0), text: "sent, edited", metadata: [:]))
    }
}
