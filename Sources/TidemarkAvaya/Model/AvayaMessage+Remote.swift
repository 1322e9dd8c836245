import TidemarkModel

extension AvayaMessage {
    /// Where a copy was read, which decides what counts as a deletion.
    enum Source {
        /// A listing of what is there.
        case history
        /// The feed of changes, or a read by id: deleted items are told there.
        case changes
        /// The socket.
        case event
    }

    /// In the engine's words: `version` and `sequence` are the time of the last change, `place` that of creation.
    ///
    /// A pushed copy has no sequence: it proves nothing about what lies between changes. Throws for an item that says
    /// nothing but its id where that can't mean a deletion.
    func remote(from source: Source) throws(MalformedItem) -> RemoteMessage {
        if let deletion, counts(deletion, in: source) { return tombstone(deletion, source) }
        guard deletion?.mark != .bare else {
            throw MalformedItem(id: id.rawValue, reason: "Nothing but the message's id is told.")
        }
        let (kind, text) = content
        return RemoteMessage(
            id: id, version: modified.milliseconds, sequence: source == .event ? nil : modified.milliseconds,
            place: created.milliseconds, kind: kind, text: text, sender: sender?.id, senderName: sender?.name,
            createdAt: created, editedAt: modified > created ? modified : nil,
            topic: kind == .topicUpdated ? topicTitle : nil, serviceData: remoteData(kind),
            attachments: attachments.prefix(Self.maximumAttachments).map { RemoteAttachment($0) }, replyTo: parent?.id)
    }

    /// More files than anybody attaches; the others stay readable in `serviceData`, within its bound.
    private static let maximumAttachments = 100

    private func counts(_ deletion: AvayaDeletion, in source: Source) -> Bool {
        switch deletion.mark {
        case .flag, .stamp: true
        // What the history shows with another status and nothing in it is what is left of a message.
        case .status: source == .changes || isEmpty
        case .bare: source != .event
        }
    }

    private var isEmpty: Bool {
        attachments.isEmpty && body.map { AvayaBody.decoded($0).string.isEmpty } ?? true
    }

    private func tombstone(_ deletion: AvayaDeletion, _ source: Source) -> RemoteMessage {
        // Of a bare id only the second of its making is known, which is no time of a change; some tell when that was.
        let isBare = deletion.mark == .bare
        let changed = isBare ? deletion.at : modified
        return RemoteMessage(
            id: id, version: changed?.milliseconds, sequence: source == .event ? nil : changed?.milliseconds,
            place: isBare ? nil : created.milliseconds,
            sender: sender?.id, senderName: sender?.name, createdAt: isBare ? nil : created,
            deletedAt: deletion.at ?? modified)
    }

    private var content: (MessageKind, String?) {
        switch category {
        case .chat:
            switch body.map({ AvayaBody.decoded($0) }) {
            case .html(let text): (.html, text)
            case .text(let text): (.text, text)
            // A chat of a file alone.
            case nil: (.text, "")
            }
        case .topicUpdated: (.topicUpdated, nil)
        case .idea: (.unknown("post"), words)
        default: (.unknown(category.rawValue), words)
        }
    }

    /// Posts and tasks are no `.html`, so their text is words; the markup stays readable in `serviceData`.
    private var words: String? {
        switch body.map({ AvayaBody.decoded($0) }) {
        case .text(let text): text
        case .html(let text): AvayaBody.plainText(text)
        case nil: nil
        }
    }

    private func remoteData(_ kind: MessageKind) -> String? {
        let rest = serviceData.flatMap { try? JSONValue(reading: $0) }?.members ?? [:]
        let body = kind.isUserKind ? nil : body.flatMap { AvayaBody.decoded($0) == .html($0) ? $0 : nil }
        let named = JSONValue.object(of: [
            "attachments": attachments.isEmpty ? nil : .array(attachments.map(\.json)),
            "bodyText": body.map { .string($0) },
            "chatCount": chatCount.flatMap { $0 == 0 ? nil : .number(String($0)) },
            "description": details.map { .string($0) },
            "likeCount": likeCount.flatMap { $0 == 0 ? nil : .number(String($0)) },
            "mentions": mentions.isEmpty ? nil : .array(mentions.map(\.json)),
            "parentMsg": parent?.json,
            "sender": sender?.json,
            "status": status.flatMap { $0 == 0 ? nil : .number(String($0)) },
            "task": task?.json,
        ])
        return ServiceData.text(of: rest.merging(named.members ?? [:]) { _, named in named })
    }
}

extension AvayaUser {
    var name: String? { displayName ?? username }

    /// What the engine's message doesn't name.
    fileprivate var json: JSONValue? {
        let told = JSONValue.object(of: ["type": type.map { .string($0) }, "username": username.map { .string($0) }])
        return told.members?.isEmpty == true ? nil : told
    }
}

extension AvayaParentMessage {
    fileprivate var json: JSONValue {
        .object(of: [
            "_id": .string(id.rawValue), "bodyText": body.map { .string($0) },
            "category": category.map { .string($0.rawValue) },
        ])
    }
}

extension AvayaTask {
    var json: JSONValue {
        .object(of: [
            "assignees": assignees.isEmpty ? nil : .array(assignees.map { .object(["_id": .string($0.rawValue)]) }),
            "dueDate": dueDate.map { .string($0.rfc3339) }, "status": status.map { .number(String($0)) },
        ])
    }
}
