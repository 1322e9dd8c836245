internal import Tidemark
internal import TidemarkModel
internal import TidemarkSimulator
internal import TidemarkStore

/// P2: what nothing proves is asked, and both answers are obeyed.
extension ConformanceCheck {
    private static let noQuestion: @Sendable (ServiceTraits) -> String? = { traits in
        switch traits.lostAnswer(of: .send) {
        case .repeatable: "a send is repeatable"
        case .echoed: "a send's token comes back"
        case .recognisable, .blind: nil
        }
    }

    private static let found: @Sendable (ServiceTraits) -> String? = { traits in
        traits.lostAnswer(of: .send) == .recognisable ? "a send that arrived is recognised" : nil
    }

    static let asking = [
        ConformanceCheck("P2", "asked, and told that it did not arrive: sent once", unless: [Unless.lacks(.send), noQuestion]) {
            stage in
            let (device, place) = try await stage.begun()
            try await ask(stage, device, place, .requestLost) { _ in .notSent }
        },
        ConformanceCheck("P2", "asked, and told that it arrived: kept once", unless: [Unless.lacks(.send), noQuestion, found]) {
            stage in
            let (device, place) = try await stage.begun()
            try await ask(stage, device, place, .answerLost) { messages in .arrived(messages.last?.id.rawValue ?? "") }
        },
        ConformanceCheck(
            "P2", "sent again after proof of absence, if so configured",
            unless: [
                Unless.lacks(.send), noQuestion,
                { $0.lostAnswer(of: .send) == .blind ? "a send is blind: nothing proves its absence" : nil },
            ]
        ) { stage in
            let device = try await stage.device { $0.absentSends = .resend }
            let place = try await stage.open(device)
            try await stage.say("said at first", device, in: place)
            for fault in [FaultyChatService.Fault.requestLost, .answerLost] {
                device.service.strike(.verb(.send), fault)
                let text = "sent at \(stage.clock.now.milliseconds)"
                try await device.engine.send(text, to: place.local)
                try await device.run(stage.bound) { device.isAtRest }
                try require(device.outbox.isEmpty, "\(fault.words): it is not settled, although it may be sent again")
                let count = try await stage.held(text, in: place)
                try require(count == 1, "\(fault.words): the service holds \(count) of it")
            }
        },
    ]

    private static func ask(
        _ stage: Stage, _ device: Device, _ place: Stage.Place, _ fault: FaultyChatService.Fault,
        _ answer: ([HeldMessage]) -> Resolution
    ) async throws {
        let text = "did it arrive?"
        device.service.strike(.verb(.send), fault)
        let sent = try await device.engine.send(text, to: place.local)
        try await device.run(stage.bound) { device.isAtRest }
        guard let entry = device.outbox.first, entry.asks else { throw Broken("nothing proves it, and nobody was asked") }
        try await device.engine.resolve(sent.intent, as: answer(try await stage.live(place)))
        try await device.run(stage.bound) { device.isAtRest }
        let count = try await stage.held(text, in: place)
        try require(device.outbox.isEmpty && count == 1, "once it was answered the service holds \(count) of it")
        let shown = try device.shown(place.local).count { $0.text == text }
        try require(shown == 1, "once it was answered \(shown) of it are shown")
    }
}
