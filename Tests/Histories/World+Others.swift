import Tidemark
import TidemarkModel
import TidemarkStore

/// What people do with clients that are not ours.
extension World {
    /// Somebody with another client, who has a lot to say at times.
    mutating func actOfOthers() -> StepKind {
        guard let thread = anyThread() else { return .nothing }
        guard chance(habits.flurries) else { return actOfOthers(in: thread) }
        for _ in 0..<3 + pick(8) { _ = actOfOthers(in: service.thread(service.index(of: thread.id) ?? 0)) }
        return .others
    }

    /// What changes while one pages moves, and the next page begins elsewhere.
    mutating func meddle(with request: Request) {
        guard case .read(let read) = request.effect, !troubles.isNone, chance(habits.meddling) else { return }
        guard read.request.cursor != nil || read.request.skip ?? 0 > 0 else {
            if case .messages(let thread) = read.request.subject { comeBefore(firstPageOf: thread) }
            return
        }
        if let thread = service.threads.first(where: { read.request.subject == .participants(in: $0.id) && $0.deletedAt == nil })
        {
            return comeAndGo(in: thread)
        }
        let paged = service.threads.first { read.request.subject == .messages(in: $0.id) && $0.deletedAt == nil }
        if let paged, chance(0.5) { return editUnread(in: paged, by: request.from.device) }
        if let thread = paged ?? anyThread() { _ = actOfOthers(in: thread) }
    }

    /// What the next page would have shown is at the top now, and a number is missing where it was (R18).
    private mutating func editUnread(in thread: RawThread, by device: Int) {
        let known = devices[device].witness.copies[thread.id] ?? [:]
        let seen = thread.messages.lazy.filter { known[$0.id] != nil }.map(\.sequence).min() ?? 0
        // Above something that was read before: that is where the walk goes.
        let unread = thread.messages.filter { known[$0.id] == nil && $0.sequence > seen && $0.kind.isUserKind && !$0.isDeleted }
        guard let lowest = unread.min(by: { $0.sequence < $1.sequence }), let sender = lowest.sender else { return }
        service.otherEdits(lowest.id, as: sender, in: thread.id, at: Timestamp(milliseconds: now))
        push()
    }

    private mutating func comeBefore(firstPageOf thread: RemoteConversationID) {
        guard let index = service.index(of: thread), !service.isDeleted(index) else { return }
        // Who comes just before a first page stands in it, and the list of people may not know them yet.
        if chance(0.3) { return comeAndGo(in: service.thread(index)) }
        // One that stands in it, and one of the same second that does not: the list will say the same of both (R22).
        guard chance(0.2) else { return }
        say(in: thread)
        wire.put(.says(thread), at: now + 1)
    }

    /// Somebody with another client writes.
    mutating func say(in thread: RemoteConversationID) {
        service.otherSends(
            "other \(generator.number() % 100_000)", nil, as: users[1], in: thread, at: Timestamp(milliseconds: now))
        push()
    }

    /// While a list of people is read one leaves, and another comes.
    private mutating func comeAndGo(in thread: RawThread) {
        let time = Timestamp(milliseconds: now)
        guard let member = thread.members.min() else { return }
        let bystanders = users[2...]
        if let leaving = bystanders.first(where: thread.members.contains) {
            service.otherRemoves(leaving, as: member, in: thread.id, at: time)
        }
        if let coming = bystanders.last(where: { !thread.members.contains($0) }) {
            service.otherAdds(coming, as: member, in: thread.id, at: time)
        }
        push()
    }

    private mutating func actOfOthers(in thread: RawThread) -> StepKind {
        let user = users[1]
        let time = Timestamp(milliseconds: now)
        let own = thread.messages.filter { $0.sender == user && !$0.isDeleted }
        switch pick(11) {
        case 0: service.otherRenames(thread.id, to: "renamed \(generator.number() % 1000)", as: user, at: time)
        case ..<6:
            // Some clients pass on what they were sent, with all that stands in it.
            let token = chance(0.1) ? thread.messages.last { $0.sender == users[0] && $0.token != nil }?.token : nil
            service.otherSends("other \(generator.number() % 100_000)", token, as: user, in: thread.id, at: time)
        case ..<8 where !own.isEmpty:
            service.otherEdits(own[pick(own.count)].id, as: user, in: thread.id, at: time)
        case ..<10 where !own.isEmpty:
            service.otherDeletes(own[pick(own.count)].id, as: user, in: thread.id, at: time)
        default:
            // Who was removed is let in again.
            guard let outside = users.first(where: { !thread.members.contains($0) }), let member = thread.members.min() else {
                return .nothing
            }
            service.otherAdds(outside, as: member, in: thread.id, at: time)
        }
        push()
        return .others
    }

    /// The first user's other client: it deletes or edits what one of our devices may have in doubt, or writes the same
    /// text.
    mutating func actOfSibling() throws -> StepKind {
        let waiting = devices[0].accepted.suffix(12).filter { $0.verb == .send }
        guard let thread = anyThread(), !waiting.isEmpty else { return .nothing }
        let time = Timestamp(milliseconds: now)
        counts.faults[.sibling, default: 0] += 1
        let newest = thread.messages.last { $0.sender == users[0] && !$0.isDeleted }
        switch (pick(3), newest) {
        case (0, let newest?): service.otherDeletes(newest.id, as: users[0], in: thread.id, at: time)
        case (1, let newest?):
            // Rather what one of our devices is editing.
            let edited = messageBeingEdited() ?? (newest.id, thread.id)
            service.otherEdits(edited.0, as: users[0], in: edited.1, at: time)
        default:
            let text = waiting[waiting.startIndex + pick(waiting.count)].text
            service.otherSends(text, nil, as: users[0], in: thread.id, at: time)
        }
        push()
        return .trouble
    }

    private func messageBeingEdited() -> (RemoteMessageID, RemoteConversationID)? {
        let edits = devices[0].accepted.suffix(12).filter { $0.verb == .edit }
        guard let id = edits.last(where: { $0.target?.remoteID != nil })?.target?.remoteID,
            let thread = service.threads.first(where: { $0.messages.contains { $0.id == id } })
        else { return nil }
        return (id, thread.id)
    }

    private mutating func anyThread() -> RawThread? {
        let open = (0..<service.threadCount).filter { !service.isDeleted($0) }
        return open.isEmpty ? nil : service.thread(open[pick(open.count)])
    }
}
