import TidemarkModel
import TidemarkStore

/// P1 for edits and deletes: what a call accepted was done, or visibly is not.
extension Judge {
    func changed(_ device: Device) throws -> [String] {
        let waiting = try Set(device.account.outbox().get().map(\.token))
        let live = world.service.threads.filter { $0.deletedAt == nil }.flatMap { thread in
            let isOut = !thread.members.contains(device.user)
            return thread.messages.filter { message in
                // A copy that the network made of it may come when its author is out, and nobody can delete it.
                !message.isDeleted && !(isOut && message.token.map { world.excused[$0, default: 0] > 0 } == true)
            }
        }
        return try device.accepted.compactMap { accepted in
            let name = "\(device.name) \(accepted.enqueued.intent) (\(accepted.verb))"
            let token = accepted.enqueued.token
            guard accepted.verb == .edit || accepted.verb == .delete else { return nil }
            switch try device.store.intentState(accepted.enqueued.intent) {
            case "cancelled": return nil
            // It asks about what it has done itself.
            case "parked" where !isEarly && isDone(accepted, live):
                return "R7: \(name) is parked, and is what its message says"
            case "confirmed" where accepted.verb == .edit:
                return world.applied.contains(token) || isThereAsItsSend(accepted, of: device)
                    ? nil : "P1: \(name) is confirmed and was never done"
            case "confirmed":
                return live.contains { isTarget($0, of: accepted, device) }
                    ? "P1: \(name) is confirmed and its message lives" : nil
            // Who is out can't look any more.
            case "sent" where try isOut(accepted.enqueued.intent, device): return nil
            case "sent": return "P9: \(name) was accepted and never seen"
            case let state: return waiting.contains(token) ? nil : "P1: \(name) is \(state ?? "gone") and nobody sees it"
            }
        }
    }

    /// An edit whose mark its message bears.
    private func isDone(_ accepted: Device.Accepted, _ live: [RawMessage]) -> Bool {
        accepted.verb == .edit && live.contains { $0.editMarker == accepted.enqueued.token && $0.text == accepted.text }
    }

    /// R4: one token, one text; and what was taken back does not stay.
    func frozen(_ device: Device) throws -> [String] {
        // What landed all the same is to be deleted, and is not yet.
        let unsent = try Set(device.account.outbox().get().filter { $0.verb == .delete }.map(\.conversation))
        return try device.accepted.filter { $0.verb == .send }.compactMap { accepted in
            let (intent, token) = (accepted.enqueued.intent, accepted.enqueued.token)
            // What landed although its author had said that it was not sent is known by its token alone.
            let former = device.witness.former[intent, default: []].filter { echoesTokens || world.excused[$0] == nil }
            if !isEarly, !unsent.contains(accepted.enqueued.conversation), !device.forgotten.contains(intent),
                accepted.enqueued.message.map(device.witness.kept.contains) != true, former.contains(where: { lives($0, device) })
            {
                return "R4: the message of \(device.name) \(intent) was changed and lives as it was before, too"
            }
            // What was changed before it left has the text of the last change; nothing changes it afterwards. An older copy has
            // forgotten such a change, and the network may bring what its service had refused.
            let last = device.accepted.last { $0.enqueued.token == token }?.text
            let isKnown = world.counts.faults[.rolledBack] == nil && world.excused[token] == nil
            if isKnown, let text = world.chronicle.texts[token], text != last {
                return "R4: the message of \(device.name) \(intent) was made with another text"
            }
            guard !isEarly, echoesTokens, device.witness.takenBack.contains(intent),
                !unsent.contains(accepted.enqueued.conversation),
                !device.forgotten.contains(intent), accepted.enqueued.message.map(device.witness.kept.contains) != true,
                !device.witness.keptTokens.contains(token), try device.store.intentState(intent) == "cancelled"
            else { return nil }
            return lives(token, device) ? "R4: the message of \(device.name) \(intent) was taken back and lives" : nil
        }
    }

    /// An edit of what had not left is its send. Where only text and author tell, an equal own text may count as it (R12).
    private func isThereAsItsSend(_ edit: Device.Accepted, of device: Device) -> Bool {
        let isSend = device.accepted.contains { $0.verb == .send && $0.enqueued.intent == edit.enqueued.intent }
        return !echoesTokens && isSend && world.chronicle.everyText.contains(edit.text)
    }

    /// A message with this token, in a conversation in which its sender still is.
    private func lives(_ token: Token, _ device: Device) -> Bool {
        world.service.threads.contains { thread in
            thread.deletedAt == nil && thread.members.contains(device.user)
                && thread.messages.contains { $0.token == token && $0.sender == device.user && !$0.isDeleted }
        }
    }

    /// Where it stands now: what it was written into may have turned out to be another conversation.
    private func isOut(_ intent: IntentID, _ device: Device) throws -> Bool {
        let conversation = try device.account.intent(intent).get().conversation
        return try device.account.conversation(conversation).get().membership == .left
    }

    private func isTarget(_ message: RawMessage, of accepted: Device.Accepted, _ device: Device) -> Bool {
        message.id == accepted.target?.remoteID
            || (echoesTokens && message.token != nil && message.token == accepted.target?.token && message.sender == device.user)
    }
}
