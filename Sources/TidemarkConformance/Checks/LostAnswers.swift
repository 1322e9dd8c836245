internal import Tidemark
internal import TidemarkModel
internal import TidemarkSimulator
internal import TidemarkStore

/// P2: an answer that was lost is settled as the trait of its verb says, and nothing is done twice.
extension ConformanceCheck {
    static let lostAnswers = [
        lost(.createConversation) { stage, device, _ in
            let topics = stage.world.topics
            let before = try await stage.world.conversations().count { $0.topic == topics[1] && !$0.isDeleted }
            try await device.engine.createConversation(topic: topics[1], with: [Participant(id: stage.other)])
            return { try await stage.world.conversations().count { $0.topic == topics[1] && !$0.isDeleted } == before + 1 }
        },
        lost(.send) { stage, device, place in
            let text = "sent at \(stage.clock.now.milliseconds)"
            try await device.engine.send(text, to: place.local)
            return { try await stage.held(text, in: place) == 1 }
        },
        lost(.edit) { stage, device, place in
            let text = "edited at \(stage.clock.now.milliseconds)"
            if let message = try device.shown(place.local).first?.id { try await device.engine.edit(message, to: text) }
            return { try await stage.live(place).first?.text == text }
        },
        lost(.delete) { stage, device, place in
            let sent = try await stage.say("in the way at \(stage.clock.now.milliseconds)", device, in: place)
            if let message = sent.message { try await device.engine.delete(message) }
            return { try await stage.live(place).map(\.text) == ["said at first"] }
        },
        lost(.markRead) { stage, device, place in
            try await stage.otherSays("unread at \(stage.clock.now.milliseconds)", in: place)
            try await stage.catchUp(device)
            try await device.engine.markRead(place.local)
            return { try device.account.conversation(place.local).get().unread == 0 }
        },
        lost(.rename) { stage, device, place in
            let topic = "Trip at \(stage.clock.now.milliseconds)"
            try await device.engine.rename(place.local, to: topic)
            return { try await stage.world.conversations().first { $0.id == place.remote }?.topic == topic }
        },
        lost(.addParticipants) { stage, device, place in
            guard let third = stage.world.users.dropFirst(2).first else { throw NotPlayed("it has two users") }
            try await device.engine.add([Participant(id: third)], to: place.local)
            return { try await stage.world.conversations().first { $0.id == place.remote }?.members.count { $0 == third } == 1 }
        },
        lost(.removeParticipant) { stage, device, place in
            try await device.engine.remove(stage.other, from: place.local)
            return {
                try await stage.world.conversations().first { $0.id == place.remote }?.members.contains(stage.other) == false
            }
        },
        lost(.deleteConversation) { stage, device, place in
            try await device.engine.deleteConversation(place.local)
            return { try await stage.world.conversations().first { $0.id == place.remote }?.isDeleted ?? true }
        },
    ]

    private typealias Wish = @Sendable (Stage, Device, Stage.Place) async throws -> () async throws -> Bool

    /// Each way to lose an answer, with and without the effect.
    static let faults: [FaultyChatService.Fault] = [
        .answerLost, .requestLost, .failed(applied: true), .failed(applied: false), .cancelled(applied: true),
        .cancelled(applied: false),
    ]

    private static func lost(_ verb: Verb, _ wish: @escaping Wish) -> ConformanceCheck {
        ConformanceCheck(
            "P2", "\(verb.rawValue): a lost answer, one effect",
            unless: [Unless.lacks(.send, verb)] + (verb == .markRead ? [Unless.tellsNoMarks] : [])
        ) { stage in
            if verb == .createConversation, stage.world.topics.count < 2 { throw NotPlayed("it has one conversation") }
            let isFinal = [.deleteConversation, .removeParticipant, .addParticipants].contains(verb)
            for (index, fault) in faults.enumerated() {
                // What can be done only once to a conversation gets a new world each time.
                let stage = isFinal && index > 0 ? try await stage.another() : stage
                defer { if isFinal && index > 0 { stage.remove() } }
                try await lose(verb, fault, stage, index, wish)
                if verb == .createConversation, index == 1 { return }
            }
        }
    }

    private static func lose(
        _ verb: Verb, _ fault: FaultyChatService.Fault, _ stage: Stage, _ index: Int, _ wish: Wish
    ) async throws {
        let (device, place) = try await stage.begun()
        let isDone = try await wish(stage, device, place)
        device.service.strike(.verb(verb), fault)
        let before = device.service.calls.count
        try await device.run(stage.bound) { device.isAtRest }
        let calls = device.service.calls.dropFirst(before).filter { $0.verb == verb }
        let when = "\(verb.rawValue), \(fault.words)"
        try require(calls.first?.fault == fault, "\(when): the engine did not ask for it")
        try require(device.isAtRest, "\(when): nothing is settled within \(stage.bound): \(device.standing)")
        try judge(
            stage.traits.lostAnswer(of: verb), verb, fault, asks: device.outbox.contains(where: \.asks), calls.map(\.token), when)
        try await stage.answerQuestions(device, place)
        try require(device.outbox.isEmpty, "\(when): it is not settled, although all was answered")
        if verb != .deleteConversation, verb != .removeParticipant { try await stage.catchUp(device) }
        let isSo = try await isDone()
        try require(isSo, "\(when): the service does not hold one effect of it")
    }

    /// What the trait of the verb allows.
    private static func judge(
        _ trait: ServiceTraits.LostAnswer, _ verb: Verb, _ fault: FaultyChatService.Fault, asks: Bool, _ tokens: [Token?],
        _ when: String
    ) throws {
        try require(Set(tokens).count <= 1, "\(when): a repetition had another token")
        switch trait {
        case .repeatable:
            try require(!asks, "\(when): it is repeatable, and a person was asked")
            try require(tokens.count >= 2 || fault.isApplied, "\(when): it is repeatable, and was not repeated")
        case .echoed:
            try require(!asks, "\(when): its token comes back, and a person was asked")
            try require((tokens.count == 1) == fault.isApplied, "\(when): sent \(tokens.count) times")
        case .recognisable where verb == .send:
            try require(tokens.count == 1, "\(when): it was sent again without leave")
            try require(
                asks != fault.isApplied, "\(when): " + (asks ? "it is there, and a person was asked" : "nobody was asked"))
        case .blind where verb == .send:
            try require(asks && tokens.count == 1, "\(when): nothing proves it, and nobody was asked")
        case .recognisable, .blind: break
        }
    }
}

extension FaultyChatService.Fault {
    var words: String {
        switch self {
        case .answerLost: "done and the answer lost"
        case .requestLost: "lost on the way"
        case .unreachable: "out of reach"
        case .failed(let applied): applied ? "done and answered with 503" : "refused with 503"
        case .throttled: "throttled"
        case .unauthenticated: "refused with 401"
        case .forbidden: "refused with 403"
        case .cancelled(let applied): applied ? "done and not waited for" : "cancelled before it was done"
        }
    }
}
