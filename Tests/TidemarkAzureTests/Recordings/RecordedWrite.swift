import TidemarkAzure
import TidemarkModel

/// A recorded write in the engine's words, and as the operation that a plain client would make of it.
struct RecordedWrite {
    var action: Delivery.Action
    var token: String
    var operation: AzureOperation

    init(_ action: Delivery.Action, token: String = "not-recorded") {
        self.action = action
        self.token = token
        operation =
            switch action {
            case .createConversation(let topic, let participants):
                .createThread(
                    topic: topic, participants: participants.map { ChatParticipant($0) }, repeatabilityID: token)
            case .send(let message, let thread): .sendMessage(message, in: thread)
            case .edit(let message, let text, let metadata, let thread):
                .updateMessage(message, content: text, metadata: metadata, in: thread)
            case .delete(let message, let thread): .deleteMessage(message, in: thread)
            case .markRead(let message, let thread): .sendReceipt(message, in: thread)
            case .rename(let thread, let topic): .updateThread(thread, topic: topic)
            case .addParticipants(let participants, let thread):
                .addParticipants(participants.map { ChatParticipant($0) }, in: thread)
            case .removeParticipant(let participant, let thread):
                .removeParticipant(CommunicationIdentifier(participant), in: thread)
            case .deleteConversation(let thread): .deleteThread(thread)
            // The service takes no files, so no recording has one.
            case .upload(_, let thread): .getThread(thread)
            }
    }
}

/// The body of a recorded write. Fields that are not there read as empty.
struct RecordedBody {
    private let json: [String: Any]
    private let token: String?

    init(_ exchange: RecordedExchange) {
        json = exchange.requestJSON
        token = exchange.requestHeaders["repeatability-request-id"] ?? exchange.requestHeaders["idempotency-token"]
    }

    func text(_ key: String) -> String { json[key] as? String ?? "" }

    var metadata: [String: String] { json["metadata"] as? [String: String] ?? [:] }

    func message() -> OutgoingMessage {
        OutgoingMessage(
            text("content"), kind: text("type") == "html" ? .html : .text, senderName: json["senderDisplayName"] as? String,
            metadata: metadata)
    }

    func participant() -> ParticipantID { Self.id(json) }

    func participants() -> [Participant] {
        (json["participants"] as? [[String: Any]] ?? []).map { entry in
            Participant(
                id: Self.id(entry["communicationIdentifier"] as? [String: Any] ?? [:]),
                displayName: entry["displayName"] as? String,
                shareHistoryTime: (entry["shareHistoryTime"] as? String).flatMap { Timestamp(rfc3339: $0) })
        }
    }

    func creation() -> RecordedWrite {
        RecordedWrite(
            .createConversation(topic: text("topic"), participants: participants()), token: token ?? "not-recorded")
    }

    private static func id(_ json: [String: Any]) -> ParticipantID {
        let user = json["communicationUser"] as? [String: Any] ?? [:]
        return ParticipantID(json["rawId"] as? String ?? user["id"] as? String ?? "")
    }
}
