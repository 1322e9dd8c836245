import Tidemark
import TidemarkModel
import TidemarkStore

/// Where a rate of the service counts.
struct RateLane: Hashable {
    var device: Int
    var rate: Int
    var conversation: RemoteConversationID?
}

extension Troubles {
    /// By seed, so that each trouble also has histories without it.
    func pressed(seed: UInt64) -> Troubles {
        var troubles = self
        if seed % 4 == 1 { troubles.clockJump = 0.01 }
        if seed % 3 != 0 { troubles.pushed = 0.7 }
        return troubles
    }
}

/// What presses from outside while a history runs: pushes, clocks, credentials, bursts; and what is watched all along.
extension World {
    mutating func setClocks(seed: UInt64) {
        guard seed % 3 == 1 else { return }
        for index in devices.indices { devices[index].clockOffset = anyOffset() }
    }

    private mutating func anyOffset() -> Int64 {
        Int64(pick(10 * 3600 * 1000)) - 5 * 3600 * 1000
    }

    mutating func press(_ index: Int) throws {
        if chance(troubles.clockJump) {
            struck["clock jump", default: 0] += 1
            devices[index].clockOffset = anyOffset()
            devices[index].hasClockJumped = true
            trace.add("clock", index, now, "\(devices[index].clockOffset)")
            if isVerbose { print(now - World.start, "clock", index, devices[index].clockOffset) }
            // A run that ends before it has looked at its clocks can't tell of a jump (docs/in-doubt.md); one that goes on looks.
            try pump(index)
        }
        if chance(0.1) { try resume(index) }
        if chance(0.004) { try burst(index) }
        if chance(0.1) { try watch() }
    }

    /// Another credential: what stood still goes on.
    mutating func resume(_ index: Int) throws {
        guard try devices[index].store.account(named: "me").stopReason != nil else { return }
        try devices[index].store.resume(devices[index].core.scope, moment(index))
        devices[index].core.noteStop(nil)
    }

    /// More at once than the service takes.
    private mutating func burst(_ index: Int) throws {
        guard
            let conversation = try devices[index].account.conversations().get().first(where: {
                $0.deletedAt == nil && $0.remoteID != nil
            })
        else { return }
        struck["burst", default: 0] += 1
        for number in 0..<14 {
            let text = "burst \(number)"
            try devices[index].wish(
                .send(OutgoingMessage(text), to: conversation.id), verb: .send, text: text, moment(index))
        }
    }

    // MARK: Pushes

    /// Tells the devices of what has changed: late, twice, out of order or never.
    mutating func push() {
        guard troubles.pushed > 0 else { return }
        for thread in service.threads {
            for message in thread.messages where message.kind.isUserKind && told[message.id] != message.version {
                told[message.id] = message.version
                for index in devices.indices where thread.members.contains(devices[index].user) && chance(troubles.pushed) {
                    struck["push", default: 0] += 1
                    let event = RemoteEvent.message(message.pushed, in: thread.id)
                    for _ in 0..<(pick(8) == 0 ? 2 : 1) {
                        put(.pushed(event, device: index), in: Int64(20 + pick(pick(6) == 0 ? 60_000 : 800)))
                    }
                }
            }
        }
    }

    // MARK: Watching

    /// What holds at every moment, not only at the end.
    private mutating func watch() throws {
        for device in devices {
            caught += try device.store.miscounts().map { "P8: \(device.name) \($0) at \(now)" }
        }
        caught += Judge(world: self).doubled()
    }

    /// A request arrived: the service's published rates count it.
    mutating func note(_ effect: SyncCore.Effect, _ device: Int, _ incarnation: Int) {
        // What comes after its client has given up is nobody's pace; nor is that of a clock that was set.
        guard case .deliver(let delivery) = effect, incarnation == devices[device].incarnation, !devices[device].hasClockJumped
        else { return }
        for (number, rate) in service.traits.rates.enumerated() where rate.verbs.contains(delivery.action.verb) {
            let lane = RateLane(
                device: device, rate: number, conversation: rate.scope == .lane ? delivery.action.conversation : nil)
            let since = now - rate.period.milliseconds
            let counted = arrivals[lane, default: []].filter { $0 > since } + [now]
            arrivals[lane] = counted
            if counted.count > rate.count {
                caught.append("R9: device \(device) sent \(counted.count) in \(rate.period) at \(now)")
            }
        }
    }
}

extension RawMessage {
    /// As a push tells it: without its number in the order of changes.
    var pushed: RemoteMessage {
        RemoteMessage(
            id: id, version: version, place: Int64(id.rawValue), kind: kind, text: text, sender: sender, createdAt: createdAt,
            editedAt: isEdited ? Timestamp(milliseconds: version) : nil,
            deletedAt: isDeleted ? Timestamp(milliseconds: version) : nil, token: token, editMarker: editMarker)
    }
}

extension Delivery.Action {
    var conversation: RemoteConversationID? {
        switch self {
        case .createConversation: nil
        case .send(_, let conversation), .edit(_, _, _, let conversation), .delete(_, let conversation),
            .markRead(_, let conversation), .rename(let conversation, _), .addParticipants(_, let conversation),
            .removeParticipant(_, let conversation), .deleteConversation(let conversation):
            conversation
        }
    }
}
