import TidemarkModel
import TidemarkStore

/// One conversation of one device, compared while the history runs with what the device was told, with what its user wished
/// and with what the service really holds.
struct Scrutiny {
    let device: Device
    let conversation: ConversationView
    let timeline: Timeline
    /// As the service has it; `nil` while only this device knows of it.
    let thread: RawThread?
    let chronicle: Chronicle
    /// What the user wanted in this conversation, oldest first.
    let wishes: [Device.Accepted]
    let copies: [RemoteMessageID: Witness.Copy]
    private let needingPerson: Needing
    /// What the user wanted of messages, oldest first: of all conversations, two of which may turn out to be one.
    private let edits: [Device.Accepted]
    private let deletes: [Device.Accepted]
    /// What was wished for before the user deleted what the service calls so, under whatever id.
    private let deleted: Set<IntentID>
    /// What each wish of this conversation said.
    private let texts: [Token: String]

    /// - Returns: `nil` where the device no longer has the conversation, or shows it as deleted: nothing is read there any more.
    init?(
        _ device: Device, _ id: ConversationID, limit: Int, chronicle: Chronicle, thread: (RemoteConversationID) -> RawThread?
    ) throws {
        guard let conversation = try? device.account.conversation(id).get(), conversation.deletedAt == nil else { return nil }
        self.device = device
        self.conversation = conversation
        self.chronicle = chronicle
        timeline = try device.account.timeline(of: id, limit: limit).get()
        // Where nothing is said to be pending, nobody is said to be needed.
        needingPerson = Needing(outbox: conversation.pending == 0 ? nil : device.account.outbox(in: id))
        self.thread = conversation.remoteID.flatMap(thread)
        var (wishes, edits, deletes): ([Device.Accepted], [Device.Accepted], [Device.Accepted]) = ([], [], [])
        var (texts, deleted): ([Token: String], Set<IntentID>) = ([:], [])
        let wished = conversation.remoteID.flatMap { device.witness.deletions[$0] } ?? 0
        // By their places: most of the many are passed over, and to copy one takes longer than to look at it.
        for place in device.accepted.indices {
            switch device.accepted[place].verb {
            case .edit: edits.append(device.accepted[place])
            case .delete: deletes.append(device.accepted[place])
            default: break
            }
            guard device.accepted[place].enqueued.conversation == id else { continue }
            wishes.append(device.accepted[place])
            texts[device.accepted[place].enqueued.token] = device.accepted[place].text
            if place < wished { deleted.insert(device.accepted[place].enqueued.intent) }
        }
        self.deleted = deleted
        (self.wishes, self.edits, self.deletes, self.texts) = (wishes, edits, deletes, texts)
        copies = conversation.remoteID.flatMap { device.witness.copies[$0] } ?? [:]
    }

    /// Each a sentence with the promise that it breaks.
    func violations() throws -> [String] {
        let found = try sends() + order() + timeline.entries.flatMap { try entry($0) } + coverage() + unread()
        return found.map { "\($0) (\(device.name), \(conversation.id))" }
    }

    // MARK: P1, P2

    /// What was accepted is shown, once, until its user takes it back.
    private func sends() -> [String] {
        guard !timeline.hasOlder else { return [] }
        var shown: [Token: Int] = [:]
        for entry in timeline.entries where entry.isOwn {
            if let token = entry.token { shown[token, default: 0] += 1 }
        }
        return wishes.filter { $0.verb == .send && !isTakenBack($0) }.compactMap { wish in
            let count = shown[wish.enqueued.token, default: 0]
            if count == 1 { return nil }
            if count == 0, deleted.contains(wish.enqueued.intent) || isIsland(wish) || isElsewhere(wish) { return nil }
            return "\(count == 0 ? "P1" : "P2"): the message of \(wish.enqueued.intent) is shown \(count) times"
        }
    }

    private func isTakenBack(_ wish: Device.Accepted) -> Bool { device.witness.takenBack.contains(wish.enqueued.intent) }

