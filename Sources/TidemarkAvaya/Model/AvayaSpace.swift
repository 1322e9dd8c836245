public import TidemarkModel

/// A space as the service tells of it (wire page §3).
public struct AvayaSpace: Hashable, Sendable {
    public var id: RemoteConversationID
    public var title: String?
    public var details: String?
    /// `group`, `direct` or `personal`.
    public var type: String?
    /// 0 is normal, 1 archived.
    public var status: Int64?
    public var created: Timestamp?
    public var modified: Timestamp?
    public var unreadMessagesCount: Int64?
    /// Until when this user has read.
    public var messagesLastReadTime: Timestamp?
    /// What is not allowed: `deny_guest_access_history_msg` is there by default.
    public var restrictions: [String]
    public var isPinned: Bool?
    /// Where the service says so: `deleted`, `isDeleted`, `deletedTime` or `deletedAt`.
    public var deletion: AvayaDeletion?
    /// JSON of fields that this type doesn't name; bounded.
    public var serviceData: String?

    /// Whether guests may not read what was written before they came.
    public var deniesGuestsHistory: Bool { restrictions.contains("deny_guest_access_history_msg") }
}

extension AvayaSpace {
    private static let known: Set<String> = [
        "_id", "title", "description", "type", "status", "created", "modified", "unreadMessagesCount",
        "messagesLastReadTime", "restrict", "isPinned", "deleted", "isDeleted", "deletedTime", "deletedAt",
    ]

    init(json: JSONValue) throws(MalformedItem) {
        guard json.members != nil else { throw MalformedItem(reason: "The space is no object.") }
        guard let id = json.words("_id") else { throw MalformedItem(reason: "The space has no _id.") }
        self.id = RemoteConversationID(id)
        title = json["title"]?.text
        details = json.words("description")
        type = json.words("type")
        status = json["status"]?.integer
        created = try json.moment("created", of: "space")
        modified = json["modified"]?.moment
        unreadMessagesCount = json["unreadMessagesCount"]?.integer
        messagesLastReadTime = json["messagesLastReadTime"]?.moment
        restrictions = (json["restrict"]?.elements ?? []).compactMap(\.text)
        isPinned = json["isPinned"]?.truth
        deletion = AvayaDeletion(json: json).flatMap { [.flag, .stamp].contains($0.mark) ? $0 : nil }
        serviceData = ServiceData.of(json, without: Self.known)
    }

    /// In the engine's words. An archived space stays: only a deletion is final (rule R25).
    package var conversation: RemoteConversation {
        RemoteConversation(
            id: id, topic: title, createdAt: created,
            deletedAt: deletion.map {
                $0.at ?? modified ?? created ?? ObjectID.moment(id.rawValue) ?? Timestamp(milliseconds: 0)
            },
            readUpTo: messagesLastReadTime, serviceData: conversationData)
    }

    private var conversationData: String? {
        let rest = serviceData.flatMap { try? JSONValue(reading: $0) }?.members ?? [:]
        let named = JSONValue.object(of: [
            "type": type.map { .string($0) }, "status": status.map { .number(String($0)) },
            "description": details.map { .string($0) }, "isPinned": isPinned.map { .bool($0) },
            "unreadMessagesCount": unreadMessagesCount.map { .number(String($0)) },
            "restrict": restrictions.isEmpty ? nil : .array(restrictions.map { .string($0) }),
        ])
        return ServiceData.text(of: rest.merging(named.members ?? [:]) { _, named in named })
    }
}
