import Tidemark
import TidemarkLiveKit
import TidemarkModel
import TidemarkSimulator

/// Two people in a LiveKit room, one of whom is away for a while.
struct RoomStory {
    private let printer: DemoPrinter
    private let clock: DemoClock
    private let room: DemoRoom
    private let alice: DemoPerson
    private let bob: DemoPerson

    /// A Monday morning.
    private static let start = Timestamp(milliseconds: 1_767_600_000_000)

    init(seed: UInt64, printer: DemoPrinter) async throws {
        self.printer = printer
        clock = DemoClock(start: Self.start)
        room = DemoRoom(seed: seed, clock: clock)
        alice = try await DemoPerson("alice", in: room, clock: clock, seed: seed)
        bob = try await DemoPerson("bob", in: room, clock: clock, seed: seed &+ 1)
    }

    /// Tells it and returns what the check found.
    func run() async throws -> [DemoJudge.Verdict] {
        try await writeOffline()
        clock.advance(by: .seconds(20))
        bob.channel.join()
        try await syncing(alice) {
            // What waits leaves when she is in the room, and not a moment before.
            try await alice.hasTried()
            alice.channel.join()
            try await syncing(bob) {
                try await talk()
                try await change()
            }
            bob.channel.leave()
            try await miss()
            clock.advance(by: .seconds(20))
            try await syncing(bob) {
                try await bob.hasTried()
                bob.channel.join()
                try await comeBack()
            }
        }
        return try RoomJudge(room: room, alice: alice, bob: bob).verdicts()
    }

    // MARK: The chapters

    private func writeOffline() async throws {
        printer.chapter(
            "1. Nobody is in the room", "Alice writes all the same. It is on disk, and leaves when she is in the room.")
        try await say("Is anybody there?", alice)
        try show(alice)
    }

    private func talk() async throws {
        printer.chapter(
            "2. Two in a room", "Both join. A room has no history: what was before is not known, and the first line says so.")
        try await alice.sees("Is anybody there?")
        try await bob.sees("Is anybody there?")
        for (text, from, to) in [
            ("I am, since a second ago", bob, alice), ("The meeting is at 5", alice, bob),
            ("Bring the purple folder", alice, bob),
            ("Which folder? 📁", bob, alice),
        ] {
            try await say(text, from)
            try await from.sees(text)
            try await to.sees(text)
        }
        try show(bob)
    }

    private func change() async throws {
        printer.chapter("3. An edit and a delete", "Both go out on every topic that readers listen to; Bob's copy follows.")
        try await edit("The meeting is at 5", to: "The meeting is at 6", alice)
        try await bob.sees("The meeting is at 6")
        clock.advance(by: .seconds(9))
        if let folder = try alice.entries.first(where: { $0.text == "Bring the purple folder" }) {
            try await alice.engine.delete(folder.id)
        }
        try await bob.sees { $0.contains { $0.deletedAt != nil } }
        printer.say("  Mallory sends an edit of Alice's message; the wire does not forbid it.")
        try forge()
        for person in [alice, bob] { try await person.refuses() }
        printer.say("")
        try await say("Ignore Mallory", alice)
        try await alice.sees("Ignore Mallory")
        try await bob.sees("Ignore Mallory")
        try show(bob)
    }

    private func miss() async throws {
        printer.chapter(
            "4. Bob's train is in a tunnel", "He writes, which waits. Alice goes on, and nobody keeps that for Bob.")
        try await say("I am in a tunnel", bob)
        for text in ["Bob? You are gone", "I moved it to Tuesday"] {
            try await say(text, alice)
            try await alice.sees(text)
        }
        try show(bob)
    }

    private func comeBack() async throws {
        printer.chapter(
            "5. Back again", "What waited leaves. What Bob missed is nowhere to be had, so a gap stands in its place.")
        try await bob.sees("I am in a tunnel")
        try await alice.sees("I am in a tunnel")
        try await say("Welcome back. It is on Tuesday", alice)
        try await alice.sees("Welcome back. It is on Tuesday")
        try await bob.sees("Welcome back. It is on Tuesday")
        try show(bob)
        printer.say("  Alice was there all the time:")
        printer.say("")
        try show(alice)
    }

    // MARK: Steps

    /// The person's engine runs while a body is told.
    private func syncing(_ person: DemoPerson, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await person.engine.run() }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private func say(_ text: String, _ person: DemoPerson) async throws {
        clock.advance(by: .seconds(13))
        try await person.engine.send(text, to: person.conversation)
    }

    private func edit(_ text: String, to new: String, _ person: DemoPerson) async throws {
        clock.advance(by: .seconds(9))
        guard let entry = try person.entries.first(where: { $0.text == text }) else { return }
        try await person.engine.edit(entry.id, to: new)
    }

    /// A packet of somebody else's about a message of Alice's.
    private func forge() throws {
        guard let target = try alice.entries.first(where: { $0.text == "The meeting is at 6" })?.remoteID,
            let id = target.rawValue.split(separator: "@").first
        else { return }
        let body = LiveKitChatBody(id: String(id), text: "The meeting is off", timestamp: clock.now)
        let mallory = DemoRoomChannel(room, as: "mallory")
        mallory.join()
        defer { mallory.leave() }
        mallory.say(try LiveKitChatWire.payload(body), topic: LiveKitTopic.update)
    }

    private func show(_ person: DemoPerson) throws {
        printer.say("  \(person.name.capitalizedFirst)'s timeline")
        try printer.timeline(of: person.conversation, in: person.engine.account)
    }
}
