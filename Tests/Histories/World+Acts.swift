import Tidemark
import TidemarkModel
import TidemarkStore

/// What people do.
extension World {
    /// A user does something on a device. What can't be done now is something else then.
    mutating func act(_ index: Int) throws -> StepKind {
        if chance(0.95), let done = try answerOutbox(index) { return done }
        let mine = try devices[index].account.conversations().get().filter { $0.deletedAt == nil && $0.membership == .member }
        let choice = habits.act(generator.number())
        if choice == .create || mine.isEmpty, isRoomy(for: mine.count) { return try create(index) }
        guard !mine.isEmpty else { return .nothing }
        let conversation = mine[pick(mine.count)].id
        switch choice {
        case .edit, .delete: return try change(index, conversation, choice)
        case .read: return try attempt(index, .markRead(conversation, upTo: nil), .markRead, .read)
        case .rename:
            return try attempt(index, .rename(conversation, topic: "renamed \(generator.number() % 1000)"), .rename, .rename)
        case .add: return try add(index, conversation)
        case .remove: return try remove(index, conversation)
        case .deleteConversation where mine.count > 1 || chance(0.6):
            return try attempt(index, .deleteConversation(conversation), .deleteConversation, .deleteConversation)
        case .logOut:
            try harvest(index)
            try devices[index].signInAgain()
            retellAnew(index)
            forgetWaits(of: index)
            // What it knew of its own pace is gone with the account; the service says 429 then.
            arrivals = arrivals.filter { $0.key.device != index }
            return .logOut
        default: return try send(index, conversation)
        }
    }

    /// Few conversations in which much happens show more than many: who was taken out of all of them waits to be let in again.
    private mutating func isRoomy(for count: Int) -> Bool {
        let open = (0..<service.threadCount).filter { !service.isDeleted($0) }.count
        return count < habits.mostConversations && (open < 2 * habits.mostConversations || chance(0.1))
    }

    mutating func create(_ index: Int) throws -> StepKind {
        let topic = "topic \(generator.number() % 1_000_000_000)"
        let other = devices[index].user == users[0] ? users[1] : users[0]
        try wish(
            index, .createConversation(topic: topic, participants: [Participant(id: other)]), .createConversation, text: topic)
        return .create
    }

    private mutating func send(_ index: Int, _ conversation: ConversationID) throws -> StepKind {
        let text = "text \(generator.number() % 100_000)"
        let files = anyFiles()
        return try attempt(
            index, .send(OutgoingMessage(text), to: conversation), .send, files.isEmpty ? .send : .attach, text: text,
            files: files)
    }

    /// Taken in by the store without a disk: each holds its name, which no other has.
    private mutating func anyFiles() -> [KeptFile] {
        guard let limits = service.traits.attachments, chance(habits.attaches) else { return [] }
        return (0...pick(min(3, limits.maximumPerMessage))).map { _ in
            let name = "file \(generator.number())"
            return KeptFile(copy: name, name: name, contentType: "image/png", size: Int64(name.utf8.count), digest: name)
        }
    }

    private mutating func add(_ index: Int, _ conversation: ConversationID) throws -> StepKind {
        let others = service.people.filter { $0 != devices[index].user }
        // The other user mostly: who was removed is to come back.
        let person = chance(0.6) ? (devices[index].user == users[0] ? users[1] : users[0]) : others[pick(others.count)]
        return try attempt(index, .addParticipants([Participant(id: person)], to: conversation), .addParticipants, .add)
    }

    private mutating func remove(_ index: Int, _ conversation: ConversationID) throws -> StepKind {
        let present = try devices[index].account.participants(of: conversation).get().map(\.id)
        guard !present.isEmpty else { return .nothing }
        let person = present[pick(present.count)]
        return try attempt(
            index, .removeParticipant(person, from: conversation), .removeParticipant, .remove, text: person.rawValue)
    }

