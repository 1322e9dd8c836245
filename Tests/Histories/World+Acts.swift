import Tidemark
import TidemarkModel
import TidemarkStore

/// What people do.
extension World {
    mutating func act(_ index: Int) throws {
        let conversations = try devices[index].account.conversations().get().filter { $0.deletedAt == nil }
        let choice = pick(100)
        if conversations.isEmpty || choice < 6 {
            guard conversations.count < 4 else { return }
            let topic = "topic \(pick(1000))"
            let other = devices[index].user == users[0] ? users[1] : users[0]
            return try devices[index].wish(
                .createConversation(topic: topic, participants: [Participant(id: other)]), verb: .createConversation, text: topic,
                moment(index))
        }
        let conversation = conversations[pick(conversations.count)].id
        switch choice {
        case ..<55:
            let text = "text \(generator.number() % 100_000)"
            try devices[index].wish(.send(OutgoingMessage(text), to: conversation), verb: .send, text: text, moment(index))
        case ..<72: try change(index, conversation) { .edit($0, text: "edited \(choice) \($1)", metadata: [:]) }
        case ..<82: try change(index, conversation) { message, _ in .delete(message) }
        case ..<92: try attempt(index, .markRead(conversation, upTo: nil), .markRead)
        case ..<96: try attempt(index, .rename(conversation, topic: "renamed \(generator.number() % 1000)"), .rename)
        default: try resolveSomething(index)
        }
    }

    /// A wish that the store may refuse: then nothing was promised.
    private mutating func attempt(_ index: Int, _ wish: Wish, _ verb: Verb, target: TimelineEntry? = nil) throws {
        do {
            try devices[index].wish(wish, verb: verb, target: target, moment(index))
        } catch let error as StoreError where error.code == .notAllowed || error.code == .notFound {
            trace.add("refused", index, now, verb.rawValue)
        }
    }

    private mutating func change(
        _ index: Int, _ conversation: ConversationID, _ wish: (MessageID, UInt64) -> Wish
    ) throws {
        let own = try devices[index].account.timeline(of: conversation, limit: 30).get().entries.filter {
            $0.isOwn && $0.deletedAt == nil && $0.kind.isUserKind
        }
        guard !own.isEmpty else { return }
        let target = own[pick(own.count)]
        let wish = wish(target.id, generator.number())
        var verb = Verb.delete
        if case .edit = wish { verb = .edit }
        try attempt(index, wish, verb, target: target)
    }

    /// A person answers what is asked, or takes something back.
    private mutating func resolveSomething(_ index: Int) throws {
        let outbox = try devices[index].account.outbox().get()
        guard !outbox.isEmpty else { return }
        let entry = outbox[pick(outbox.count)]
        let act: Act = pick(2) == 0 ? .discard : .retry
        do {
            try devices[index].store.act(
                act, on: entry.intent, devices[index].core.scope, moment(index), using: &devices[index].generator)
            trace.add("act", index, now, "\(entry.intent)")
        } catch let error as StoreError where error.code == .notAllowed {
            return
        }
    }

    /// Somebody with another client.
    mutating func actOfOthers() {
        let open = service.threads.filter { $0.deletedAt == nil }
        guard !open.isEmpty else { return }
        let thread = open[pick(open.count)]
        let user = users[1]
        let time = Timestamp(milliseconds: now)
        let own = thread.messages.filter { $0.sender == user && !$0.isDeleted }
        switch pick(10) {
        case ..<6: service.otherSends("other \(generator.number() % 100_000)", as: user, in: thread.id, at: time)
        case ..<8 where !own.isEmpty:
            service.otherEdits(own[pick(own.count)].id, as: user, in: thread.id, at: time)
        case _ where !own.isEmpty:
            service.otherDeletes(own[pick(own.count)].id, as: user, in: thread.id, at: time)
        default: break
        }
    }
}
