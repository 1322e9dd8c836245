import Testing
import TidemarkModel

/// The items of a recorded page as Foundation reads them, beside what the adapter made of them.
struct RawItems {
    private let raw: [[String: Any]]

    init(_ raw: [[String: Any]]) {
        self.raw = raw
    }

    /// Compares item by item and returns how many there are.
    func compare(_ items: Page.Items, file: String) throws -> Int {
        switch items {
        case .messages(let messages): try each(messages, file) { try Self.compare($0, $1) }
        case .conversations(let conversations):
            try each(conversations, file) { conversation, raw in
                #expect(conversation.id.rawValue == raw["id"] as? String)
                #expect(conversation.topic == raw["topic"] as? String)
                #expect(conversation.deletedAt == Self.time(raw["deletedOn"]))
                #expect(conversation.lastMessageAt == Self.time(raw["lastMessageReceivedOn"]))
                #expect(conversation.createdAt == Self.time(raw["createdOn"]))
                #expect(conversation.createdBy?.rawValue == Self.id(raw["createdByCommunicationIdentifier"] ?? raw["createdBy"]))
            }
        case .participants(let participants):
            try each(participants, file) { participant, raw in
                #expect(participant.id.rawValue == Self.id(raw["communicationIdentifier"] ?? raw["id"]))
                #expect(participant.displayName == raw["displayName"] as? String)
                #expect(participant.shareHistoryTime == Self.time(raw["shareHistoryTime"]))
            }
        case .receipts(let receipts):
            try each(receipts, file) { receipt, raw in
                #expect(receipt.participant.rawValue == Self.id(raw["senderCommunicationIdentifier"] ?? raw["senderId"]))
                #expect(receipt.message.rawValue == raw["chatMessageId"] as? String)
                #expect(receipt.readAt == Self.time(raw["readOn"]))
            }
        }
        return raw.count
    }

    private func each<Item>(_ items: [Item], _ file: String, _ compare: (Item, [String: Any]) throws -> Void) throws {
        try #require(items.count == raw.count, "\(file)")
        for (item, raw) in zip(items, raw) { try compare(item, raw) }
    }

    private static func compare(_ message: RemoteMessage, _ raw: [String: Any]) throws {
        let content = raw["content"] as? [String: Any]
        #expect(message.id.rawValue == raw["id"] as? String)
        #expect(message.version.map(String.init) == raw["version"] as? String)
        #expect(message.sequence.map(String.init) == raw["sequenceId"] as? String)
        #expect(message.kind?.rawValue.lowercased() == (raw["type"] as? String)?.lowercased())
        #expect(message.createdAt == time(raw["createdOn"]))
        #expect(message.editedAt == time(raw["editedOn"]))
        #expect(message.deletedAt == time(raw["deletedOn"]))
        #expect(message.sender?.rawValue == id(raw["senderCommunicationIdentifier"] ?? raw["senderId"]))
        #expect(message.senderName ?? "" == raw["senderDisplayName"] as? String ?? "")
        #expect(message.topic == content?["topic"] as? String)
        #expect(message.participants.count == (content?["participants"] as? [Any] ?? []).count)
        #expect(message.initiator?.rawValue == id(content?["initiatorCommunicationIdentifier"] ?? content?["initiator"]))
        #expect(message.metadata == raw["metadata"] as? [String: String] ?? [:])
        if message.deletedAt == nil { #expect(message.text == content?["message"] as? String ?? raw["content"] as? String) }
        // Nothing of what was recorded is unknown to the model.
        if raw["priority"] == nil { #expect(message.serviceData == nil) }
    }

    private static func time(_ value: Any?) -> Timestamp? {
        (value as? String).flatMap { Timestamp(rfc3339: $0) }
    }

    private static func id(_ value: Any?) -> String? {
        (value as? String) ?? (value as? [String: Any])?["rawId"] as? String
    }
}
