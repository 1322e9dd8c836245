import Tidemark

/// The answer to “where is my message”, in a sentence.
struct Whereabouts: Sendable {
    enum Tone: String, Sendable {
        /// The service has it.
        case there
        /// It is on its way, or will be by itself.
        case moving
        /// A person is needed.
        case asking
    }

    private(set) var sentence: String
    private(set) var tone: Tone
    private(set) var nextAttemptAt: Timestamp?
    /// What holds it up beside its own state.
    private(set) var notes: [String] = []

    init(_ view: MessageView, in account: AccountView) throws {
        let store = account.store
        self.init(
            view, of: try store.account(named: account.name), isAdopted: try store.isAdopted,
            lane: try account.outbox(in: view.entry.conversation).get())
    }

    /// - Parameter lane: what is unsent in its conversation, in its order.
    init(_ view: MessageView, of account: Account, isAdopted: Bool, lane: [OutboxEntry]) {
        let first = view.intents.first { $0.state == view.entry.state } ?? view.intents.first
        nextAttemptAt = first?.nextAttemptAt
        (sentence, tone) = Self.answer(view.entry, first)
        let parked = view.intents.first { $0.state.reason != nil || $0.asks }
        if let parked, view.entry.state == .confirmed || parked.intent != first?.intent {
            notes.append("Its \(OutboxText.verb(parked.verb)) needs you. \(OutboxText.sentence(parked.reason ?? .unprovable))")
        }
        guard let first else { return }
        if first.state == .queued, let held = Self.holder(of: first, lane) { notes.append(Self.sentence(ofHolder: held)) }
        if let reason = account.stopReason { notes.append("Nothing of this account leaves. \(OutboxText.sentence(reason))") }
        if !isAdopted { notes.append("The store was copied or restored: nothing leaves until it is adopted.") }
    }

    static func sentence(ofHolder held: OutboxEntry) -> String {
        let needs = held.asks || held.state.reason != nil
        return "It waits behind \(held.intent) (\(OutboxText.verb(held.verb))), which \(needs ? "needs you" : "is under way")."
    }

    /// What it may not overtake (rule R10).
    static func holder(of intent: OutboxEntry, _ lane: [OutboxEntry]) -> OutboxEntry? {
        lane.prefix { $0.intent != intent.intent }.first { earlier in
            if earlier.state == .transmitting || earlier.state == .inDoubt && !earlier.asks { return true }
            return [.send, .createConversation, .removeParticipant].contains(earlier.verb) && !earlier.isSkipped
                && (earlier.asks || earlier.state.reason != nil) && [.send, .addParticipants, .rename].contains(intent.verb)
        }
    }

    private static func answer(_ entry: TimelineEntry, _ intent: OutboxEntry?) -> (String, Tone) {
        let what = intent.map { $0.verb == .send ? "It" : "Its \(OutboxText.verb($0.verb))" } ?? "It"
        switch entry.state {
        case .queued: return ("\(what) is safe in this store and has not left yet.", .moving)
        case .waiting:
            let parent = intent?.parent.map { " for \($0)" } ?? " for something before it"
            return ("\(what) is safe in this store and waits\(parent).", .moving)
        case .transmitting: return ("\(what) is leaving: a request with it is under way.", .moving)
        case .inDoubt where intent?.asks == true:
            return ("\(what) may have arrived. That can't be proved, so it is not sent again: say which.", .asking)
        case .inDoubt:
            return ("\(what) may have arrived: the answer was lost. It is looked for before it is sent again.", .moving)
        case .sent: return ("The service has accepted it; no reading has shown it there yet.", .moving)
        case .parked(let reason): return ("\(what) stands still and needs you. \(OutboxText.sentence(reason))", .asking)
        case .cancelled: return ("\(what) was taken back and never left.", .there)
        case .confirmed:
            if entry.deletedAt != nil { return ("It is deleted at the service.", .there) }
            if entry.editedAt != nil { return ("The service has it, with its newest edit.", .there) }
            return ("The service has it.", .there)
        }
    }
}
