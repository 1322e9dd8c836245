import TidemarkModel
import TidemarkStore

/// P1 for edits and deletes: what a call accepted was done, or visibly is not.
extension Judge {
    func changed(_ device: Device) throws -> [String] {
        let waiting = try Set(device.account.outbox().get().map(\.token))
        let live = world.service.threads.filter { $0.deletedAt == nil }.flatMap(\.messages).filter { !$0.isDeleted }
        return try device.accepted.compactMap { accepted in
            let name = "\(device.name) \(accepted.enqueued.intent) (\(accepted.verb))"
            let token = accepted.enqueued.token
            guard accepted.verb == .edit || accepted.verb == .delete else { return nil }
            switch try device.store.intentState(accepted.enqueued.intent) {
            case "cancelled": return nil
            case "confirmed" where accepted.verb == .edit:
                return world.applied.contains(token) ? nil : "P1: \(name) is confirmed and was never done"
            case "confirmed":
                return live.contains { isTarget($0, of: accepted) } ? "P1: \(name) is confirmed and its message lives" : nil
            // Who is out can't look any more.
            case "sent" where try isOut(accepted.enqueued.conversation, device): return nil
            case "sent": return "P9: \(name) was accepted and never seen"
            case let state: return waiting.contains(token) ? nil : "P1: \(name) is \(state ?? "gone") and nobody sees it"
            }
        }
    }

    private func isOut(_ conversation: ConversationID, _ device: Device) throws -> Bool {
        try device.account.conversation(conversation).get().membership == .left
    }

    private func isTarget(_ message: RawMessage, of accepted: Device.Accepted) -> Bool {
        message.id == accepted.target?.remoteID || (message.token != nil && message.token == accepted.target?.token)
    }
}
