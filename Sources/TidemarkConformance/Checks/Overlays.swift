internal import Tidemark
internal import TidemarkModel
internal import TidemarkSimulator
internal import TidemarkStore

/// P7: what is shown is the service's state with the user's wishes on top.
extension ConformanceCheck {
    static let overlays = [
        ConformanceCheck("P7", "an acknowledged edit never flickers back", unless: [Unless.lacks(.send, .edit)]) { stage in
            let (device, place) = try await stage.begun()
            try await stage.catchUp(device)
            guard let message = try device.shown(place.local).first?.id else { throw Broken("an own message is not shown") }
            let (late, pushed) = (device.lateListings(of: place), device.pushed)
            try await device.engine.edit(message, to: "said better")
            let text = { try device.shown(place.local).first { $0.id == message }?.text }
            let holds = { (when: String) in try require(try text() == "said better", "\(when) the old text is shown again") }
            try holds("at once")
            // It looks at every step, and never says that it has seen enough.
            try await device.run(.seconds(20)) {
                try holds("while it goes out")
                return device.outbox.isEmpty
            }
            device.service.answer(with: late)
            for event in pushed { try await device.engine.receive(event) }
            try holds("after a late push")
            try await device.run(stage.bound) {
                try holds("after a late page")
                return false
            }
            let there = try await stage.live(place).map(\.text)
            try require(there == ["said better"], "the service does not hold the edit")
        },
        ConformanceCheck("P7", "a rejected edit leaves the view and stays listed", unless: [Unless.lacks(.send, .edit)]) {
            stage in
            let (device, place) = try await stage.begun()
            stage.clock.advance(by: stage.traits.settleWindow + .seconds(1))
            try await stage.catchUp(device)
            device.service.strike(.verb(.edit), .forbidden)
            guard let message = try device.shown(place.local).first?.id else { throw Broken("an own message is not shown") }
            let edit = try await device.engine.edit(message, to: "said worse")
            try require(try device.shown(place.local).first?.text == "said worse", "an edit is not shown at once")
            try await device.run(stage.bound) { device.isAtRest }
            let state = try device.account.intent(edit.intent).get().state
            try require(state == .parked(.forbidden), "a refused edit is not listed as parked: \(state.name)")
            try require(try device.shown(place.local).first?.text == "said at first", "a refused edit is still shown")
        },
    ]
}
