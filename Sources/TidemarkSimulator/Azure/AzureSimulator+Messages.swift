internal import HTTPTypes

extension AzureSimulator {
    /// Puts a message at a thread's end.
    @discardableResult
    mutating func post(
        _ kind: AzureMessage.Kind, in index: Int, at now: Int64, _ fill: (inout AzureMessage) -> Void
    ) -> Int64 {
        let time = stamp(now)
        threads[index].sequence += 1
        var message = AzureMessage(id: time, sequence: threads[index].sequence, kind: kind)
        fill(&message)
        message.changes = [
            AzureChange(
                kind: .create, version: time, sequence: message.sequence, author: message.sender, content: message.content,
                metadata: message.metadata)
        ]
        threads[index].messages.append(message)
        threads[index].activity = time
        if kind == .text || kind == .html { threads[index].lastMessageAt = time }
        keepMoment(index, since: time)
        return time
    }

    /// Edits a message, or deletes it: what came along, and when.
    private mutating func change(
        _ message: Int, in index: Int, at now: Int64, _ kind: AzureChange.Kind, content: String? = nil,
        metadata: [String: String] = [:]
    ) {
        let time = stamp(now)
        threads[index].sequence += 1
        threads[index].messages[message].take(
            AzureChange(
                kind: kind, version: time, sequence: threads[index].sequence, author: threads[index].messages[message].sender,
                content: content, metadata: metadata,
                dropsMetadata: kind == .delete && !behavior.tombstonesKeepMetadata))
        if behavior.editsBumpThread { threads[index].activity = time }
        if behavior.editsChangeLastMessage { threads[index].lastMessageAt = time }
        keepMoment(index, since: time)
    }

    mutating func rewrite(_ message: Int, in index: Int, to content: String?, metadata: [String: String], at now: Int64) {
        let isHTML = threads[index].messages[message].kind == .html
        let stored = content.map { isHTML ? WireText.sanitised(html: $0) : $0 }
        change(message, in: index, at: now, .edit, content: stored, metadata: metadata)
    }

    mutating func erase(_ message: Int, in index: Int, at now: Int64) {
        change(message, in: index, at: now, .delete)
    }

    mutating func sendMessage(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let index = try find(call.path[2], user)
        let body = try call.object()
        guard let content = body["content"]?.text, !content.isEmpty else { throw .invalid }
        try limit(content)
        let type = body["type"]?.text?.lowercased() ?? "text"
        guard type == "text" || type == "html" else { throw .invalid }
        let id = post(type == "html" ? .html : .text, in: index, at: call.now) { message in
            message.content = type == "html" ? WireText.sanitised(html: content) : content
            message.sender = user
            message.senderName = body["senderDisplayName"]?.text ?? ""
            message.metadata = call.version >= "2021-04-05" ? Self.metadata(body["metadata"]) : [:]
        }
        var reply = AzureReply(status: 201, body: .members(("id", .text(String(id)))))
        reply.fields.append(
            (.location, "\(baseURL)/chat/threads/\(call.path[2].replacing(":", with: "%3A"))/messages/\(id)"))
        return reply
    }

    func getMessage(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let index = try find(call.path[2], user)
        let message = threads[index].messages[try findMessage(call.path[4], in: index)]
        guard message.deletedAt == nil || behavior.deletedMessageCanBeRead, isVisible(message, to: user, in: index) else {
            throw .notFound
        }
        return AzureReply(status: 200, body: json(message, call))
    }

    mutating func editMessage(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let index = try find(call.path[2], user)
        let message = try findMessage(call.path[4], in: index)
        let body = try call.object()
        try requireOwn(threads[index].messages[message], user)
        guard threads[index].messages[message].deletedAt == nil else {
            throw AzureRefusal(status: behavior.editOfDeletedStatus, code: "MessageDeleted", message: "The message was deleted.")
        }
        if let content = body["content"], content.text?.isEmpty != false { throw .invalid }
        try limit(body["content"]?.text)
        let metadata = call.version >= "2021-04-05" ? Self.metadata(body["metadata"]) : [:]
        rewrite(message, in: index, to: body["content"]?.text, metadata: metadata, at: call.now)
        return AzureReply(status: 204)
    }

    mutating func deleteMessage(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let index = try find(call.path[2], user)
        let message = try findMessage(call.path[4], in: index)
        try requireOwn(threads[index].messages[message], user)
        guard threads[index].messages[message].deletedAt == nil else {
            guard behavior.secondDeleteStatus == 204 else { throw .notFound }
            return AzureReply(status: 204)
        }
        erase(message, in: index, at: call.now)
        return AzureReply(status: 204)
    }

    /// About 28 KB (wire page §6); which status a larger one gets is not recorded.
    private func limit(_ content: String?) throws(AzureRefusal) {
        guard (content?.utf8.count ?? 0) <= 28_672 else {
            throw AzureRefusal(
                status: behavior.oversizedStatus, code: "RequestEntityTooLarge", message: "The message is too large.")
        }
    }

    private func requireOwn(_ message: AzureMessage, _ user: String) throws(AzureRefusal) {
        guard message.kind == .text || message.kind == .html, message.sender == user else {
            throw behavior.foreignMessageStatus == 404 ? .notFound : .forbidden
        }
    }

    /// What was written before one may read is not shown.
    func isVisible(_ message: AzureMessage, to user: String, in index: Int) -> Bool {
        guard let member = threads[index].members.first(where: { $0.id == user }) else { return false }
        return message.id >= member.shareHistoryTime
    }

    func json(_ message: AzureMessage, _ call: AzureCall) -> JSON {
        let isUser = message.kind == .text || message.kind == .html
        let hasMetadata = call.version >= "2021-04-05" && !message.metadata.isEmpty
        return .members(
            ("id", .text(String(message.id))), ("type", .text(message.kind.rawValue)),
            ("sequenceId", .text(String(message.sequence))), ("version", .text(String(message.version))),
            ("content", content(message, call)), ("senderDisplayName", isUser ? .text(message.senderName) : nil),
            ("createdOn", .text((message.id / 1000).rfc3339)),
            ("senderCommunicationIdentifier", message.sender.map(Self.identifier)),
            ("deletedOn", message.deletedAt.map { .text(($0 / 1000).rfc3339) }),
            ("editedOn", message.editedAt.map { .text(($0 / 1000).rfc3339) }),
            ("metadata", hasMetadata ? Self.json(message.metadata) : nil))
    }

    private func content(_ message: AzureMessage, _ call: AzureCall) -> JSON {
        switch message.kind {
        case .text, .html: .members(("message", .text(message.content)))
        case .topicUpdated:
            .members(
                ("topic", message.topic.map(JSON.text)),
                ("initiatorCommunicationIdentifier", message.initiator.map(Self.identifier)))
        case .participantAdded, .participantRemoved:
            .members(
                ("participants", .list(message.participants.map { member($0, call) })),
                ("initiatorCommunicationIdentifier", message.initiator.map(Self.identifier)))
        }
    }

    static func json(_ metadata: [String: String]) -> JSON {
        .object(metadata.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })
    }

    /// The metadata of a thread or participant: 2025-03-15 tells them.
    static func json(_ metadata: [String: String], since call: AzureCall) -> JSON? {
        call.version >= "2025-03-15" && !metadata.isEmpty ? json(metadata) : nil
    }

    static func metadata(_ json: JSON?) -> [String: String] {
        Dictionary(
            (json?.members ?? []).compactMap { name, value in value.text.map { (name, $0) } }, uniquingKeysWith: { $1 })
    }
}
