package import TidemarkModel

extension AvayaChatWire {
    /// Reads an event of the socket by its name; the payload is the event's first argument (wire page §6).
    ///
    /// What the payloads of updates and deletions hold is not established, so that only what names itself counts; what this
    /// version does not know gives an empty list, and is still a reason to look. Throws `.unreadable` (`.notApplied`) for a
    /// payload that is no JSON or lacks what its kind needs.
    package func events(named name: String, payload: [UInt8]) throws(ServiceError) -> [RemoteEvent] {
        guard name == "MESSAGE_SENT" || name == "PRESENCE_EVENT_RESPONSE" else { return [] }
        let json: JSONValue
        do {
            json = try JSONValue(reading: payload)
        } catch {
            throw Self.unreadable("The event is broken JSON: \(error.reason) at byte \(error.offset).")
        }
        guard json.members != nil else { throw Self.unreadable("The event is no object.") }
        return name == "MESSAGE_SENT" ? try Self.messageSent(json) : Self.presence(json)
    }

    private static func messageSent(_ json: JSONValue) throws(ServiceError) -> [RemoteEvent] {
        let category = json.words("category").map { AvayaCategory(rawValue: $0) } ?? .chat
        switch category {
        case .chat, .idea, .task:
            guard let space = json.words("topicId") else { throw unreadable("The event names no space.") }
            do {
                return [.message(try AvayaMessage(json: json).remote(from: .event), in: RemoteConversationID(space))]
            } catch {
                throw unreadable(error.reason)
            }
        case .topicUpdated: return conversation(json)
        case .messageRemoved: return removed(json)
        default: return []
        }
    }

    private static func conversation(_ json: JSONValue) -> [RemoteEvent] {
        guard let space = json.words("topicId"), let title = json.words("topicTitle") else { return [] }
        let version = json["modified"]?.moment?.milliseconds
        return [.conversation(RemoteConversation(id: RemoteConversationID(space), topic: title, version: version))]
    }

    /// A tombstone, if the event names the message: by an id of its own kind, or by `_id` as a message does.
    private static func removed(_ json: JSONValue) -> [RemoteEvent] {
        let content = json["content"]
        let id =
            json.words("messageId", "message_id") ?? content?.words("messageId", "message_id") ?? json["message"]?.objectID
            ?? content?["message"]?.objectID ?? content?.words("_id") ?? json.words("_id")
        guard let id, let space = json.words("topicId") ?? content?.words("topicId") else { return [] }
        let told = AvayaDeletion(json: json)?.at ?? json["modified"]?.moment ?? json["created"]?.moment
        let moment = told ?? ObjectID.moment(id) ?? Timestamp(milliseconds: 0)
        return [.message(RemoteMessage(id: RemoteMessageID(id), deletedAt: moment), in: RemoteConversationID(space))]
    }

    private static func presence(_ json: JSONValue) -> [RemoteEvent] {
        let isTyping = json.words("category").map { $0 == "party.typing" || $0.hasSuffix(".party.typing") } ?? false
        guard isTyping, let space = json.words("topicId"), let sender = json["sender"].flatMap({ AvayaUser(json: $0) }) else {
            return []
        }
        return [.typing(sender.id, displayName: sender.name, in: RemoteConversationID(space))]
    }

    private static func unreadable(_ reason: String) -> ServiceError {
        ServiceError(.unreadable, certainty: .notApplied, serviceMessage: reason)
    }
}
