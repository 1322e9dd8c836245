import Foundation
import TidemarkModel

@testable import TidemarkStore

/// What the user of a recorded client wanted, in the engine's words.
extension SessionReplay {
    /// Most recorders left the bodies of requests out: what a write said is then taken from what an answer shows of it,
    /// and where none does, from here.
    private static let unrecorded = "(not recorded)"

    mutating func wish(for action: Delivery.Action, _ exchange: RecordedExchange) throws -> Wish? {
        if case .createConversation(let topic, let participants) = action {
            let thread = exchange.responseJSON["chatThread"] as? [String: Any] ?? exchange.responseJSON
            return .createConversation(topic: Self.first(topic, thread["topic"]), participants: participants.filter(\.isNamed))
        }
        guard let thread = action.thread, let id = try conversation(thread) else { return nil }
        switch action {
        case .createConversation: return nil
        case .send(var message, _):
            let made = exchange.responseJSON["id"] as? String ?? ""
            message.text = Self.first(message.text, text(of: made))
            return .send(message, to: id)
        case .edit(let target, let text, let metadata, _):
            guard let message = try known(target, in: id, exchange) else { return nil }
            return .edit(message, text: Self.first(text, self.text(of: target.rawValue)), metadata: metadata)
        case .delete(let target, _):
            guard let message = try known(target, in: id, exchange) else { return nil }
            return .delete(message)
        case .markRead(let target, _):
            guard let message = try known(target, in: id, exchange) else { return nil }
            return .markRead(id, upTo: message)
        case .rename(_, let topic): return .rename(id, topic: Self.first(topic, nil))
        case .addParticipants(let participants, _):
            let named = participants.filter(\.isNamed)
            return .addParticipants(named.isEmpty ? [Participant(id: "8:acs:not-recorded-either")] : named, to: id)
        case .removeParticipant(let participant, _):
            return .removeParticipant(participant.rawValue.isEmpty ? "8:acs:not-recorded-either" : participant, from: id)
        case .deleteConversation: return .deleteConversation(id)
        case .upload: return nil
        }
    }

    /// The engine edits, deletes and marks only what it knows.
    private mutating func known(
        _ target: RemoteMessageID, in conversation: ConversationID, _ exchange: RecordedExchange
    ) throws -> MessageID? {
        if let id = try message(target, in: conversation) { return id }
        skip("a write to a message that is not known (\(exchange.status))")
        return nil
    }

    private func text(of id: String) -> String? {
        RecordedContent(session.exchanges).messages.first { $0.key.id == id && $0.value.text?.isEmpty == false }?.value.text
    }

    private static func first(_ text: String, _ other: Any?) -> String {
        text.isEmpty ? other as? String ?? unrecorded : text
    }
}

extension Participant {
    fileprivate var isNamed: Bool { !id.rawValue.isEmpty }
}
