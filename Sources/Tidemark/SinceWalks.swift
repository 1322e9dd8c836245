import TidemarkModel
import TidemarkStore

/// The walks of a sync that reads everything since a time: one a conversation, each from the newest change down. They live as
/// long as the sync; what a crash takes is read again by the next one.
struct SinceWalks: Sendable {
    let since: Timestamp
    /// Those whose next page was not asked for yet, the most recently active first.
    private var waiting: [ConversationID] = []
    private var seen: Set<ConversationID> = []
    /// Where a walk goes on that has begun.
    private var next: [ConversationID: PlannedRead] = [:]
    private(set) var isUnderWay = 0

    init(since: Timestamp) {
        self.since = since
    }

    var isDone: Bool { waiting.isEmpty && isUnderWay == 0 }

    /// Conversations that have something to read; those that were walked already are left alone.
    mutating func add(_ conversations: [ConversationID]) {
        for conversation in conversations where seen.insert(conversation).inserted { waiting.append(conversation) }
    }

    /// The next pages that may be asked for, and when the next one falls due that may not be yet.
    mutating func plan(
        _ store: MessageStore, _ scope: Scope, _ moment: Moment, busy: Set<ReadKey>, limit: Int
    ) throws -> (reads: [PlannedRead], nextDue: Timestamp?) {
        var reads: [PlannedRead] = []
        var due: Timestamp?
        var left: [ConversationID] = []
        for (index, conversation) in waiting.enumerated() {
            guard reads.count < limit else {
                left += waiting[index...]
                break
            }
            guard !busy.contains(.messages(conversation)) else {
                left.append(conversation)
                continue
            }
            guard let gate = try store.readGate(of: conversation, scope, moment) else {
                // Deleted or left meanwhile: there is nothing to read.
                next[conversation] = nil
                continue
            }
            guard gate <= moment.now else {
                due = min(due ?? gate, gate)
                left.append(conversation)
                continue
            }
            let read =
                try next.removeValue(forKey: conversation)
                ?? store.planRead(since: since, in: conversation, scope, moment)
            if let read { reads.append(read) }
        }
        waiting = left
        isUnderWay += reads.count
        return (reads, due)
    }

    /// A page was applied: the walk goes on, or is at its end.
    mutating func advance(_ read: PlannedRead, to next: PlannedRead?) {
        isUnderWay -= 1
        guard let next, let conversation = read.conversation else { return }
        self.next[conversation] = next
        waiting.insert(conversation, at: 0)
    }

    /// A page failed: the walk begins again from the top as soon as its gate is open, as its link may be what was wrong.
    mutating func fail(_ read: PlannedRead) {
        isUnderWay -= 1
        if let conversation = read.conversation { waiting.append(conversation) }
    }
}
