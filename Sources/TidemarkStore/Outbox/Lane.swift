internal import TidemarkModel

/// Which intent of a conversation's queue may go next: a pure walk over the queue in its order (R9, R10).
struct Lane {
    /// What the walk needs to know of one intent.
    struct Entry {
        var verb: Verb
        var state: IntentRow.State
        var asks = false
        var isSkipped = false
    }

    enum Step: Equatable {
        /// This one may go if its own conditions hold.
        case consider
        /// Look at the next one.
        case pass
        /// Nothing of this slot may go now.
        case stop
    }

    private(set) var holdsOrdered = false

    /// Parked or asking, these hold what the author meant to come after them.
    static let holding: Set<Verb> = [.send, .createConversation, .removeParticipant]
    /// What is held by them.
    static let held: Set<Verb> = [.send, .addParticipants, .rename]

    /// One that waits for its files holds like a parked one: what is no message may go on.
    mutating func holdOrdered() {
        holdsOrdered = true
    }

    mutating func step(_ entry: Entry) -> Step {
        switch entry.state {
        case .confirmed, .cancelled, .sent:
            return .pass
        case .transmitting:
            return .stop
        case .inDoubt where !entry.asks:
            return .stop
        case .inDoubt, .parked:
            if !entry.isSkipped, Self.holding.contains(entry.verb) { holdsOrdered = true }
            return .pass
        case .queued:
            return holdsOrdered && Self.held.contains(entry.verb) ? .pass : .consider
        }
    }
}