    /// A wish that is told of, whether the store takes it or not.
    mutating func wish(
        _ index: Int, _ wish: Wish, _ verb: Verb, text: String = "", target: TimelineEntry? = nil, files: [KeptFile] = []
    ) throws {
        let place = retelling.flatMap { _ in
            wish.conversation(target).flatMap { try? devices[index].account.conversation($0).get().remoteID }
        }
        do {
            let enqueued = try devices[index].wish(wish, verb: verb, text: text, target: target, files: files, moment(index))
            touched.append(Touch(device: index, conversation: enqueued.conversation))
            retell(index) { $0.wished(wish, .success(enqueued), files, in: place, target: target, at: $1) }
        } catch let error as StoreError {
            retell(index) { $0.wished(wish, .failure(error), files, in: place, target: target, at: $1) }
            throw error
        }
    }

    /// A wish that the store may refuse: then nothing was promised.
    private mutating func attempt(
        _ index: Int, _ wish: Wish, _ verb: Verb, _ kind: StepKind, text: String = "", target: TimelineEntry? = nil,
        files: [KeptFile] = []
    ) throws -> StepKind {
        // What the service can't do stays parked: it shows once what a parked wish does, and no more.
        guard service.traits.lostAnswers[verb] != nil else { return .nothing }
        do {
            try self.wish(index, wish, verb, text: text, target: target, files: files)
            return kind
        } catch let error as StoreError where error.code == .notAllowed || error.code == .notFound {
            trace.add("refused", index, now, verb.rawValue)
            return .nothing
        }
    }

    private mutating func change(_ index: Int, _ conversation: ConversationID, _ kind: StepKind) throws -> StepKind {
        let own = try devices[index].account.timeline(of: conversation, limit: 30).get().entries.filter {
            $0.isOwn && $0.deletedAt == nil && $0.kind.isUserKind
        }
        guard !own.isEmpty else { return try send(index, conversation) }
        // What is still on its way is what somebody has just written, and looks at.
        let young = own.filter { $0.state != .confirmed }
        let choice = young.isEmpty || chance(0.6) ? own : young
        let target = choice[pick(choice.count)]
        if kind == .delete { return try attempt(index, .delete(target.id), .delete, .delete, target: target) }
        let text = "edited \(generator.number() % 100_000)"
        return try attempt(
            index, .edit(target.id, text: text, metadata: [:]), .edit, .edit, text: text, target: target)
    }

    // MARK: The outbox

    /// A device whose user is asked for something, if there is one.
    mutating func anyStuck() throws -> Int? {
        var stuck: [Int] = []
        for index in devices.indices where try devices[index].outboxSummary().needingPerson > 0 { stuck.append(index) }
        return stuck.isEmpty ? nil : stuck[pick(stuck.count)]
    }

    mutating func anyWaiting() throws -> Int { try anyStuck() ?? pick(devices.count) }

    /// A person answers what is asked, tries again, or takes something back.
    private mutating func answerOutbox(_ index: Int) throws -> StepKind? {
        let summary = try devices[index].outboxSummary()
        // Who sees nothing that needs a person takes something back, at times.
        guard !summary.isEmpty, summary.needingPerson > 0 || chance(0.06) else { return nil }
        let outbox = try devices[index].outbox()
        let stuck = outbox.filter { $0.asks || isParked($0) }
        let entry = stuck.isEmpty ? anyOf(outbox) : stuck[pick(stuck.count)]
        let (act, kind) = decide(entry, index)
        do {
            try devices[index].store.act(
                act, on: entry.intent, devices[index].scope, moment(index), using: &devices[index].generator)
            trace.add("act", index, now, "\(entry.intent)")
            if isVerbose {
                print(now - World.start, "act", index, kind.rawValue, entry.intent, entry.verb.rawValue, entry.state.name)
            }
            touched.append(Touch(device: index, conversation: entry.conversation))
            devices[index].actedOn.insert(entry.intent)
            switch act {
            case .edit(let text): try renew(entry.intent, text, index)
            case .discard, .resolve(.theirs):
                devices[index].takeBack(entry)
                if entry.verb == .delete, let kept = entry.message { try keep(kept, in: entry.conversation, index) }
            // Whoever says so while it is still on its way is wrong: nobody can prevent what follows.
            case .resolve(.notSent) where wire.carries(entry.token): excused[entry.token, default: 0] += 1
            default: break
            }
            retell(index) { $0.decided(act, entry, refused: nil, at: $1) }
            return kind
        } catch let error as StoreError where error.code == .notAllowed {
            retell(index) { $0.decided(act, entry, refused: error, at: $1) }
            return nil
        }
    }

