internal import HTTPTypes

extension AzureSimulator {
    /// Puts a message at a thread's end.
    @discardableResult
    mutating func post(
        _ kind: AzureMessage.Kind, in index: Int, at now: Int64, _ fill: (inout AzureMessage) -> Void
    ) -> Int64 {
        let time = stamp(now)
        threads[index].sequence += 1
        var message = AzureMessage(
            id: time, version: time, sequence: threads[index].sequence, kind: kind, content: "", senderName: "", metadata: [:],
            firstContent: "", firstMetadata: [:])
        fill(&message)
        message.firstContent = message.content
        message.firstMetadata = message.metadata
        threads[index].messages.append(message)
        threads[index].activity = time
        if kind == .text || kind == .html { threads[index].lastMessageAt = time }
        return time
    }

    /// Changes a message: a new sequence number and a new version, the id stays (recorded).
    mutating func change(_ message: Int, in index: Int, at now: Int64, _ change: (inout AzureMessage, Int64) -> Void) {
        let time = stamp(now)
        threads[index].sequence += 1
        threads[index].messages[message].version = time
        threads[index].messages[message].sequence = threads[index].sequence
        if behavior.editsBumpThread { threads[index].activity = time }
        if behavior.editsChangeLastMessage { threads[index].lastMessageAt = time }
        change(&threads[index].messages[message], time)
    }

    mutating func sendMessage(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let index = try find(call.path[2], user)
        let body = try call.object()
        guard let content = body["content"]?.text, !content.isEmpty else { throw .invalid }
        guard content.utf8.count <= 28_672 else {
            throw AzureRefusal(status: 413, code: "RequestEntityTooLarge", message: "The message is too large.")
        }
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
        change(message, in: index, at: call.now) { message, time in
            if let content = body["content"]?.text {
                message.content = message.kind == .html ? WireText.sanitised(html: content) : content
            }
            message.editedAt = time
            for (key, value) in Self.metadata(body["metadata"]) { message.metadata[key] = value.isEmpty ? nil : value }
        }
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

    mutating func erase(_ message: Int, in index: Int, at now: Int64) {
        let keepsMetadata = behavior.tombstonesKeepMetadata
        change(message, in: index, at: now) { message, time in
            message.deletedAt = time
            message.editedAt = nil
            message.content = ""
            if !keepsMetadata { message.metadata = [:] }
        }
    }

    private func requireOwn(_ message: AzureMessage, _ user: String) throws(AzureRefusal) {
        guard message.kind == .text || message.kind == .html, message.sender == user else { throw .forbidden }
    }

    /// What was written before one may read is not shown.
    func isVisible(_ message: AzureMessage, to user: String, in index: Int) -> Bool {
        guard let member = threads[index].members.first(where: { $0.id == user }) else { return false }
        return message.id >= member.shareHistoryTime
    }

    // MARK: Listing

    /// Newest sequence first: by last change, not by creation. The link's `startTime` is not RFC 3339 and its state is
    /// hex (recorded).
    mutating func listMessages(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let index = try find(call.path[2], user)
        let size = min(max(call.pageSize ?? 10, 1), 200)
        var state: MessageCursor?
        if let text = call.parameter("syncState") {
            guard let cursor = MessageCursor(text: text, thread: call.path[2]) else { throw .invalid }
            state = cursor
        }
        let from = state?.from ?? Self.time(call.parameter("startTime"))
        let open = listed(in: index, to: user, from: from, after: state, now: call.now)
        let isCut = generator.chance(behavior.shortPages)
        let page = Array(open.prefix(isCut ? generator.pick(size + 1) : size))
        var next: JSON?
        if open.count > page.count {
            let cursor = MessageCursor(
                thread: call.path[2], oldest: min(state?.oldest ?? .max, page.map(\.version).min() ?? .max),
                newest: max(state?.newest ?? 0, page.map(\.version).max() ?? 0), from: from)
            next = .text(
                "\(baseURL)/chat/threads/\(call.path[2])/messages?syncState=\(cursor.text)"
                    + "&startTime=1%2F1%2F1970%2012%3A00%3A00%20AM%20%2B00%3A00&maxPageSize=\(size)&api-version=\(call.version)")
        }
        return AzureReply(
            status: 200, body: .members(("value", .list(page.map { json($0, call) })), ("nextLink", next)))
    }

    private func listed(
        in index: Int, to user: String, from: Int64, after state: MessageCursor?, now: Int64
    ) -> [AzureMessage] {
        threads[index].messages.filter { message in
            guard message.version <= now - behavior.listLag, isVisible(message, to: user, in: index) else { return false }
            guard (behavior.startTimeComparesVersion ? message.version : message.id) >= from else { return false }
            guard let state else { return true }
            return message.version < state.oldest || (behavior.redeliversMovedMessages && message.version > state.newest)
        }.sorted { $0.sequence > $1.sequence }
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
                ("participants", .list(message.participants.map { member($0) })),
                ("initiatorCommunicationIdentifier", message.initiator.map(Self.identifier)))
        }
    }

    static func json(_ metadata: [String: String]) -> JSON {
        .object(metadata.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })
    }

    static func metadata(_ json: JSON?) -> [String: String] {
        Dictionary(
            (json?.members ?? []).compactMap { name, value in value.text.map { (name, $0) } }, uniquingKeysWith: { $1 })
    }
}

/// The oldest and the newest version that a walk has delivered, as hex in the link.
private struct MessageCursor {
    var thread: String
    var oldest: Int64
    var newest: Int64
    var from: Int64

    init(thread: String, oldest: Int64, newest: Int64, from: Int64) {
        self.thread = thread
        self.oldest = oldest
        self.newest = newest
        self.from = from
    }

    init?(text: String, thread: String) {
        guard let parts = WireText.text(hex: text)?.split(separator: " "), parts.count == 4, parts[0] == thread,
            let oldest = Int64(parts[1]), let newest = Int64(parts[2]), let from = Int64(parts[3])
        else { return nil }
        self.init(thread: thread, oldest: oldest, newest: newest, from: from)
    }

    var text: String { WireText.hex("\(thread) \(oldest) \(newest) \(from)") }
}