    /// It stands below what was read, and is shown when reading gets there (R18).
    private func isIsland(_ wish: Device.Accepted) -> Bool {
        // Where nothing that was read is shown, all that was read stands so.
        let first = timeline.entries.lazy.compactMap(\.place).first ?? (timeline.beginningIsProved ? .min : .max)
        return copies.contains { $0.value.token == wish.enqueued.token && ($0.value.place ?? .max) < first }
    }

    /// While nobody knows that this is what a list showed as another conversation, what was seen there stands there.
    private func isElsewhere(_ wish: Device.Accepted) -> Bool {
        conversation.remoteID == nil
            && device.witness.copies.values.contains { $0.values.contains { $0.token == wish.enqueued.token } }
    }

    // MARK: P3

    /// What was observed stands in the service's order; what has no place there yet stands behind it (R28).
    private func order() -> [String] {
        let places = timeline.entries.compactMap(\.place)
        guard places == places.sorted() || isInOrder else { return ["P3: the timeline is not in the service's order: \(places)"] }
        guard let last = timeline.entries.lastIndex(where: { $0.place != nil }),
            let early = timeline.entries[..<last].first(where: { $0.place == nil })
        else { return [] }
        return ["P3: \(early.id) has no place at the service and stands before what has one"]
    }

    /// The mark of a deletion may say when that was and not when the message was made: what is shown of that is its writer's guess. It
    /// stands where the service has it; where no copy ever told its place, it stays where its writer saw it last.
    private var isInOrder: Bool {
        let places: [Int64] = timeline.entries.compactMap { entry in
            guard entry.deletedAt != nil, let remote = entry.remoteID else { return entry.place }
            guard let copy = copies[remote] else { return entry.place }
            return copy.place == nil ? nil : thread?.messages.first { $0.id == remote }?.place ?? entry.place
        }
        return places == places.sorted()
    }

    // MARK: P4, P7

    private func entry(_ entry: TimelineEntry) throws -> [String] {
        guard entry.kind.isUserKind else { return [] }
        let copy = entry.remoteID.flatMap { copies[$0] }
        let name = "\(entry.id) (\(entry.remoteID?.rawValue ?? "unsent"))"
        if entry.deletedAt != nil {
            // What was taken back and lands all the same is deleted by the engine itself (R4).
            // Where no token comes back, a file of it told the engine that it was this one.
            let own = thread?.messages.first { $0.id == entry.remoteID && $0.sender == device.user }
            let sent = own?.token
            let isFormer =
                (entry.token ?? sent).map { token in device.witness.former.values.contains { $0.contains(token) } } ?? false
            let isWished =
                isFormer || deletes.contains { isAbout(entry, $0) }
                || device.accepted.contains { wish in
                    isTakenBack(wish)
                        && (wish.enqueued.token == entry.token ?? sent || !wish.files.isEmpty && wish.files == own?.files)
                }
            let isMissing = entry.remoteID.map(device.witness.missing.contains) ?? false
            if copy?.isDeleted == true || isMissing || isWished { return [] }
            return ["P1: \(name) is shown as deleted, and nobody deleted it"]
        }
        if copy?.isDeleted == true { return ["P4: \(name) was deleted and is shown"] }
        // Where the service refuses to delete what landed after it was taken back, a person is shown both.
        if try deletes.contains(where: { try isAbout(entry, $0) && !mayBeOver($0) }),
            try !entry.intents.contains(where: needingPerson.contains)
        {
            return ["P7: \(name) is shown although its user deleted it"]
        }
        return try text(of: entry, copy, name)
    }

    private func mayBeOver(_ wish: Device.Accepted) throws -> Bool {
        try isTakenBack(wish) || needingPerson.contains(wish.enqueued.intent)
    }

