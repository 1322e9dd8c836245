import TidemarkModel

extension AvayaChatWire {
    func payload(of operation: AvayaOperation) throws(ServiceError) -> JSONValue? {
        switch operation {
        case .createSpace(let title, let invitees):
            .object([
                "topic": .object(["title": .string(title), "type": .string("group"), "id": .null]),
                "invitees": .array(invitees.map(\.json)),
            ])
        case .invite(let invitees, _): .object(["invitees": .array(invitees.map(\.json))])
        case .updateSpace(_, let title, let settings):
            .object(of: ["title": title.map { .string($0) }, "settings": settings])
        case .preference(_, let preference): try json(of: preference)
        case .send(let message, _): Self.payload(of: message)
        case .post(let message, _, _, _): Self.payload(of: message)
        case .edit(let id, let body, let details, let base, _):
            // The base lets the service see that the message has changed meanwhile: it answers 400 then (§4).
            .object(of: [
                "_id": .string(id.rawValue),
                "content": .object(of: ["bodyText": .string(body), "description": details.map { .string($0) }]),
                "modified": base.map { .string($0.rfc3339) },
            ])
        case .delete(let ids, _): .array(ids.map { .string($0.rawValue) })
        case .markRead(_, let moment): .object(of: ["readTime": moment.map { .string($0.rfc3339) }])
        case .uploadURLs(let files, let space):
            .object(of: [
                "files": .array(
                    files.map {
                        .object([
                            "Content-Type": .string($0.mediaType), "Content-Length": .number(String($0.bytes)),
                        ])
                    }),
                "topicId": space.map { .string($0.rawValue) },
            ])
        case .downloadURLs(let keys): .object(["fileKeys": .array(keys.map { .string($0) })])
        case .me, .listSpaces, .space, .join, .joinInvitation, .direct, .listMembers, .listMessages, .listByReference,
            .listChanges, .message, .listPosts, .listComments, .downloadURLsByQuery, .limit, .serviceConfiguration, .flavors,
            .flavor:
            nil
        }
    }

    private static func payload(of message: AvayaOutgoingMessage) -> JSONValue {
        .object(of: [
            "content": content(of: message), "parentMsg": message.parent.map { .object(["_id": .string($0.rawValue)]) },
        ])
    }

    private static func content(of message: AvayaOutgoingMessage) -> JSONValue {
        .object(
            of: [
                "bodyText": .string(message.body),
                "data": message.attachments.isEmpty ? nil : .array(message.attachments.map(\.json)),
                "description": message.details.map { .string($0) },
            ]
        ).merging(message.task?.json)
    }

    private func json(of preference: AvayaPreference) throws(ServiceError) -> JSONValue {
        .object(of: [
            "isPinned": preference.isPinned.map { .bool($0) }, "notification": try Self.read(preference.notification),
            "restrict": try Self.read(preference.restrict),
        ])
    }

    static func read(_ text: String?) throws(ServiceError) -> JSONValue? {
        guard let text else { return nil }
        do {
            return try JSONValue(reading: text)
        } catch {
            throw .refused(.invalid, "A setting is given as JSON, and this is none.")
        }
    }
}

extension JSONValue {
    /// The members of both objects.
    fileprivate func merging(_ other: JSONValue?) -> JSONValue {
        guard let mine = members, let theirs = other?.members else { return self }
        return .object(mine.merging(theirs) { mine, _ in mine })
    }
}
