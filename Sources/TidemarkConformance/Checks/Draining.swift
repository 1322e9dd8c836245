internal import Tidemark
internal import TidemarkModel
internal import TidemarkSimulator
internal import TidemarkStore

/// P9: once faults stop, the outbox empties, and what the service asks for is obeyed.
extension ConformanceCheck {
    /// The rate that a few sends reach first.
    private static func rate(_ traits: ServiceTraits) -> ServiceTraits.Rate? {
        traits.rates.filter { $0.verbs.contains(.send) && $0.count <= 60 }.min { $0.count < $1.count }
    }

    static let draining = [
        ConformanceCheck("P9", "the outbox empties once faults stop", unless: [Unless.lacks(.send)]) { stage in
            let (device, place) = try await stage.begun()
            for number in 1...3 { try await device.engine.send("number \(number)", to: place.local) }
            device.service.strike(.everything, .unreachable, times: 1_000)
            try await device.run(.seconds(300))
            let count = device.service.calls.count { $0.fault == .unreachable }
            try require(device.outbox.count == 3, "an intent was dropped while nothing could be reached")
            try require(count < 150, "\(count) requests in five minutes without a way to the service")
            device.service.heal()
            try await device.run(Stage.configuration.maximumBackoff * 2 + .seconds(60)) { device.outbox.isEmpty }
            try require(device.outbox.isEmpty, "the outbox is not empty two backoffs after the faults stopped")
            let texts = try await stage.live(place).map(\.text)
            try require(texts == ["said at first"] + (1...3).map { "number \($0)" }, "the service does not hold each once")
        },
        ConformanceCheck("P9", "Retry-After is obeyed", unless: [Unless.lacks(.send)]) { stage in
            let (device, place) = try await stage.begun()
            device.service.strike(.verb(.send), .throttled(retryAfter: .seconds(40)))
            try await device.engine.send("throttled", to: place.local)
            try await device.run(stage.bound + .seconds(40)) { device.outbox.isEmpty }
            let sends = device.service.calls.filter { $0.verb == .send }
            guard let index = sends.firstIndex(where: { $0.fault != nil }), sends.count > index + 1 else {
                throw Broken("a throttled send was not tried again")
            }
            let waited = sends[index + 1].began - sends[index].began
            try require(waited >= .seconds(40), "asked to wait 40 s, it came back after \(waited)")
            try require(device.outbox.isEmpty, "the outbox is not empty after the wait")
        },
        ConformanceCheck("P9", "a refused credential stops the account until there is a new one", unless: [Unless.lacks(.send)]) {
            stage in
            let (device, place) = try await stage.begun()
            device.service.strike(.everything, .unauthenticated, times: 20)
            let sent = try await device.engine.send("with a new credential", to: place.local)
            try await device.run(.seconds(120))
            let refused = device.service.calls.count { $0.fault == .unauthenticated }
            try require(refused <= 4, "\(refused) requests with a credential that is refused")
            try require(try device.account.intent(sent.intent).get().state == .queued, "an intent was parked with its account")
            device.service.heal()
            try device.engine.credentialChanged()
            try await device.run(stage.bound) { device.outbox.isEmpty }
            let count = try await stage.held("with a new credential", in: place)
            try require(count == 1, "with a new credential the service holds \(count) of it")
        },
        ConformanceCheck(
            "P9", "requests keep to the published rates",
            unless: [
                Unless.lacks(.send),
                { traits in
                    rate(traits) == nil ? "rates has none for a send that a few messages reach" : nil
                },
            ]
        ) { stage in
            guard let rate = rate(stage.traits) else { return }
            let (device, place) = try await stage.begun()
            let total = rate.count + 5
            for number in 1...total { try await device.engine.send("number \(number)", to: place.local) }
            try await device.run(rate.period * 4 + stage.bound) { device.outbox.isEmpty }
            try require(device.outbox.isEmpty, "\(total) messages did not go out in four periods of the rate")
            let times = device.service.calls.filter { $0.verb.map(rate.verbs.contains) ?? false }.map(\.began)
            for (index, time) in times.enumerated() where index >= rate.count {
                try require(time - times[index - rate.count] >= rate.period, "more than \(rate.count) requests in \(rate.period)")
            }
        },
    ]
}
