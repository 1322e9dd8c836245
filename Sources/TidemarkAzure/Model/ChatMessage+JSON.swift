import TidemarkModel

extension ChatMessage {
    private static let known: Set<String> = [
        "id", "type", "sequenceId", "version", "content", "senderDisplayName", "createdOn", "senderCommunicationIdentifier",
        "senderId", "deletedOn", "editedOn", "metadata",
    ]
    private static let knownContent: Set<String> = [
        "message", "topic", "participants", "members", "initiatorCommunicationIdentifier", "initiator",
    ]

    init(json: JSONValue) throws(MalformedItem) {
        guard json.members != nil else { throw MalformedItem(reason: "The message is no object.") }
        let id = try json.required("id", of: "message")
        self.id = RemoteMessageID(id)
        type = MessageKind(wire: try json.required("type", of: "message"))
        sequenceID = try json.number("sequenceId", of: "message")
        guard let version = try json.number("version", of: "message") else {
            throw MalformedItem(id: id, reason: "The message has no version.")
        }
        self.version = version
        content = try ChatMessageContent(json: json["content"], of: id)
        senderDisplayName = json["senderDisplayName"]?.text.flatMap { $0.isEmpty ? nil : $0 }
        // The id is the same moment, so that a message without a time still has its place.
        let arrival = Int64(id).map { Timestamp(milliseconds: $0) }
        guard let createdOn = try json.timestamp("createdOn", of: "message") ?? arrival else {
            throw MalformedItem(id: id, reason: "The message has no createdOn.")
        }
        self.createdOn = createdOn
        sender = json.identifier("senderCommunicationIdentifier", "senderId")
        deletedOn = try json.timestamp("deletedOn", of: "message")
        editedOn = try json.timestamp("editedOn", of: "message")
        metadata = json["metadata"]?.texts ?? [:]
        serviceData = Self.serviceData(json)
    }

    private static func serviceData(_ json: JSONValue) -> String? {
        var rest = (json.members ?? [:]).filter { !known.contains($0.key) && $0.value != .null }
        let content = (json["content"]?.members ?? [:]).filter { !knownContent.contains($0.key) && $0.value != .null }
        if !content.isEmpty { rest["content"] = .object(content) }
        return ServiceData.text(of: rest)
    }
}

extension ChatMessageContent {
    /// `content` was a bare text in 2020-09-21-preview2.
    init(json: JSONValue?, of message: String) throws(MalformedItem) {
        self.init()
        guard let json else { return }
        if let text = json.text {
            self.message = text
            return
        }
        self.message = json["message"]?.text
        topic = json["topic"]?.text
        initiator = json.identifier("initiatorCommunicationIdentifier", "initiator")
        attachments = (json["attachments"]?.elements ?? []).compactMap { ChatAttachment(json: $0) }
        for element in json["participants", "members"]?.elements ?? [] {
            do {
                participants.append(try ChatParticipant(json: element))
            } catch {
                throw MalformedItem(id: message, reason: error.reason)
            }
        }
    }
}

extension ChatAttachment {
    init?(json: JSONValue) {
        guard let id = json["id"]?.text else { return nil }
        self.init(
            id: id, type: json["attachmentType"]?.text ?? "", name: json["name"]?.text, url: json["url"]?.text,
            previewURL: json["previewUrl"]?.text)
    }
}

extension ChatMessageReadReceipt {
    init(json: JSONValue) throws(MalformedItem) {
        guard let sender = json.identifier("senderCommunicationIdentifier", "senderId") else {
            throw MalformedItem(reason: "The receipt has no sender.")
        }
        guard let readOn = try json.timestamp("readOn", of: "receipt") else {
            throw MalformedItem(reason: "The receipt has no readOn.")
        }
        self.init(
            sender: sender, messageID: RemoteMessageID(try json.required("chatMessageId", of: "receipt")), readOn: readOn)
    }
}

extension MessageKind {
    /// The kind by its name in lists, in pushed events and in 2020-09-21-preview2.
    init(wire name: String) {
        switch name {
        case "Text": self = .text
        case "RichText/Html", "Html": self = .html
        case "ThreadActivity/TopicUpdate": self = .topicUpdated
        case "ThreadActivity/AddMember": self = .participantAdded
        case "ThreadActivity/DeleteMember": self = .participantRemoved
        default: self.init(rawValue: name)
        }
    }
}
