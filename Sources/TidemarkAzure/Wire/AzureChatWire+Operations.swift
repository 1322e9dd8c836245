import HTTPTypes
import TidemarkModel

extension AzureChatWire {
    struct Target {
        var method: HTTPRequest.Method
        var path: String
        var query: [(String, String)] = []
    }

    struct Payload {
        var json: JSONValue
        var contentType = "application/json"

        static func patch(_ json: JSONValue) -> Payload {
            Payload(json: json, contentType: "application/merge-patch+json")
        }
    }

    func target(of operation: AzureOperation) throws(ServiceError) -> Target {
        switch operation {
        case .createThread:
            Target(method: .post, path: "/chat/threads")
        case .listThreads(let size, let start):
            Target(method: .get, path: "/chat/threads", query: try Self.window(size, start: start))
        case .getThread(let thread):
            Target(method: .get, path: try Self.path(thread))
        case .updateThread(let thread, _, _, _):
            Target(method: .patch, path: try Self.path(thread))
        case .deleteThread(let thread):
            Target(method: .delete, path: try Self.path(thread))
        case .sendMessage(_, let thread):
            Target(method: .post, path: try Self.path(thread, "/messages"))
        case .listMessages(let size, let start, let thread):
            Target(method: .get, path: try Self.path(thread, "/messages"), query: try Self.window(size, start: start))
        case .getMessage(let message, let thread):
            Target(method: .get, path: try Self.path(thread, "/messages", message))
        case .updateMessage(let message, _, _, let thread):
            Target(method: .patch, path: try Self.path(thread, "/messages", message))
        case .deleteMessage(let message, let thread):
            Target(method: .delete, path: try Self.path(thread, "/messages", message))
        case .listParticipants(let size, let skip, let thread):
            Target(method: .get, path: try Self.path(thread, "/participants"), query: try Self.window(size, skip: skip))
        case .addParticipants(_, let thread):
            Target(method: .post, path: try Self.path(thread, "/participants/:add"))
        case .removeParticipant(_, let thread):
            Target(method: .post, path: try Self.path(thread, "/participants/:remove"))
        case .sendTyping(_, let thread):
            Target(method: .post, path: try Self.path(thread, "/typing"))
        case .sendReceipt(_, let thread):
            Target(method: .post, path: try Self.path(thread, "/readReceipts"))
        case .listReceipts(let size, let skip, let thread):
            Target(method: .get, path: try Self.path(thread, "/readReceipts"), query: try Self.window(size, skip: skip))
        }
    }

    private static func path(
        _ thread: RemoteConversationID, _ below: String = "", _ message: RemoteMessageID? = nil
    ) throws(ServiceError) -> String {
        let path = "/chat/threads" + (try PercentEncoding.path([thread.rawValue])) + below
        guard let message else { return path }
        return path + (try PercentEncoding.path([message.rawValue]))
    }

    private static func window(
        _ size: Int?, start: Timestamp? = nil, skip: Int? = nil
    ) throws(ServiceError) -> [(String, String)] {
        guard size ?? 1 >= 1, skip ?? 0 >= 0 else {
            throw .refused(.invalid, "A page has at least one item, and at least none are skipped.")
        }
        var query: [(String, String)] = []
        if let size { query.append(("maxPageSize", String(size))) }
        if let start { query.append(("startTime", start.rfc3339)) }
        if let skip { query.append(("skip", String(skip))) }
        return query
    }

    func payload(of operation: AzureOperation) throws(ServiceError) -> Payload? {
        switch operation {
        case .createThread(let topic, let participants, let metadata, let policy, _):
            Payload(
                json: .object(of: [
                    "topic": .string(topic),
                    "participants": participants.isEmpty ? nil : try list(participants),
                    "metadata": try threadMetadata(metadata.isEmpty ? nil : metadata),
                    "retentionPolicy": try retention(policy),
                ]))
        case .updateThread(_, let topic, let metadata, let policy):
            .patch(
                .object(of: [
                    "topic": topic.map { .string($0) },
                    "metadata": try threadMetadata(metadata),
                    "retentionPolicy": try retention(policy),
                ]))
        case .sendMessage(let message, _):
            Payload(json: try json(of: message))
        case .updateMessage(_, let content, let metadata, _):
            .patch(
                .object(of: [
                    "content": content.map { .string($0) }, "metadata": try messageMetadata(metadata),
                ]))
        case .addParticipants(let participants, _):
            Payload(json: .object(["participants": try list(participants)]))
        case .removeParticipant(let identifier, _):
            Payload(json: identifier.json)
        case .sendTyping(let name, _):
            // Before message metadata came, the operation took no body.
            version.hasMessageMetadata ? name.map { Payload(json: .object(["senderDisplayName": .string($0)])) } : nil
        case .sendReceipt(let message, _):
            Payload(json: .object(["chatMessageId": .string(message.rawValue)]))
        case .listThreads, .getThread, .deleteThread, .listMessages, .getMessage, .deleteMessage, .listParticipants,
            .listReceipts:
            nil
        }
    }

    private func json(of message: OutgoingMessage) throws(ServiceError) -> JSONValue {
        guard message.kind == .text || message.kind == .html else {
            throw .refused(.invalid, "Only text and html can be sent; the service writes the other kinds itself.")
        }
        return .object(of: [
            "content": .string(message.text),
            "type": .string(message.kind.rawValue),
            "senderDisplayName": message.senderName.map { .string($0) },
            "metadata": try messageMetadata(message.metadata),
        ])
    }

    private func list(_ participants: [ChatParticipant]) throws(ServiceError) -> JSONValue {
        for participant in participants where !participant.metadata.isEmpty {
            guard version.hasThreadMetadata else { throw Self.noThreadMetadata }
        }
        return .array(participants.map { $0.json(version) })
    }

    private func messageMetadata(_ metadata: [String: String]) throws(ServiceError) -> JSONValue? {
        guard !metadata.isEmpty else { return nil }
        guard version.hasMessageMetadata else {
            throw .refused(.unsupported, "Messages carry metadata since API version 2021-09-07.")
        }
        return .texts(metadata)
    }

    private func threadMetadata(_ metadata: [String: String]?) throws(ServiceError) -> JSONValue? {
        guard let metadata else { return nil }
        guard version.hasThreadMetadata else { throw Self.noThreadMetadata }
        return .texts(metadata)
    }

    private func retention(_ policy: ChatRetentionPolicy?) throws(ServiceError) -> JSONValue? {
        guard let policy else { return nil }
        guard version.hasThreadMetadata else {
            throw .refused(.unsupported, "Threads have a retention policy since API version 2025-03-15.")
        }
        return policy.json
    }

    private static var noThreadMetadata: ServiceError {
        .refused(.unsupported, "Threads and participants carry metadata since API version 2025-03-15.")
    }
}
