import QuickStart
import TidemarkLiveKit

// What LiveKit's `ChatManager` shows: two participants of a room, one who writes, changes and deletes, and one who listens. A room
// takes WebRTC; here a child process is in it for each of them, the bridge (docs/livekit.md).
await QuickStart.run {
    let alice = try Participant("TIDEMARK_BRIDGE")
    let bob = try Participant("TIDEMARK_BRIDGE_2")
    try await withThrowingTaskGroup { group in
        group.addTask { await alice.bridge.run() }
        group.addTask { await bob.bridge.run() }
        let names = try await [alice.entered(), bob.entered()]
        try QuickStart.see("In the room: \(names.joined(separator: ", "))", names == ["alice", "bob"])

        // As Python's class does it: edits and deletes on the topic for updates, one packet each.
        let manager = LiveKitChatConfiguration(form: .python, editPolicy: .python)
        let chat = LiveKitChat(channel: alice.bridge, identity: "alice", configuration: manager)
        var received = LiveKitChat(channel: bob.bridge, identity: "bob", configuration: manager).messages.makeAsyncIterator()

        var message = try await chat.send("See you at 5")
        let first = await received.next()
        try QuickStart.see("Received from \(first?.participant ?? "?"): \(first?.text ?? "")", first?.id == message.id)

        message.text = "See you at 6"
        message = try await chat.update(message)
        let changed = await received.next()
        try QuickStart.see("Changed: \(changed?.text ?? "")", changed?.id == message.id && changed?.text == "See you at 6")

        try await chat.delete(message)
        let deleted = await received.next()
        try QuickStart.see("Deleted.", deleted?.id == message.id && deleted?.isDeleted == true)

        chat.close()
        group.cancelAll()
    }
    try QuickStart.see("Both have left.")
}
