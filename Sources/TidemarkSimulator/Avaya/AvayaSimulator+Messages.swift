internal import TidemarkModel

extension AvayaSimulator {
    mutating func answerMessages(
        _ call: AvayaCall, _ path: [String], _ user: AvayaUser
    ) throws(AvayaRefusal) -> AvayaReply {
        switch (call.method, path.count, path.first) {
        case ("POST", 1, "deletemessages"): return try deleteMessages(call, user)
        case ("GET", 1, _): return try getMessage(call, path[0], user)
        case ("POST", 1, _), ("PATCH", 1, _): return try editMessage(call, path[0], user)
        default: throw .notFound
        }
    }

    private func one(_ message: AvayaMessage, _ now: Int64, status: Int = 200) -> AvayaReply {
        let object = json(message, now)
        switch behavior.singleShape {
        case .bare: return AvayaReply(status: status, object)
        case .object: return AvayaReply(status: status, .members(("data", object)))
        case .list: return .data([object], status: status)
        }
    }

    private func getMessage(_ call: AvayaCall, _ id: String, _ user: AvayaUser) throws(AvayaRefusal) -> AvayaReply {
        let place = try findMessage(id, user, call)
        guard self[place].deletedAt == nil || (behavior.deletedCanBeRead && behavior.deletionMark != .absent) else {
            throw AvayaRefusal(
                status: behavior.unknownMessageStatus, code: "message.notfound", message: "The message was not found.")
        }
        return one(self[place], call.now)
    }

    // MARK: Sending

    /// Each call makes a message: nothing makes a second one the same (wire page §0).
    mutating func post(
        _ category: String, _ call: AvayaCall, _ id: String, _ user: AvayaUser
    ) throws(AvayaRefusal) -> AvayaReply {
        let index = try visit(id, user, call)
        let place = try compose(try call.object(), category, in: index, user, isPosted: true, now: call.now)
        announce(place, .sent, call.now)
        return .data([json(self[place], call.now)], status: behavior.sendStatus)
    }

    /// Makes a message of what was sent, by either way.
    mutating func compose(
        _ payload: JSON, _ category: String, in index: Int, _ user: AvayaUser, isPosted: Bool, now: Int64
    ) throws(AvayaRefusal) -> AvayaPlace {
        guard !spaces[index].isArchived else { throw .forbidden }
        guard let content = payload["content"], content.members != nil else { throw .invalid("A message needs a content.") }
        let text = content["bodyText"]?.text ?? ""
        let attachments = try attachments(content["data"])
        guard !text.isEmpty || !attachments.isEmpty else { throw .invalid("A message needs a bodyText or a file.") }
        try keepLength(text)
        let parent = try parent(payload["parentMsg"]?["_id"], in: index)
        let keepsDescription = isPosted ? behavior.keepsPostedDescription : behavior.keepsDescription
        var passed: [String: String] = [:]
        for name in ["assignees", "status", "dueDate"] { passed[name] = content[name]?.written }
        passed["mentions"] = payload["mentions"]?.written
        let given = behavior.keepsCreated && !isPosted ? payload["created"]?.text.flatMap(AvayaTime.milliseconds) : nil
        return add(
            text, category, in: index, by: user.id, description: keepsDescription ? content["description"]?.text ?? "" : "",
            attachments: attachments, parent: parent, passed: passed, created: given, now: now)
    }

    func keepLength(_ text: String) throws(AvayaRefusal) {
        guard let most = behavior.maximumTextBytes, text.utf8.count > most else { return }
        throw AvayaRefusal(status: behavior.oversizedStatus, code: "message.toolarge", message: "The message is too large.")
    }

    private func parent(_ id: JSON?, in index: Int) throws(AvayaRefusal) -> String? {
        guard let id = id?.text, !id.isEmpty else { return nil }
        guard let place = places[id], place.space == index, self[place].deletedAt == nil,
            behavior.repliesToChats || self[place].category != "chat"
        else { throw .invalid("A comment's parentMsg is a post or a task of its space.") }
        return id
    }

    private func attachments(_ data: JSON?) throws(AvayaRefusal) -> [AvayaAttachment] {
        guard let items = (data ?? .list([])).list, items.count <= 50 else { throw .invalid("data is a list of files.") }
        var attachments: [AvayaAttachment] = []
        for item in items {
            guard let id = item["fileId"]?.text, !id.isEmpty else { throw .invalid("A file needs its fileId.") }
            // What was never asked a place for belongs to another provider's storage.
            guard files[id]?.isThere != false else { throw .invalid("The file was not uploaded.") }
            attachments.append(
                AvayaAttachment(
                    fileID: id, size: item["fileSize"]?.number ?? 0, type: item["fileType"]?.text ?? "document",
                    name: item["name"]?.text ?? "", contentType: item["providerFileType"]?.text ?? "",
                    thumbnail: item["thumbnailFile"]?.text ?? "", icon: item["icon"]?.text ?? ""))
        }
        return attachments
    }