    /// A delete taken back: its message, or what landed of a send that was taken back before, stays.
    private mutating func keep(_ message: MessageID, in conversation: ConversationID, _ index: Int) throws {
        devices[index].witness.kept.insert(message)
        let entries = try devices[index].account.timeline(of: conversation, limit: Timeline.maximumLimit).get().entries
        let token = entries.first(where: { $0.id == message })?.token
        // An earlier delete that a later one has replaced is taken back with it, and so is that of the row which the message had before
        // it landed.
        for wish in devices[index].accepted where wish.verb == .delete {
            guard let target = wish.target, target.id == message || token != nil && target.token == token else { continue }
            devices[index].takeBack(wish.enqueued.intent)
        }
        if let token { devices[index].witness.keptTokens.insert(token) }
    }

    /// A changed text is a new wish with a token of its own.
    private mutating func renew(_ intent: IntentID, _ text: String, _ index: Int) throws {
        let token = try devices[index].account.intent(intent).get().token
        // A change of what had not left is the same intent.
        for place in devices[index].accepted.indices where devices[index].accepted[place].enqueued.intent == intent {
            let before = devices[index].accepted[place].enqueued.token
            if before != token { devices[index].witness.former[intent, default: []].append(before) }
            devices[index].accepted[place].text = text
            devices[index].accepted[place].enqueued.token = token
        }
    }

    private mutating func decide(_ entry: OutboxEntry, _ index: Int) -> (Act, StepKind) {
        if entry.asks, entry.verb == .send, chance(0.9) { return (.resolve(answer(entry, index)), .resolve) }
        if entry.reason == .conflict, chance(0.5) { return (.resolve(pick(2) == 0 ? .mine : .theirs), .resolve) }
        if isParked(entry) {
            switch pick(20) {
            case _ where isImpatient && chance(0.1): return (.retry, .retry)
            // Where nobody can be removed, less is parked.
            case ..<(service.traits.lostAnswers[.removeParticipant] == nil ? 10 : 8): return (.retry, .retry)
            case ..<19 where !entry.isSkipped: return (.skip, .resolve)
            case 8... where entry.verb == .send || entry.verb == .edit:
                return (.edit("again \(generator.number() % 100_000)"), .resolve)
            default: return (.discard, .cancel)
            }
        }
        return (.discard, .cancel)
    }

    /// What is in doubt rather: it may land after it was taken back.
    private mutating func anyOf(_ outbox: [OutboxEntry]) -> OutboxEntry {
        let doubtful = outbox.filter { $0.state == .inDoubt }
        return doubtful.isEmpty || chance(0.3) ? outbox[pick(outbox.count)] : doubtful[pick(doubtful.count)]
    }

    private func isParked(_ entry: OutboxEntry) -> Bool {
        if case .parked = entry.state { true } else { false }
    }

    /// Who looks at the service's own client sees whether it is there.
    private func answer(_ entry: OutboxEntry, _ index: Int) -> Resolution {
        let there = service.threads.flatMap(\.messages).first { $0.token == entry.token && $0.sender == devices[index].user }
        return there.map { .arrived($0.id.rawValue) } ?? .notSent
    }
}
