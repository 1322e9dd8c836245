internal import Tidemark
internal import TidemarkModel
internal import TidemarkSimulator
internal import TidemarkStore

/// P3: one lane per conversation, first in first out.
extension ConformanceCheck {
    static let ordered = [
        ConformanceCheck("P3", "messages keep their order through faults", unless: [Unless.lacks(.send)]) { stage in
            let (device, place) = try await stage.begun()
            var faults: [FaultyChatService.Fault] = [.unreachable, .throttled(retryAfter: .seconds(3)), .unreachable]
            // What would ask a person is another check's.
            switch stage.traits.lostAnswer(of: .send) {
            case .repeatable, .echoed: faults += [.answerLost, .requestLost, .failed(applied: false)]
            case .recognisable: faults += [.answerLost]
            case .blind: break
            }
            for fault in faults { device.service.strike(.verb(.send), fault) }
            let texts = (1...6).map { "number \($0)" }
            for text in texts { try await device.engine.send(text, to: place.local) }
            for _ in faults { try await device.run(stage.bound) { device.isAtRest } }
            try require(device.outbox.isEmpty, "the outbox is not empty within \(stage.bound)")
            let there = try await stage.live(place).map(\.text).filter(texts.contains)
            try require(there == texts, "the service holds them in another order, or not once each")
            try await stage.catchUp(device)
            let here = try device.shown(place.local).compactMap(\.text).filter(texts.contains)
            try require(here == texts, "they are shown in another order")
        },
        ConformanceCheck("P3", "a parked send holds its own lane and no other", unless: [Unless.lacks(.send)]) { stage in
            let (device, place) = try await stage.begun()
            let other = try await stage.open(device, 1)
            try await stage.say("said elsewhere", device, in: other)
            stage.clock.advance(by: stage.traits.settleWindow + .seconds(1))
            device.service.strike(.verb(.send), .forbidden)
            let refused = try await device.engine.send("refused", to: place.local)
            try await device.engine.send("behind it", to: place.local)
            try await device.engine.send("elsewhere", to: other.local)
            try await device.run(.seconds(30))
            let parked = try device.account.intent(refused.intent).get().state
            try require(parked == .parked(.forbidden), "a refused send is not parked: \(parked.name)")
            let (behind, elsewhere) = (try await stage.held("behind it", in: place), try await stage.held("elsewhere", in: other))
            try require(behind == 0, "the send behind a parked one went out")
            try require(elsewhere == 1, "a parked send held another conversation")
            try await device.engine.retry(refused.intent)
            try await device.run(stage.bound) { device.isAtRest }
            let texts = try await stage.live(place).map(\.text).suffix(2)
            try require(Array(texts) == ["refused", "behind it"], "tried again, it did not go out in its old place")
        },
    ]
}