    @discardableResult
    mutating func add(
        _ text: String, _ category: String, in index: Int, by user: String, description: String = "",
        attachments: [AvayaAttachment] = [], parent: String? = nil, passed: [String: String] = [:], created: Int64? = nil,
        now: Int64
    ) -> AvayaPlace {
        let id = objectID(now)
        lastNumber += 1
        var message = AvayaMessage(
            id: id, number: lastNumber, space: spaces[index].id, category: category, sender: user, arrivedAt: now,
            created: created ?? now, modified: created ?? now, feedPlace: now, text: text, description: description,
            attachments: attachments, parent: parent, passed: passed)
        message.take(
            AvayaChange(
                kind: .create, at: now, author: user, text: text, description: description, modified: created ?? now,
                feedPlace: now))
        spaces[index].messages.append(message)
        let place = AvayaPlace(space: index, message: spaces[index].messages.count - 1)
        places[id] = place
        if let post = parent.flatMap({ places[$0] }) { comment(on: post, by: user, now) }
        return place
    }

    private mutating func comment(on post: AvayaPlace, by user: String, _ now: Int64) {
        let old = self[post]
        let bumps = behavior.commentsBumpParent
        self[post].take(
            AvayaChange(
                kind: .comment, at: now, author: user, modified: bumps ? max(now, old.modified) : old.modified,
                feedPlace: bumps ? max(now, old.feedPlace) : old.feedPlace))
    }

    // MARK: Editing

    private mutating func editMessage(
        _ call: AvayaCall, _ id: String, _ user: AvayaUser
    ) throws(AvayaRefusal) -> AvayaReply {
        let place = try findMessage(id, user, call)
        let body = try call.object()
        guard let content = body["content"], let text = content["bodyText"]?.text, body["_id"].map({ $0.text == id }) ?? true
        else { throw .invalid("An edit needs content.bodyText, and the message's own _id.") }
        let message = self[place]
        guard message.deletedAt == nil else {
            throw AvayaRefusal(
                status: behavior.unknownMessageStatus, code: "message.notfound", message: "The message was not found.")
        }
        guard message.sender == user.id, !spaces[place.space].isArchived else {
            throw AvayaRefusal(
                status: behavior.foreignEditStatus, code: "message.notowner", message: "Only its sender may edit a message.")
        }
        try keepLength(text)
        try keepCurrent(message, body["modified"]?.text.flatMap(AvayaTime.milliseconds), call.now)
        rewrite(place, to: text, description: content["description"]?.text, by: user.id, now: call.now)
        return one(self[place], call.now)
    }

    /// A message that somebody changed meanwhile is not overwritten (wire page §4).
    private func keepCurrent(_ message: AvayaMessage, _ seen: Int64?, _ now: Int64) throws(AvayaRefusal) {
        let outdated = AvayaRefusal(
            status: 400, code: "message.outdated", message: "The message was changed meanwhile.")
        switch behavior.editCheck {
        case .modified:
            if let seen, seen != message.modified { throw outdated }
        case .recent:
            let last = message.changes.last
            if last?.kind == .edit, let at = last?.at, now - at < 1000, seen != message.modified { throw outdated }
        }
    }

    mutating func rewrite(_ place: AvayaPlace, to text: String, description: String?, by user: String, now: Int64) {
        let old = self[place]
        self[place].take(
            AvayaChange(
                kind: .edit, at: now, author: user, text: text, description: description,
                // Nobody changes a message in the millisecond in which it was made.
                modified: behavior.editsBumpModified ? max(now, old.modified + 1) : old.modified,
                feedPlace: max(now, old.feedPlace)))
        announce(place, .edited, now)
    }

    // MARK: Deleting

    private mutating func deleteMessages(_ call: AvayaCall, _ user: AvayaUser) throws(AvayaRefusal) -> AvayaReply {
        guard let ids = JSON(call.body)?.list, !ids.isEmpty, ids.count <= 100 else {
            throw .invalid("The body is a list of 1 to 100 message ids.")
        }
        var deleted: [JSON] = []
        var unknown: [JSON] = []
        var archived: [JSON] = []
        var foreign: [JSON] = []
        for item in ids {
            guard let id = item.text, let place = try? findMessage(id, user, call), self[place].deletedAt == nil else {
                unknown.append(item)
                continue
            }
            if self[place].sender != user.id {
                foreign.append(Self.reason(id, "message.notowner", "Only its sender may delete a message."))
            } else if spaces[place.space].isArchived {
                archived.append(Self.reason(id, "topic.archived", "The space is archived."))
            } else {
                erase(place, by: user.id, now: call.now)
                deleted.append(item)
            }
        }
        return AvayaReply(
            .members(
                ("deletedMessages", .list(deleted)), ("notFoundMmessages", .list(unknown)),
                ("notDeletedMessages", .list(archived)), ("noPermittedMessages", .list(foreign))))
    }

    private static func reason(_ id: String, _ code: String, _ message: String) -> JSON {
        .members(("messageId", .text(id)), ("reason", .members(("code", .text(code)), ("message", .text(message)))))
    }

    mutating func erase(_ place: AvayaPlace, by user: String, now: Int64) {
        let old = self[place]
        let bumps = behavior.deletesBumpModified
        self[place].take(
            AvayaChange(
                kind: .delete, at: now, author: user, modified: bumps ? max(now, old.modified) : old.modified,
                feedPlace: bumps ? max(now, old.feedPlace) : old.feedPlace))
        announce(place, .deleted, now)
    }
}
