internal import Tidemark
internal import TidemarkModel
internal import TidemarkSimulator
internal import TidemarkStore

/// R13 and R24: who we are, and what can't be read.
extension ConformanceCheck {
    static let identities = [
        ConformanceCheck(
            "R13", "a credential of somebody else sends nothing",
            unless: [
                { traits in
                    traits.identityChanges ? "identityChanges: a new id is the same user" : nil
                }
            ]
        ) { stage in
            let service = try await stage.world.service(for: stage.other)
            do throws(ServiceError) {
                guard try await service.identity() != nil else { throw ServiceError(.unsupported, certainty: .notApplied) }
            } catch {
                throw NotPlayed("it can't tell as whom it asks")
            }
            let before = try await stage.world.conversations().count
            let device = try await stage.device(as: stage.other)
            try await device.engine.createConversation(topic: stage.world.topics[0])
            try await device.run(.seconds(60))
            try require(try device.stopReason == .wrongIdentity, "the account goes on with a credential of somebody else")
            try require(device.service.calls.isEmpty, "\(device.service.calls.count) requests with a credential of somebody else")
            let after = try await stage.world.conversations().count
            try require(after == before, "something was made with a credential of somebody else")
        },
        ConformanceCheck(
            "R13", "a user who gets another id keeps the account",
            unless: [
                { traits in
                    traits.identityChanges ? nil : "identityChanges is false"
                }
            ]
        ) { stage in
            let device = try await stage.device(as: stage.other)
            try await device.engine.createConversation(topic: stage.world.topics[0])
            try await device.run(.seconds(60))
            try require(try device.stopReason == nil, "the account stopped, although its id may change")
            let known = try device.store.account(named: "me").identities
            try require(Set(known) == [stage.me, stage.other], "the new id is not one of the account's")
        },
        ConformanceCheck(
            "R21", "what is written while it is closed waits, and leaves once it is open",
            unless: [{ traits in traits.history == .none ? nil : "history is kept" }, Unless.lacks(.send)]
        ) { stage in
            let (device, place) = try await stage.begun()
            guard try await stage.world.setOpen(false, place.remote) else { throw NotPlayed("it is always open") }
            let sent = try await device.engine.send("is anybody there?", to: place.local)
            try await device.run(.seconds(120))
            let state = try device.account.intent(sent.intent).get().state
            try require([.queued, .waiting].contains(state), "what can't leave yet is \(state.name)")
            let early = try await stage.held("is anybody there?", in: place)
            try require(early == 0, "it was said while nobody was there")
            _ = try await stage.world.setOpen(true, place.remote)
            try await device.run(stage.bound) { device.isAtRest }
            let count = try await stage.held("is anybody there?", in: place)
            try require(device.outbox.isEmpty && count == 1, "once it is open the service holds \(count) of it")
        },
        ConformanceCheck("R24", "what can't be read is a hole, and the rest is shown", unless: [Unless.lacks(.send)]) { stage in
            let (device, place) = try await stage.begun()
            try await stage.otherSays("before it", in: place)
            guard try await stage.world.plantUnreadable(in: place.remote) else {
                throw NotPlayed("the world has nothing unreadable")
            }
            try await stage.otherSays("behind it", in: place)
            try await stage.catchUp(device)
            let shown = try device.shown(place.local).compactMap(\.text)
            try require(shown.suffix(2) == ["before it", "behind it"], "what stands around an unreadable item is not shown")
            let rejects = try device.account.rejects().get()
            try require(rejects.count == 1, "\(rejects.count) items are listed as unreadable, and one is")
            let entries = try device.account.timeline(of: place.local, limit: 500).get().entries
            let behind = entries.first { $0.text == "behind it" }
            try require(
                entries.contains { $0.kind == .unreadable } || behind?.gapBefore == true, "nothing shows that something is there")
            let unread = try device.account.conversation(place.local).get().unread
            try require(unread == 2, "\(unread) unread, and two can be read")
        },
    ]
}