    /// The newest own text that no newer version has replaced; without one, the service's.
    private func text(of entry: TimelineEntry, _ copy: Witness.Copy?, _ name: String) throws -> [String] {
        // A text that was changed before it left is the text of the send.
        let base = copy?.text ?? entry.token.flatMap { texts[$0] }
        let edits = edits.isEmpty ? [] : edits.filter { isAbout(entry, $0) && $0.enqueued.token != entry.token }
        // A later text that was done ends the earlier ones.
        let latest = edits.lastIndex { isSeen($0, in: copy) }.map { edits[($0 + 1)...] } ?? edits[...]
        let expected = try latest.last { try isOpen($0, over: copy) }?.text ?? base
        guard let expected, entry.text != expected else { return [] }
        // While a person is needed either may be shown, and what was taken back may have left before.
        let waiting = try edits.filter(mayBeOver)
        // An observation that no request asked for may end it a little later (R19). So stands what is behind one that waits for a person.
        // And of changes to what was shown as two messages and is one, that which comes last in the queue: each had joined its own.
        let wereTwo = Set(edits.map { $0.target?.id }).count > 1
        let newest = wereTwo ? edits.max { $0.enqueued.intent.number < $1.enqueued.intent.number } : nil
        let standing = [edits.last, try edits.last { try !mayBeOver($0) }, newest]
        for last in standing.compactMap(\.self) where entry.intents.contains(last.enqueued.intent) && entry.text == last.text {
            return []
        }
        if !waiting.isEmpty, entry.text == base || waiting.contains(where: { $0.text == entry.text }) { return [] }
        let said = edits.map { "\($0.enqueued.intent) of \($0.target?.remoteID?.rawValue ?? "unsent")" }
        return ["P7: \(name) shows \"\(entry.text ?? "")\" and not \"\(expected)\", edited by \(said)"]
    }

    /// Its effect was read, or something after it.
    private func isSeen(_ edit: Device.Accepted, in copy: Witness.Copy?) -> Bool {
        guard let made = chronicle.versions[edit.enqueued.token], let copy else { return false }
        return made <= copy.version
    }

    /// A shown intent gives way only to a version after it.
    private func isOpen(_ edit: Device.Accepted, over copy: Witness.Copy?) throws -> Bool {
        if try mayBeOver(edit) { return false }
        // The copy that it was about was deleted by somebody: it changes no other one that the network made of it.
        let isGone = copies.contains { id, copy in
            copy.isDeleted && (edit.target?.remoteID.map { $0 == id } ?? (copy.token != nil && copy.token == edit.target?.token))
        }
        if isGone { return false }
        guard let made = chronicle.versions[edit.enqueued.token], let copy else { return true }
        return made > copy.version
    }

    private func isAbout(_ entry: TimelineEntry, _ wish: Device.Accepted) -> Bool {
        guard let target = wish.target else { return false }
        // A push may have shown it without the token that tells of which send it is a copy.
        let token = target.token ?? target.remoteID.flatMap { copies[$0]?.token }
        return target.id == entry.id || target.remoteID != nil && target.remoteID == entry.remoteID
            || token != nil && token == entry.token && target.isOwn == entry.isOwn
    }
}

/// The intents for which a person is needed. Few looks ask for them, and reading an outbox takes longer than most of what is looked at.
final class Needing {
    private let outbox: LiveView<[OutboxEntry]>?
    private var read: Set<IntentID>?

    init(outbox: LiveView<[OutboxEntry]>?) {
        self.outbox = outbox
    }

    func contains(_ intent: IntentID) throws -> Bool {
        if let read { return read.contains(intent) }
        let intents = Set(try outbox?.get().filter(\.needsPerson).map(\.intent) ?? [])
        read = intents
        return intents.contains(intent)
    }
}

extension OutboxEntry {
    /// No time brings it on.
    var needsPerson: Bool {
        if case .parked = state { true } else { asks }
    }
}

extension TimelineEntry {
    /// Where it was seen to stand at the service. What was only accepted stays behind everything until it is seen there (R28).
    ///
    /// Some services number their messages by it, and the others tell when each was made, to the millisecond.
    /// A tombstone that tells no time tells no place either: what its user wrote stays where it stood.
    var place: Int64? { version ?? 0 == 0 ? nil : remoteID.flatMap { Int64($0.rawValue) } ?? createdAt?.milliseconds }
}
