import Tidemark
import TidemarkModel
import TidemarkStore

/// Where a rate of the service counts.
struct RateLane: Hashable {
    var device: Int
    var rate: Int
    var conversation: RemoteConversationID?
}

/// What goes wrong by itself, and what is watched all along.
extension World {
    mutating func setClocks(seed: UInt64) {
        guard seed % 3 == 1 else { return }
        for index in devices.indices { devices[index].clockOffset = anyOffset() }
    }

    private mutating func anyOffset() -> Int64 {
        Int64(pick(10 * 3600 * 1000)) - 5 * 3600 * 1000
    }

    /// A fault that is a step of its own.
    mutating func trouble() throws -> StepKind {
        let index = pick(devices.count)
        if troubles.setsClocks, chance(0.5) { return try setClock() }
        if troubles.hasBackups, chance(0.6) { return try rollBack(index) }
        let fault: Fault
        switch pick(18) {
        case ..<4:
            fault = .crash
            try crash(index)
        case ..<7:
            fault = .stopped
            stop(chance(0.5) ? 0 : index)
        case ..<10:
            fault = .wrongCredential
            try takeWrongCredential(index)
        case ..<16: return try actOfSibling()
        case 16:
            // A tunnel, or a flight.
            devices[index].offlineUntil = now + Int64([3_000, 5_000, 5_000, 20_000, 60_000, 200_000, 800_000][pick(7)])
            return .trouble
        default:
            try burst(index)
            return .others
        }
        counts.faults[fault, default: 0] += 1
        return .trouble
    }

    /// Rather where a create is open: it is repeated only while its service remembers it (R11).
    private func isMaking(_ device: Int) throws -> Bool {
        try devices[device].account.outbox().get().contains { $0.verb == .createConversation && $0.attempts > 0 }
    }

    private mutating func setClock() throws -> StepKind {
        let making = try devices.indices.filter(isMaking)
        let index = making.isEmpty ? pick(devices.count) : making[pick(making.count)]
        // A nudge, a wrong zone, a battery that was empty.
        let nudge = Int64([20_000, 200_000, 1_500_000][pick(3)])
        if !making.isEmpty, chance(0.5) {
            try setClock(of: index, by: -nudge)
        } else if chance(0.5) {
            try setClock(of: index, by: Int64(pick(Int(2 * nudge))) - nudge)
        } else {
            try setClock(of: index, by: anyOffset() - devices[index].clockOffset)
        }
        return .trouble
    }

    mutating func setClock(of index: Int, by difference: Int64) throws {
        counts.faults[.clockSet, default: 0] += 1
        devices[index].clockOffset += difference
        devices[index].hasClockJumped = true
        retell(index) { $0.clockSet(by: difference, at: $1) }
        trace.add("clock", index, now, "\(devices[index].clockOffset)")
        if isVerbose { print(now - 1_700_000_000_000, "clock", index, devices[index].clockOffset) }
        // A run that ends before it has looked at its clocks can't tell of a jump (docs/in-doubt.md); one that goes on looks.
        for program in devices[index].programs.indices { try pump(index, program) }
    }

    /// More at once than the service takes.
    private mutating func burst(_ index: Int) throws {
        guard
            let conversation = try devices[index].account.conversations().get().first(where: {
                $0.deletedAt == nil && $0.remoteID != nil && $0.membership == .member
            })
        else { return }
        counts.bursts += 1
        for number in 0..<14 {
            let text = "burst \(number)"
            try wish(index, .send(OutgoingMessage(text), to: conversation.id), .send, text: text)
        }
    }

    /// A request arrived: the service's published rates count it.
    mutating func note(_ request: Request) {
        let device = request.from.device
        // What comes after its client has given up is nobody's pace; nor is that of a clock that was set, of what the network
        // kept or carried twice, or of a store that forgot what it had sent.
        guard let delivery = request.effect.delivery, !devices[device].hasClockJumped, !troubles.hasBackups,
            now - request.launchedAt < 1000, !request.isCopy, running(request.from) != nil
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

extension Delivery.Action {
    var conversation: RemoteConversationID? {
        switch self {
        case .createConversation: nil
        case .send(_, let conversation), .edit(_, _, _, let conversation), .delete(_, let conversation),
            .markRead(_, let conversation), .rename(let conversation, _), .addParticipants(_, let conversation),
            .removeParticipant(_, let conversation), .deleteConversation(let conversation), .upload(_, let conversation):
            conversation
        }
    }
}
