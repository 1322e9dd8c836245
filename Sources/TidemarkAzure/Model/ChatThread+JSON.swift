import TidemarkModel

extension ChatThreadProperties {
    private static let known: Set<String> = [
        "id", "topic", "createdOn", "createdByCommunicationIdentifier", "createdBy", "deletedOn",
    ]

    init(json: JSONValue) throws(MalformedItem) {
        id = RemoteConversationID(try json.required("id", of: "thread"))
        topic = json["topic"]?.text
        createdOn = try json.timestamp("createdOn", of: "thread")
        createdBy = json.identifier("createdByCommunicationIdentifier", "createdBy")
        deletedOn = try json.timestamp("deletedOn", of: "thread")
        metadata = json["metadata"]?.texts ?? [:]
        retentionPolicy = json["retentionPolicy"].flatMap { ChatRetentionPolicy(json: $0) }
        serviceData = ServiceData.of(json, without: Self.known)
    }

    var conversation: RemoteConversation {
        RemoteConversation(
            id: id, topic: topic, createdAt: createdOn, createdBy: createdBy?.participantID, deletedAt: deletedOn,
            serviceData: serviceData)
    }
}

extension ChatThreadItem {
    private static let known: Set<String> = ["id", "topic", "deletedOn", "lastMessageReceivedOn"]

    init(json: JSONValue) throws(MalformedItem) {
        id = RemoteConversationID(try json.required("id", of: "thread"))
        topic = json["topic"]?.text
        deletedOn = try json.timestamp("deletedOn", of: "thread")
        lastMessageReceivedOn = try json.timestamp("lastMessageReceivedOn", of: "thread")
        serviceData = ServiceData.of(json, without: Self.known)
    }

    var conversation: RemoteConversation {
        RemoteConversation(
            id: id, topic: topic, deletedAt: deletedOn, lastMessageAt: lastMessageReceivedOn, serviceData: serviceData)
    }
}

extension ChatRetentionPolicy {
    init?(json: JSONValue) {
        switch json["kind"]?.text {
        case "none": self = .none
        case "threadCreationDate":
            guard let days = json["deleteThreadAfterDays"]?.integer.flatMap({ Int(exactly: $0) }) else { return nil }
            self = .threadCreationDate(deleteThreadAfterDays: days)
        case let kind?: self = .unknown(kind: kind)
        case nil: return nil
        }
    }

    var json: JSONValue {
        switch self {
        case .none: .object(["kind": .string("none")])
        case .threadCreationDate(let days):
            .object(["kind": .string("threadCreationDate"), "deleteThreadAfterDays": .number(String(days))])
        case .unknown(let kind): .object(["kind": .string(kind)])
        }
    }
}

extension CommunicationError {
    init(json: JSONValue) {
        code = json["code", "Code", "statusCode"]?.text ?? ""
        message = json["message", "Message"]?.text ?? ""
        // A participant's raw id; 2020-09-21-preview2 called it `id`.
        target = json["target", "Target", "id"]?.text
    }

    /// Who or what an accepted request left out, in the words of every version (wire page, "Version differences"); `nil` if
    /// that is told and can't be read, because taking it for "nobody" would hide it.
    static func list(in json: JSONValue) -> [CommunicationError]? {
        if let told = json["invalidParticipants"] ?? json["errors"]?["invalidParticipants"] {
            return told.elements?.map { CommunicationError(json: $0) }
        }
        // 2020-09-21-preview2 answers 207 with the status of everything.
        guard let told = json["multipleStatus"] else { return [] }
        return told.elements?.filter { ($0["statusCode"]?.integer ?? 0) >= 400 }.map { CommunicationError(json: $0) }
    }

    var partialFailure: PartialFailure {
        PartialFailure(target: target ?? "", code: code, message: message)
    }
}
