import Tidemark
import TidemarkModel
import TidemarkStore

/// Compares what the devices show with what the service really holds. Each violation is a sentence.
struct Judge<Service: ServiceModel> {
    let world: World<Service>
    /// Before every top was read again: what a list can't tell of is not expected yet.
    var isEarly = false

    func violations() throws -> [String] {
        var found: [String] = []
        for device in world.devices {
            found += try drained(device) + kept(device) + changed(device) + frozen(device) + agreement(device) + order(device)
            found += try files(device)
        }
        return world.caught + found + doubled()
    }

    /// P2: one copy per token, and one more for each that the network carried twice or later than any quarantine.
    func doubled() -> [String] {
        var copies: [Sender: [String]] = [:]
        var author: [Token: ParticipantID] = [:]
        for message in world.service.threads.flatMap(\.messages) {
            guard let token = message.token, let sender = message.sender else { continue }
            // Who passes on another's message may do so twice.
            guard author[token, default: sender] == sender else { continue }
            author[token] = sender
            copies[Sender(sender: sender, token: token), default: []].append(message.id.rawValue)
        }
        var threads: [Token: [String]] = [:]
        for thread in world.service.threads where !isBeyondFinding(thread) {
            if let token = thread.token { threads[token, default: []].append(thread.id.rawValue) }
        }
        return copies.filter { $0.value.count > 1 + world.excused[$0.key.token, default: 0] }
            .map { "P2: \($0.value) are copies of token \($0.key.token)" }.sorted()
            + threads.filter { $0.value.count > 1 + world.excused[$0.key, default: 0] }
            .map { "P2: \($0.value) are conversations of token \($0.key)" }.sorted()
    }

    /// Nobody can tell any more what it was: it was deleted, or its maker was taken out, before it was looked for. It is made again.
    private func isBeyondFinding(_ thread: RawThread) -> Bool {
        // An older copy has forgotten that its user renamed it before it was made.
        let isForgotten = world.devices.contains { device in
            device.accepted.contains { $0.enqueued.token == thread.token && $0.text != thread.firstTopic }
        }
        return isForgotten || thread.deletedAt != nil || !thread.members.contains(thread.createdBy)
            || thread.messages.contains { $0.kind == .participantRemoved }
    }

    /// Whether the service gives back the tokens of sends: without them nobody knows a copy, nor what was taken back before it landed.
    var echoesTokens: Bool {
        if case .echoed = world.service.traits.lostAnswer(of: .send) { true } else { false }
    }

    /// P9: what time alone can settle is settled.
    private func drained(_ device: Device) throws -> [String] {
        guard !mayWait(device) else { return [] }
        let outbox = try device.account.outbox().get()
        var isHeld: Set<ConversationID> = []
        return try outbox.compactMap { entry in
            switch entry.state {
            case .parked:
                isHeld.insert(entry.conversation)
                return nil
            case .inDoubt where entry.asks:
                isHeld.insert(entry.conversation)
                return nil
            case .queued, .waiting, .transmitting, .inDoubt:
                // What was never read may be refused for a while, until it counts as left; that is read again later and later.
                if isEarly, try device.account.conversation(entry.conversation).get().asOf == nil { return nil }
                // Behind something parked or asking it may rightly wait.
                return isHeld.contains(entry.conversation)
                    ? nil
                    : "P9: \(device.name) \(entry.intent) \(entry.verb) is still \(entry.state) \(entry.reason?.rawValue ?? "")"
            default:
                return nil
            }
        }
    }

    /// A wait that a clock set far ahead has left behind holds as long as it can ever have been meant (docs/in-doubt.md); and a long
    /// tunnel may outlast the first rest.
    private func mayWait(_ device: Device) -> Bool {
        isEarly && (device.hasClockJumped || world.now < device.offlineUntil)
    }

    /// A file is of one message. A store that became an older copy has forgotten with which other text its user sent it again.
    private func isThereByItsFiles(_ send: Device.Accepted, of device: Device) -> Bool {
        guard world.counts.faults[.rolledBack] != nil, !send.files.isEmpty else { return false }
        return world.service.threads.flatMap(\.messages).contains { $0.sender == device.user && $0.files == send.files }
    }

