import Tidemark
import TidemarkModel
import TidemarkStore

/// What people do on our devices.
extension RoomWorld {
    mutating func act(_ index: Int) throws -> RoomStep {
        if chance(0.5), let done = try answerOutbox(index) { return done }
        guard let lobby = try devices[index].lobby() else {
            return try attempt(index, .createConversation(topic: Self.room, participants: []), .createConversation, .create)
        }
        switch habits.act(pick(1_000_000)) {
        case .edit: return try change(index, lobby, isDelete: false)
        case .delete: return try change(index, lobby, isDelete: true)
        case .read:
            let done = try attempt(index, .markRead(lobby, upTo: nil), .markRead, .read)
            if done == .read { devices[index].witness.readAll() }
            return done
        case .logOut:
            for program in devices[index].programs.indices { kill(index, program) }
            try devices[index].signInAgain()
            return .logOut
        default: return try send(index, lobby)
        }
    }

    private mutating func send(_ index: Int, _ lobby: ConversationID) throws -> RoomStep {
        let text = "text \(pick(1_000_000_000))" + (chance(0.1) ? " žluť 👋" : "")
        return try attempt(index, .send(OutgoingMessage(text), to: lobby), .send, .send, text: text)
    }

    private mutating func change(_ index: Int, _ lobby: ConversationID, isDelete: Bool) throws -> RoomStep {
        let own = try devices[index].account.timeline(of: lobby, limit: 30).get().entries.filter {
            $0.isOwn && $0.deletedAt == nil && $0.kind.isUserKind
        }
        guard !own.isEmpty else { return try send(index, lobby) }
        // What went by the server can't be changed once its key is gone: where there is such a message, that one.
        let gone = devices[index].setup.hasServer ? [] : own.filter(isFromServer)
        let choices = gone.isEmpty ? own : gone
        let target = choices[pick(choices.count)].id
        if isDelete { return try attempt(index, .delete(target), .delete, .delete, target: target) }
        let text = "edited \(pick(1_000_000_000))"
        return try attempt(index, .edit(target, text: text, metadata: [:]), .edit, .edit, text: text, target: target)
    }

    /// What was sent by the server's API bears no sender's name.
    private func isFromServer(_ entry: TimelineEntry) -> Bool { entry.remoteID.map { !$0.rawValue.contains("@") } ?? false }

    /// A device with nothing under way that has sent by the server's API, and could do without.
    mutating func mayLoseItsKey(_ index: Int) throws -> Bool {
        guard devices[index].setup.hasServer, devices[index].setup.hasChannel, let lobby = try devices[index].lobby(),
            try devices[index].account.outboxSummary().get().isEmpty
        else { return false }
        return try devices[index].account.timeline(of: lobby, limit: 30).get().entries.contains {
            $0.isOwn && $0.deletedAt == nil && isFromServer($0)
        }
    }

    /// Who has lost the key of the server's API wants to change what went by it, which nobody can any more.
    mutating func changeWhatTheServerSent(_ index: Int) throws {
        guard !devices[index].setup.hasServer, let lobby = try devices[index].lobby() else { return }
        _ = try change(index, lobby, isDelete: chance(0.3))
    }

    /// A wish that the store may refuse: then nothing was promised.
    private mutating func attempt(
        _ index: Int, _ wish: Wish, _ verb: Verb, _ kind: RoomStep, text: String = "", target: MessageID? = nil
    ) throws -> RoomStep {
        do {
            try devices[index].wish(wish, verb, text: text, target: target, moment(index))
            tell("device \(index) wishes \(verb.rawValue) \(text) \(target.map { "\($0)" } ?? "")")
            return kind
        } catch let error as StoreError where error.code == .notAllowed || error.code == .notFound {
            return .nothing
        }
    }

    // MARK: The outbox

    /// A device whose user is asked for something, if there is one.
    mutating func anyStuck() throws -> Int? {
        var stuck: [Int] = []
        for index in devices.indices where try devices[index].account.outboxSummary().get().needingPerson > 0 {
            stuck.append(index)
        }
        return stuck.isEmpty ? nil : any(stuck)
    }

    /// A person answers what is asked, tries again, or takes something back.
    mutating func answerOutbox(_ index: Int) throws -> RoomStep? {
        let outbox = try devices[index].account.outbox().get()
        let stuck = outbox.filter(\.needsPerson)
        guard !outbox.isEmpty, !stuck.isEmpty || chance(0.7) else { return nil }
        let entry = stuck.isEmpty ? outbox[pick(outbox.count)] : stuck[pick(stuck.count)]
        if entry.reason == .unprovable { counts.branches[.asked, default: 0] += 1 }
        let (act, kind) = decide(entry, index)
        do {
            try devices[index].store.act(
                act, on: entry.intent, devices[index].scope, moment(index), using: &devices[index].generator)
        } catch let error as StoreError where error.code == .notAllowed {
            return nil
        }
        tell("device \(index) decides \(act) on \(entry.intent)")
        trace.add("act", index, now, "\(entry.intent)")
        guard let wish = devices[index].wish(of: entry.intent) else { return kind }
        switch act {
        case .discard:
            devices[index].accepted[wish].isTakenBack = true
            // What was to be made is not made: nor is what was meant for it.
            if entry.verb == .createConversation {
                for place in devices[index].accepted.indices { devices[index].accepted[place].isTakenBack = true }
            }
            if entry.verb == .send, let message = entry.message { devices[index].takeBack(under: message) }
        case .edit(let text):
            devices[index].accepted[wish].text = text
            devices[index].accepted[wish].enqueued.token = try devices[index].account.intent(entry.intent).get().token
        case .retry, .resolve: devices[index].accepted[wish].asked.append(now)
        case .skip: break
        }
        return kind
    }

    private mutating func decide(_ entry: OutboxEntry, _ index: Int) -> (Act, RoomStep) {
        if entry.asks {
            // Who looks at somebody else's screen sees whether it is there.
            return chance(0.15) ? (.discard, .cancel) : (.resolve(.notSent), .resolve)
        }
        if case .parked = entry.state {
            switch pick(20) {
            case ..<17: return (.retry, .retry)
            case 17 where !entry.isSkipped: return (.skip, .resolve)
            case ..<19 where entry.verb == .send || entry.verb == .edit:
                return (.edit("again \(pick(1_000_000_000))"), .resolve)
            default: return (.discard, .cancel)
            }
        }
        return chance(0.65) && entry.verb == .send ? (.edit("again \(pick(1_000_000_000))"), .resolve) : (.discard, .cancel)
    }
}
