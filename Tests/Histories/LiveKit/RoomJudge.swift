import TidemarkModel
import TidemarkStore

/// At the end: what became of all that people wished, by what the room and the bridges took.
struct RoomJudge {
    let device: RoomDevice
    let record: Set<RoomPacket>
    private let sayings: [RoomSaying]

    init(_ device: RoomDevice, record: Set<RoomPacket>) {
        self.device = device
        self.record = record
        // A stream says what its copy says.
        sayings = device.emissions.filter { record.contains($0.packet) }.compactMap {
            let isStream = $0.packet.topic == "lk.chat"
            guard case .says(let saying) = RoomMeaning($0.packet, readsStreams: isStream, rubbish: [:]) else { return nil }
            return saying
        }
    }

    func violations() throws -> [String] {
        try (device.accepted.flatMap(wish) + once() + rejects()).map { "\($0) (\(device.name))" }
    }

    /// Done, or visibly waiting for a person, or taken back (P1, P9).
    private func wish(_ wish: RoomDevice.Accepted) throws -> [String] {
        let intent = wish.enqueued.intent
        guard let entry = try? device.account.intent(intent).get() else { return ["P1: \(intent) is gone"] }
        switch entry.state {
        case .parked(let reason): return Self.reasons.contains(reason) ? [] : ["P1: \(intent) is parked as \(reason.rawValue)"]
        case .cancelled: return []
        case .inDoubt where entry.asks: return []
        case .waiting where entry.parent != nil || entry.reason != nil: return try held(entry)
        case .queued, .waiting: return try held(entry)
        case .transmitting, .inDoubt: return ["P9: \(intent) (\(wish.verb.rawValue)) is \(entry.state.name) at the end"]
        case .sent, .confirmed:
            return isDone(wish) ? [] : ["P1: \(intent) (\(wish.verb.rawValue)) counts as done, and is nowhere"]
        }
    }

    /// What a room can make of a wish for good. That it is closed is nothing of it.
    private static let reasons: Set<ParkReason> = [
        .roomChanged, .otherSender, .forbidden, .unprovable, .parentCancelled, .superseded, .cancelledByUser,
    ]

    /// What is not begun at the end stands behind something that needs a person.
    private func held(_ entry: OutboxEntry) throws -> [String] {
        let outbox = try device.account.outbox().get()
        return outbox.contains { $0.needsPerson && $0.intent < entry.intent } || outbox.contains { $0.intent == entry.parent }
            ? []
            : ["P9: \(entry.intent) (\(entry.verb.rawValue)) is \(entry.state.name) at the end: \(entry.reason?.rawValue ?? "")"]
    }

    private func isDone(_ wish: RoomDevice.Accepted) -> Bool {
        switch wish.verb {
        case .send:
            wish.isTakenBack || sayings.contains { $0.change == .create && texts(of: wish).contains($0.text) }
        // Of edits that became one, the last; a change of what had not left is the send.
        case .edit:
            wish.isTakenBack || device.accepted.last { $0.enqueued.intent == wish.enqueued.intent }?.text != wish.text
                || device.accepted.contains { $0.verb == .send && $0.enqueued.intent == wish.enqueued.intent }
                || sayings.contains { $0.text == wish.text }
        case .delete: isDeleted(wish)
        default: true
        }
    }

    /// An earlier wish that its user gave up may have landed all the same, or another device of the user has said it and this one heard
    /// it: then the later one has nothing to do.
    private func isDeleted(_ wish: RoomDevice.Accepted) -> Bool {
        if let lobby = device.conversation,
            let entries = try? device.account.timeline(of: lobby, limit: Timeline.maximumLimit).get().entries,
            let remote = entries.first(where: { $0.id == wish.target })?.remoteID,
            device.witness.messages[remote.rawValue]?.isDeleted == true
        {
            return true
        }
        let wishes = device.accepted.filter { $0.verb == .delete && $0.target == wish.target }.map(\.enqueued.intent)
        return device.emissions.contains { emission in
            wishes.contains { $0 == emission.intent } && record.contains(emission.packet)
        }
    }

    /// What was changed before it left, left with its last text.
    private func texts(of send: RoomDevice.Accepted) -> [String] {
        [send.text] + device.accepted.filter { $0.verb == .edit && $0.target == send.enqueued.message }.map(\.text)
    }

    /// Nobody's message stands twice (P2).
    private func once() throws -> [String] {
        guard let lobby = device.conversation else { return [] }
        let entries = try device.account.timeline(of: lobby, limit: Timeline.maximumLimit).get().entries
        var counts: [Token: Int] = [:]
        for entry in entries { if let token = entry.token { counts[token, default: 0] += 1 } }
        return device.accepted.filter { $0.verb == .send && counts[$0.enqueued.token, default: 0] > 1 }
            .map { "P2: the message of \($0.enqueued.intent) is shown \(counts[$0.enqueued.token, default: 0]) times" }
    }

    /// Whatever somebody else wanted to change is listed, and touches nothing (R21).
    private func rejects() throws -> [String] {
        let listed = try Set(device.account.rejects().get().compactMap(\.remoteID))
        return device.witness.foreign.filter { !listed.contains($0) }.map {
            "R21: the change of another's message as \($0) is not listed"
        }
    }
}