    /// P1: what a call accepted is at the service, or visibly parked, asking or taken back.
    private func kept(_ device: Device) throws -> [String] {
        let there = Dictionary(
            world.service.threads.flatMap(\.messages).filter { $0.sender == device.user }
                .compactMap { message in message.token.map { ($0, message) } },
            uniquingKeysWith: { first, _ in first })
        let outbox = try Dictionary(
            device.account.outbox().get().map { ($0.token, $0) }, uniquingKeysWith: { first, _ in first })
        let made = Set(world.service.threads.compactMap(\.token))
        let texts = echoesTokens ? [] : world.chronicle.everyText
        return try device.accepted.compactMap { accepted in
            let token = accepted.enqueued.token
            guard accepted.verb == .send || accepted.verb == .createConversation else { return nil }
            if there[token] != nil || made.contains(token) || outbox[token] != nil { return nil }
            // Where only text and author tell, two equal texts may count as one (R12).
            if !echoesTokens, accepted.verb == .send, texts.contains(accepted.text) { return nil }
            if isThereByItsFiles(accepted, of: device) { return nil }
            let state = try device.store.intentState(accepted.enqueued.intent)
            return state == "cancelled"
                ? nil
                : "P1: \(device.name) \(accepted.enqueued.intent) (\(accepted.verb)) is \(state ?? "gone") and not at the service"
        }
    }

    /// P4, P7: live there is live here, with the same text, and nothing else is.
    private func agreement(_ device: Device) throws -> [String] {
        guard !mayWait(device) else { return [] }
        var found: [String] = []
        let conversations = try device.account.conversations(includingDeleted: true).get()
        // Also what waits for a conversation that is not known to be this one.
        let asking = try Set(device.account.outbox().get().compactMap(\.message))
        let gaping = try Set(device.account.gaps().get().map(\.conversation))
        for thread in world.service.threads where thread.members.contains(device.user) && thread.deletedAt == nil {
            guard let conversation = conversations.first(where: { $0.remoteID == thread.id }) else {
                // A list may lose one while it moves; the next sweep finds it (R22).
                if !isEarly { found.append("P5: \(device.name) does not have \(thread.id)") }
                continue
            }
            let here = try shown(conversation.id, device).filter { $0.remoteID != nil && $0.deletedAt == nil }
            let live = folded(thread.messages.filter { !$0.isDeleted })
            let hereByID = Dictionary(here.map { ($0.remoteID ?? "", $0) }, uniquingKeysWith: { first, _ in first })
            for message in live {
                // Old history is read later and later where it stands still, and a gap says so.
                if isEarly, hereByID[message.id] == nil, !message.kind.isUserKind || gaping.contains(conversation.id) { continue }
                guard let entry = hereByID[message.id] else {
                    found.append("P5: \(device.name) \(thread.id)/\(message.id) is live there and not here")
                    continue
                }
                if !isEarly, message.kind.isUserKind, entry.text != message.text, !asking.contains(entry.id) {
                    found.append("P5: \(device.name) \(thread.id)/\(message.id) shows another text")
                }
                if !isEarly, message.kind.isUserKind, (entry.editedAt != nil) != message.isEdited, !asking.contains(entry.id) {
                    found.append("P5: \(device.name) \(thread.id)/\(message.id) does not tell whether it was edited")
                }
            }
            guard !isEarly else { continue }
            let liveIDs = Set(live.map(\.id))
            for entry in here where !liveIDs.contains(entry.remoteID ?? "") {
                found.append("P4: \(device.name) \(thread.id)/\(entry.remoteID ?? "") is live here and not there")
            }
            if conversation.topic != thread.topic, try !isRenaming(conversation.id, device) {
                found.append("P5: \(device.name) \(thread.id) has another topic")
            }
            if hasGap(here, of: thread, device.user) { found.append("P6: \(device.name) \(thread.id) still has a gap") }
            let expected = unread(thread, device, conversation)
            if conversation.unread != expected {
                found.append("P8: \(device.name) \(thread.id) counts \(conversation.unread) unread, a recount gives \(expected)")
            }
        }
        return found
    }

