import Foundation
import TidemarkAzure
import TidemarkModel

/// What the push channel says of a message, in its own words (wire page, section 11), read by the adapter's real decoder.
extension AzureModel {
    func push(of message: RawMessage, in thread: RemoteConversationID) -> Push {
        let name = message.isDeleted ? "chatMessageDeleted" : message.isEdited ? "chatMessageEdited" : "chatMessageReceived"
        let changedAt = Timestamp(milliseconds: message.version).rfc3339
        var fields: [String: String] = [
            "messageId": message.id.rawValue, "threadId": thread.rawValue, "senderId": message.sender?.rawValue ?? "",
            "senderDisplayName": "", "messageType": message.kind == .html ? "RichText/Html" : "Text",
            "originalArrivalTime": message.createdAt.rfc3339, "version": String(message.version),
            "acsChatMessageMetadata": metadata(of: message),
        ]
        if message.isDeleted {
            fields["deletetime"] = changedAt
        } else {
            fields["messageBody"] = message.text
            if message.isEdited { fields["edittime"] = changedAt }
        }
        let payload = text(fields)
        let event = try? codec.events(named: name, payload: Array(payload.utf8)).first
        return Push(event: event ?? .message(message.pushed, in: thread), name: name, payload: Array(payload.utf8))
    }

    /// JSON in JSON; nothing is the text `null`.
    private func metadata(of message: RawMessage) -> String {
        var metadata: [String: String] = [:]
        metadata[codec.tokenKey] = message.token?.rawValue
        metadata[codec.editKey] = message.editMarker?.rawValue
        return metadata.isEmpty || message.isDeleted ? "null" : text(metadata)
    }

    private func text(_ fields: [String: String]) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(fields)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
