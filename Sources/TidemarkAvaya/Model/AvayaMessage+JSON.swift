import TidemarkModel

extension AvayaMessage {
    private static let known: Set<String> = [
        "_id", "category", "topicId", "sender", "content", "created", "modified", "status", "chatCount", "likeCount",
        "parentMsg", "mentions", "topicTitle", "topicType", "loopbackMetadata", "deleted", "isDeleted", "deletedTime",
        "deletedAt",
    ]
    private static let knownContent: Set<String> = [
        "bodyText", "description", "data", "assignees", "status", "dueDate",
    ]

    init(json: JSONValue) throws(MalformedItem) {
        guard let members = json.members else { throw MalformedItem(reason: "The message is no object.") }
        guard let id = json.words("_id") else { throw MalformedItem(reason: "The message has no _id.") }
        self.id = RemoteMessageID(id)
        category = json.words("category").map { AvayaCategory(rawValue: $0) } ?? .chat
        space = json.words("topicId").map { RemoteConversationID($0) }
        sender = json["sender"].flatMap { AvayaUser(json: $0) }
        status = json["status"]?.integer
        deletion = AvayaDeletion(json: json)
        // The id is the same second, so that a message without a time still has its place.
        let made = ObjectID.moment(id)
        let modified = try json.moment("modified", of: "message")
        // Of what is gone its time is no matter.
        let gone = deletion.map { $0.at ?? Timestamp(milliseconds: 0) }
        guard let created = try json.moment("created", of: "message") ?? made ?? modified ?? gone else {
            throw MalformedItem(id: id, reason: "The message does not say when it was created.")
        }
        self.created = created
        self.modified = modified ?? deletion?.at ?? created
        let content = json["content"]
        guard content == nil || content?.members != nil else {
            throw MalformedItem(id: id, reason: "The message's content is no object.")
        }
        body = content?["bodyText"]?.text
        details = content?.words("description")
        attachments = (content?["data"]?.elements ?? []).compactMap { AvayaAttachment(json: $0) }
        task = content.flatMap { AvayaTask(json: $0) }
        chatCount = json["chatCount"]?.integer
        likeCount = json["likeCount"]?.integer
        parent = json["parentMsg"].flatMap { AvayaParentMessage(json: $0) }
        mentions = (json["mentions"]?.elements ?? []).compactMap { AvayaMention(json: $0) }
        topicTitle = json["topicTitle"]?.text
        topicType = json["topicType"]?.text
        loopbackMetadata = json["loopbackMetadata"]?.serialized
        serviceData = Self.serviceData(members, content)
    }

    private static func serviceData(_ members: [String: JSONValue], _ content: JSONValue?) -> String? {
        var rest = members.filter { !known.contains($0.key) && $0.value != .null }
        let inner = (content?.members ?? [:]).filter { !knownContent.contains($0.key) && $0.value != .null }
        if !inner.isEmpty { rest["content"] = .object(inner) }
        return ServiceData.text(of: rest)
    }
}

extension AvayaDeletion {
    /// What may stay of a message of which only the id is told.
    private static let labels: Set<String> = ["_id", "topicId", "category", "modified"]

    /// The strongest mark that is there.
    init?(json: JSONValue) {
        at =
            json["deletedTime"]?.moment ?? json["deletedAt"]?.moment ?? Self.stamp(json["deleted"])
            ?? Self.stamp(json["isDeleted"])
        if at != nil {
            mark = .stamp
        } else if Self.isTrue(json["deleted"]) || Self.isTrue(json["isDeleted"]) {
            mark = .flag
        } else if (json.members ?? [:]).allSatisfy({ Self.labels.contains($0.key) || $0.value == .null }) {
            (mark, at) = (.bare, json["modified"]?.moment)
        } else if let status = json["status"]?.integer, status != 0 {
            mark = .status
        } else {
            return nil
        }
    }

    /// What may be a flag counts as a time only where it reads like one.
    private static func stamp(_ value: JSONValue?) -> Timestamp? {
        value?.moment.flatMap { $0.milliseconds > 1_000_000 ? $0 : nil }
    }

    private static func isTrue(_ value: JSONValue?) -> Bool {
        value?.truth ?? (value?.integer == 1)
    }
}

extension AvayaParentMessage {
    init?(json: JSONValue) {
        guard let id = json.objectID else { return nil }
        self.init(
            id: RemoteMessageID(id), body: json["bodyText"]?.text ?? json["content"]?["bodyText"]?.text,
            category: json.words("category").map { AvayaCategory(rawValue: $0) })
    }
}

extension AvayaMention {
    init?(json: JSONValue) {
        guard let id = json.objectID else { return nil }
        self.init(id: id, type: json.words("type"), title: json.words("title"))
    }

    var json: JSONValue {
        .object(of: ["id": .string(id), "type": type.map { .string($0) }, "title": title.map { .string($0) }])
    }
}

extension AvayaTask {
    init?(json: JSONValue) {
        let assignees = json["assignees"]?.elements ?? []
        guard !assignees.isEmpty || json["dueDate"] != nil || json["status"] != nil else { return nil }
        self.init(
            assignees: assignees.compactMap { $0.objectID.map { ParticipantID($0) } }, status: json["status"]?.integer,
            dueDate: json["dueDate"]?.moment)
    }
}