    /// Of live copies with one sender and token the first is shown (R5).
    private func folded(_ messages: [RawMessage]) -> [RawMessage] {
        // Without tokens nobody can tell that they are copies.
        guard echoesTokens else { return messages }
        var seen: Set<Sender> = []
        return messages.filter { Sender($0.sender, $0.token).map { seen.insert($0).inserted } ?? true }
    }

    /// Where the user came or went, messages may have been written that nobody shows: that gap stays (R25).
    private func hasGap(_ entries: [TimelineEntry], of thread: RawThread, _ user: ParticipantID) -> Bool {
        var before: TimelineEntry?
        for entry in entries {
            defer { before = entry }
            guard entry.gapBefore else { continue }
            // Before the very first one there was nothing.
            let isFirst = entry.remoteID == thread.messages.first?.id
            let isOwnComing = !isFirst && entry.kind == .participantAdded && entry.participants.contains { $0.id == user }
            let isOwnGoing = before?.kind == .participantRemoved && before?.participants.contains { $0.id == user } == true
            if !isOwnComing && !isOwnGoing { return true }
        }
        return false
    }

    private func isRenaming(_ conversation: ConversationID, _ device: Device) throws -> Bool {
        try device.account.outbox(in: conversation).get().contains { $0.verb == .rename }
    }

    private func unread(_ thread: RawThread, _ device: Device, _ conversation: ConversationView) -> Int {
        let horizon = (try? device.store.readHorizon(of: conversation.id)) ?? -1
        return folded(thread.messages.filter { !$0.isDeleted }).filter { message in
            message.kind.isUserKind && message.sender != device.user
                && message.place > horizon
        }.count
    }

    /// P3: what one device sent into one conversation stands there in the order in which it was written.
    private func order(_ device: Device) throws -> [String] {
        var found: [String] = []
        let touched = try device.store.intentsTouchedByPeople()
        for thread in world.service.threads {
            let place = Dictionary(
                thread.messages.enumerated().filter { $0.element.sender == device.user }
                    .compactMap { index, message in message.token.map { ($0, index) } },
                uniquingKeysWith: { first, _ in first })
            // By the conversation that the user wrote into: until its create is answered, a list may show it as another one.
            var last: [ConversationID: (index: Int, intent: IntentID)] = [:]
            for accepted in device.accepted where accepted.verb == .send {
                guard let index = place[accepted.enqueued.token], !touched.contains(accepted.enqueued.intent),
                    // Taken back or put elsewhere, and an older copy of the store has forgotten it.
                    !device.forgotten.contains(accepted.enqueued.intent),
                    // What was taken back while in doubt may land whenever it likes; it is deleted then (R4).
                    try device.store.intentState(accepted.enqueued.intent) != "cancelled",
                    // An equal text was taken for it (R12).
                    echoesTokens || isBound(accepted, to: thread.messages[index].id, device)
                else { continue }
                let conversation = accepted.enqueued.conversation
                if let before = last[conversation], index < before.index {
                    found.append("P3: \(device.name) \(accepted.enqueued.intent) overtook \(before.intent) in \(thread.id)")
                    continue
                }
                last[conversation] = (index, accepted.enqueued.intent)
            }
        }
        return found
    }

    /// Whether the device knows it as this message.
    private func isBound(_ send: Device.Accepted, to remote: RemoteMessageID, _ device: Device) -> Bool {
        let entry = send.enqueued.message.flatMap { try? device.account.message($0).get() }
        return entry?.entry.remoteID == remote
    }

    private func shown(_ conversation: ConversationID, _ device: Device) throws -> [TimelineEntry] {
        var entries: [TimelineEntry] = []
        var before: MessageID?
        for _ in 0..<1000 {
            let page = try device.account.timeline(of: conversation, limit: 100, before: before).get()
            entries = page.entries + entries
            guard page.hasOlder, let first = page.entries.first else { break }
            before = first.id
        }
        return entries
    }
}
