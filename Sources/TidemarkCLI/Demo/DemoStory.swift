import Tidemark
import TidemarkModel
import TidemarkSimulator

/// The whole story, stage by stage.
struct DemoStory {
    /// Should some fault still not have struck after so many rounds, the demo says so.
    private static let maximumRounds = 60
    private static let minimumRounds = 6
    private static let lines = [
        "The dining car has coffee", "We are late by ten minutes", "Passing the lake now", "The tunnel was long",
        "Window seat, at last", "Somebody is singing in coach 4", "Bridge ahead", "They check tickets", "Rain on the left side",
        "The sea!", "Next stop is ours", "Platform 2, says the screen",
    ]

    private var stage: DemoStage
    private let printer: DemoPrinter
    private var trip = ConversationID(0)
    /// How many of the network's strikes were told.
    private var told = 0

    init(stage: DemoStage, printer: DemoPrinter) {
        self.stage = stage
        self.printer = printer
    }

    /// Tells it and returns what the check found.
    mutating func run() async throws -> (verdicts: [DemoJudge.Verdict], struck: [String: Int]) {
        defer { stage.device.remove() }
        try await writeOffline()
        try await goOnline()
        try await receive()
        try await goOn()
        try await comeToRest()
        let struck = stage.network.strikes.reduce(into: [:]) { $0[$1.fault, default: 0] += 1 }
        let judge = DemoJudge(simulator: stage.simulator, account: stage.device.account, written: stage.written)
        return (try judge.verdicts(struck: struck), struck)
    }

    private mutating func writeOffline() async throws {
        printer.chapter("1. On the train, no network", "Alice makes a conversation and writes. All of it is on disk at once.")
        let friends = stage.users[1...2].map { Participant(id: ParticipantID($0.id), displayName: $0.displayName) }
        trip = try await stage.device.engine.createConversation(topic: "Trip to the sea", with: friends).conversation
        _ = try await stage.send("On the train. Who has the tickets?", to: trip)
        let typo = try await stage.send("I am in coach 3", to: trip)
        let hasty = try await stage.send("You forgot them AGAIN", to: trip)
        _ = try await stage.send("Found them in my coat", to: trip)
        _ = try await stage.send("We arrive at ten past nine", to: trip)
        if let typo { try await stage.device.engine.edit(typo, to: "I am in coach 5, come by") }
        if let hasty { try await stage.device.engine.delete(hasty) }
        try printer.timeline(of: trip, in: stage.device.account)
    }

    private mutating func goOnline() async throws {
        printer.chapter(
            "2. A network, of a kind", "It syncs, and in the middle of a send, when the service has acted, the program is killed."
        )
        stage.network.crashAtNextSend(of: stage.device.store)
        // It takes a send: the conversation has to be made first, and the network is what it is.
        for _ in 1...20 where !stage.isDown { tell(try await stage.sync(deadline: .seconds(600))) }
        printer.chapter("3. Started again", "The one in doubt is looked for before anything is sent twice; the others follow.")
        try await restartIfKilled()
        try printer.timeline(of: trip, in: stage.device.account)
        try await sync(deadline: .seconds(600))
        try printer.timeline(of: trip, in: stage.device.account)
    }

    private mutating func receive() async throws {
        printer.chapter("4. The others", "Bob and Carol write, edit and delete; Alice edits and deletes what has long arrived.")
        for text in ["I have the picnic", "Which coach?", "Wait for me", "Never mind, I see you"] {
            try stage.others(.send, in: trip, text: text)
        }
        try stage.others(.edit, in: trip, text: "Corrected: it is ten to nine")
        try stage.others(.delete, in: trip, text: "I was never here")
        try await change(.edit, "Arriving at twenty past nine")
        try await change(.delete, "")
        try await sync(deadline: .seconds(600))
        try printer.timeline(of: trip, in: stage.device.account)
    }

    private mutating func goOn() async throws {
        printer.chapter("5. The rest of the way", "Everybody goes on, until each fault has struck.")
        for round in 1...Self.maximumRounds {
            let acts = try await act(round)
            if round % 4 == 0 { stage.network.crashAtNextSend(of: stage.device.store) }
            let isWhole = try await stage.sync(deadline: .seconds(round % 3 == 0 ? 5 : 300)) != nil
            try await restartIfKilled()
            printer.round(round, acts: acts, strikes: Array(stage.network.strikes[told...]), isKilled: !isWhole)
            told = stage.network.strikes.count
            let seen = Set(stage.network.strikes.map(\.fault))
            if round >= Self.minimumRounds, DemoFault.all.allSatisfy({ seen.contains($0.name) }) { break }
        }
    }

    /// The network is good, and a night passes, so that everything that may be looked at once in a while was.
    private mutating func comeToRest() async throws {
        printer.chapter("6. Arrived", "The network is good at last. Everything comes to rest.")
        stage.network.transport.with { $0.faults.stop() }
        _ = try await stage.send("Home at last", to: trip)
        for _ in 1...3 {
            stage.clock.advance(by: .seconds(7 * 3600))
            try await sync(deadline: .seconds(300))
        }
        try printer.timeline(of: trip, in: stage.device.account, limit: 12)
    }

    // MARK: Steps

    /// What happens between two syncs, drawn from the seed.
    private mutating func act(_ round: Int) async throws -> String {
        var counts: [String: Int] = [:]
        for step in 1...6 {
            let text = Self.lines[stage.pick(Self.lines.count)] + " (\(round).\(step))"
            switch stage.pick(10) {
            case 0...3:
                _ = try await stage.send(text, to: trip)
                counts["sent", default: 0] += 1
            case 4:
                try await change(.edit, text)
                counts["edited", default: 0] += 1
            case 5:
                try await change(.delete, text)
                counts["deleted", default: 0] += 1
            case 6: try await stage.device.engine.markRead(trip)
            default:
                try stage.others([DemoAct.send, .send, .edit, .delete][stage.pick(4)], in: trip, text: text)
                counts["by others", default: 0] += 1
            }
        }
        if counts["sent"] == nil {
            _ = try await stage.send(Self.lines[round % Self.lines.count] + " (\(round).7)", to: trip)
            counts["sent"] = 1
        }
        return ["sent", "edited", "deleted", "by others"].compactMap { name in counts[name].map { "\($0) \(name)" } }
            .joined(separator: ", ")
    }

    /// Edits or deletes one of Alice's live messages.
    private mutating func change(_ act: DemoAct, _ text: String) async throws {
        let entries = try stage.device.account.timeline(of: trip, limit: 200).get().entries
        let own = entries.filter { $0.isOwn && $0.deletedAt == nil && $0.kind.isUserKind && $0.state.reason == nil }
        guard let target = stage.picked(of: own) else { return }
        stage.clock.advance(by: .seconds(5))
        if act == .edit {
            try await stage.device.engine.edit(target.id, to: text)
        } else {
            try await stage.device.engine.delete(target.id)
        }
    }

    /// Syncs and tells of it; should the program have been killed in it, it is started again and syncs on.
    private mutating func sync(deadline: Duration) async throws {
        tell(try await stage.sync(deadline: deadline))
        guard stage.isDown else { return }
        try await restartIfKilled()
        tell(try await stage.sync(deadline: deadline))
    }

    private mutating func tell(_ report: SyncReport?) {
        printer.strikes(Array(stage.network.strikes[told...]))
        told = stage.network.strikes.count
        printer.report(report)
    }

    private mutating func restartIfKilled() async throws {
        if stage.isDown { try await stage.restart() }
    }
}
