import Tidemark
import TidemarkModel
import TidemarkStore

/// What holds at every moment, not only at the end.
extension World {
    /// A conversation that a step has touched.
    struct Touch: Hashable {
        var device: Int
        var conversation: ConversationID
    }

    /// As many entries as a screen shows: what stands above is looked at when everything is.
    private static var screenful: Int { 15 }

    /// Looks at every conversation that the last step has touched.
    mutating func watchTouched() throws {
        var looked: Set<Touch> = []
        for touch in touched where looked.insert(touch).inserted {
            try watch(touch.device, touch.conversation, limit: Self.screenful)
        }
        for touch in counted { try countMembers(touch.device, touch.conversation) }
        (touched, counted) = ([], [])
    }

    /// Looks at everything.
    mutating func watch() throws {
        (touched, counted) = ([], [])
        for index in devices.indices {
            caught += try devices[index].store.miscounts().map { "P8: \(devices[index].name) \($0) at \(now)" }
            caught += devices[index].lostConversations().map { "\($0) at \(now - World.start)" }
            for conversation in try devices[index].account.conversations(includingDeleted: true).get() {
                try watch(index, conversation.id, limit: Timeline.maximumLimit)
            }
        }
    }

    private mutating func watch(_ index: Int, _ conversation: ConversationID, limit: Int) throws {
        let scrutiny = try Scrutiny(devices[index], conversation, limit: limit, chronicle: chronicle) { id in
            service.index(of: id).map(service.thread)
        }
        guard let scrutiny else { return }
        let found = try scrutiny.violations()
        devices[index].witness.horizons[conversation] = try devices[index].store.readHorizon(of: conversation)
        caught += found.map { "\($0) at \(now - World.start)" }
        if isVerbose, !found.isEmpty {
            for sentence in found { print(now - World.start, sentence) }
            for entry in scrutiny.timeline.entries { print("    ", entry.line) }
        }
    }

    /// Who was shown to be in it stays so until somebody takes them out (R23).
    private mutating func countMembers(_ index: Int, _ id: ConversationID) throws {
        guard let conversation = try? devices[index].account.conversation(id).get(), let remote = conversation.remoteID,
            let thread = service.index(of: remote), !service.isDeleted(thread)
        else { return }
        let copies = devices[index].witness.copies[remote] ?? [:]
        let comings = service.comings(thread)
        // Where a clock was set, the moment between two reads has passed on the clock only.
        guard comings[devices[index].user] != nil, !devices[index].hasClockJumped else { return }
        let shown = try Set(devices[index].account.participants(of: id).get().map(\.id))
        for (person, message) in comings.sorted(by: { $0.key < $1.key }) {
            if shown.contains(person) {
                if copies[message] != nil { devices[index].witness.present[id, default: [:]][person] = message }
                continue
            }
            let isWished = devices[index].accepted.contains {
                $0.verb == .removeParticipant && $0.text == person.rawValue && $0.enqueued.conversation == id
            }
            guard !isWished, devices[index].witness.present[id]?[person] == message else { continue }
            caught.append("R23: device \(index) no longer shows \(person), whom nobody took out, at \(now - World.start)")
        }
    }

    // MARK: Who was told of what

    mutating func noteHeard(_ answer: SyncCore.Answer, _ index: Int) {
        devices[index].witness.hear(answer)
        switch answer {
        case .delivered(let delivery, _):
            guard let wish = devices[index].accepted.last(where: { $0.enqueued.intent == delivery.intent }) else { return }
            touched.append(Touch(device: index, conversation: wish.enqueued.conversation))
            notePresent(answer, wish.enqueued.conversation, index)
        case .read(let read, let result):
            if SyncCore.Effect.read(read).isPoll, result.tellsOfSomething { asked += 1 }
            for read in read.alone {
                guard let conversation = read.conversation else { continue }
                let touch = Touch(device: index, conversation: conversation)
                // Who is in it changes nothing of what was written.
                if case .participants = read.request.subject { counted.append(touch) } else { touched.append(touch) }
                if let thread = read.request.subject.thread { devices[index].witness.locals[thread] = conversation }
            }
        }
    }

    /// Whom the service says to have added is there.
    private mutating func notePresent(_ answer: SyncCore.Answer, _ conversation: ConversationID, _ index: Int) {
        guard case .delivered(let delivery, .success) = answer,
            case .addParticipants(let people, let remote) = delivery.action, let thread = service.index(of: remote)
        else { return }
        let comings = service.comings(thread)
        for person in people {
            guard let message = comings[person.id] else { continue }
            devices[index].witness.present[conversation, default: [:]][person.id] = message
        }
        counted.append(Touch(device: index, conversation: conversation))
    }

    mutating func noteHeard(_ event: RemoteEvent, _ index: Int) {
        if !mayBeUnderWay(event, index) { devices[index].witness.hear(event) }
        guard case .message(_, let thread) = event, let conversation = devices[index].witness.locals[thread] else { return }
        touched.append(Touch(device: index, conversation: conversation))
    }

    /// An own message that nothing has told of before, while one is being sent and no token will say which it is: nobody is shown it
    /// before the answer or a walk tells of it.
    private mutating func mayBeUnderWay(_ event: RemoteEvent, _ index: Int) -> Bool {
        guard case .message(let message, let thread) = event, message.token == nil, message.deletedAt == nil,
            message.sender == devices[index].user, service.traits.lostAnswer(of: .send) == .recognisable,
            devices[index].witness.copies[thread]?[message.id] == nil,
            let conversation = devices[index].witness.locals[thread], let outbox = try? devices[index].outbox(),
            outbox.contains(where: { $0.verb == .send && $0.state == .transmitting && $0.conversation == conversation }),
            let timeline = try? devices[index].account.timeline(of: conversation, limit: 200).get()
        else { return false }
        // What an answer has told of is known by its id.
        return !timeline.entries.contains { $0.remoteID == message.id }
    }
}

extension TimelineEntry {
    /// For looking at a history, without any text.
    fileprivate var line: String {
        let marks = [gapBefore ? "gap before" : nil, deletedAt == nil ? nil : "deleted"].compactMap(\.self)
        return "\(id) \(remoteID?.rawValue ?? "-") v\(version ?? 0) \(kind.rawValue) \(token?.rawValue ?? "") \(intents) \(marks)"
    }
}

extension PageRequest.Subject {
    /// The conversation that it is about.
    fileprivate var thread: RemoteConversationID? {
        switch self {
        case .conversations: nil
        case .conversation(let thread), .messages(let thread), .message(_, let thread), .participants(let thread),
            .receipts(let thread):
            thread
        }
    }
}
