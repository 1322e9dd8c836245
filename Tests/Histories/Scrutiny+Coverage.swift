import TidemarkModel
import TidemarkStore

/// P6 and P8: what a timeline claims to be whole, and what it counts.
extension Scrutiny {
    /// What lives at the service, may be seen by this user and is not shown: copies of what is shown fold (R5).
    private var missing: [RawMessage] {
        guard let thread, thread.members.contains(device.user) else { return [] }
        let shown = Set(timeline.entries.compactMap(\.remoteID))
        var folds = Set(timeline.entries.compactMap { Sender($0.sender, $0.token) })
        // The one that is shown may stand above what fits on the screen.
        let first = timeline.hasOlder ? timeline.entries.lazy.compactMap(\.place).first ?? .min : .min
        for copy in copies.values where copy.place ?? .max < first && !copy.isDeleted {
            if let folded = Sender(copy.sender, copy.token) { folds.insert(folded) }
        }
        return thread.messages.filter { message in
            !message.isDeleted && message.kind.isUserKind && !shown.contains(message.id)
                && !(Sender(message.sender, message.token).map(folds.contains) ?? false)
        }
    }

    /// Nothing is missing between two entries that are shown side by side, nor behind the last one up to when it was read.
    func coverage() -> [String] {
        missing.compactMap { message in
            guard !mayLag(message), claimsToHave(message.place) || claimsToHaveRead(message.place) else { return nil }
            return "P6: \(message.id) lives at the service, and is not shown where nothing is said to be missing"
        }
    }

    /// Where nothing numbers the changes, what a list that runs out of order does not show yet can't be known to be missing. What was
    /// read is asked for again when that is over.
    private func mayLag(_ message: RawMessage) -> Bool {
        guard device.scope.traits.changes == .feed else { return false }
        guard let asOf = timeline.asOf, !device.hasClockJumped else { return true }
        return message.place > asOf.milliseconds - device.clockOffset - device.scope.traits.settleWindow.milliseconds
    }

    private func claimsToHave(_ place: Int64) -> Bool {
        let entries = timeline.entries.filter { $0.place != nil }
        guard let next = entries.firstIndex(where: { $0.place ?? 0 > place }) else { return false }
        guard next > 0 else { return timeline.beginningIsProved && !isComing(entries[next]) }
        return !entries[next].gapBefore && !isComing(entries[next]) && !isGoing(entries[next - 1])
    }

    private func claimsToHaveRead(_ place: Int64) -> Bool {
        guard timeline.endIsProved, let asOf = timeline.asOf, device.clockOffset == 0, !device.hasClockJumped else {
            return false
        }
        let last = timeline.entries.last { $0.place != nil }?.place
        // On a screen of nothing but unsent ones, what was read stands above it.
        guard let last = last ?? (timeline.hasOlder ? nil : 0) else { return false }
        // What was written while it was read may be missed.
        return place > last && place < asOf.milliseconds - 60_000
    }

    /// Where the user came or went, messages may have been written that were not meant for them (R25).
    func isComing(_ entry: TimelineEntry) -> Bool {
        entry.kind == .participantAdded && entry.participants.contains { $0.id == device.user }
    }

    func isGoing(_ entry: TimelineEntry) -> Bool {
        entry.kind == .participantRemoved && entry.participants.contains { $0.id == device.user }
    }

    /// Live messages of others above what was read, copies of one send once.
    func unread() throws -> [String] {
        let horizon = try device.store.readHorizon(of: conversation.id)
        if let before = device.witness.horizons[conversation.id], horizon < before {
            return ["P8: what was read up to \(before) is read up to \(horizon) only"]
        }
        var counted: Set<Sender> = []
        let single = copies.values.sorted { $0.place ?? 0 < $1.place ?? 0 }.filter { copy in
            guard !copy.isDeleted, copy.kind?.isUserKind == true, copy.sender != device.user else { return false }
            let isFirst = Sender(copy.sender, copy.token).map { counted.insert($0).inserted } ?? true
            return isFirst && copy.place ?? 0 > horizon
        }
        return single.count == conversation.unread
            ? [] : ["P8: \(conversation.unread) are said to be unread, and \(single.count) are"]
    }
}

/// What copies of one send have in common (R5).
struct Sender: Hashable {
    var sender: ParticipantID?
    var token: Token

}

extension Sender {
    init?(_ sender: ParticipantID?, _ token: Token?) {
        guard let token else { return nil }
        self.init(sender: sender, token: token)
    }
}
