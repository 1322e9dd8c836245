internal import HTTPTypes
internal import TidemarkModel

extension AzureSimulator {
    mutating func createThread(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let body = try call.object()
        guard let topic = body["topic"]?.text, !topic.isEmpty, topic.utf8.count <= 250 * 4 else { throw .invalid }
        let wanted = body["participants"]?.list ?? []
        guard wanted.count <= 200 else { throw AzureRefusal(status: 400) }
        try Self.requireIdentifiers(wanted)
        try Self.requireSmallMetadata(wanted, call)
        let metadata = try Self.limitedMetadata(body["metadata"], call)
        let retention = try Self.retention(body["retentionPolicy"], call)
        let repeatability = call.fields[HTTPField.Name("repeatability-request-id") ?? .server]
        if let repeatability, let earlier = creates["\(user) \(repeatability)"],
            call.now - earlier.madeAt <= behavior.repeatabilityLifetime,
            let thread = threads.first(where: { $0.id == earlier.thread })
        {
            return created(thread, failed: [], call)
        }
        let (members, failed) = readMembers(wanted, call)
        let id = newThreadID()
        add(topic, id: id, by: user, members: members, at: call.now)
        threads[threads.count - 1].repeatabilityID = repeatability
        threads[threads.count - 1].metadata = metadata
        threads[threads.count - 1].deleteAfterDays = retention
        if let repeatability { creates["\(user) \(repeatability)"] = AzureCreate(thread: id, madeAt: call.now) }
        return created(threads[threads.count - 1], failed: failed, call)
    }

    private mutating func newThreadID() -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        return "19:" + String((0..<44).map { _ in letters[generator.pick(letters.count)] }) + "@thread.v2"
    }

    /// Makes a thread with its first two messages: who is in it, and its topic (recorded order).
    mutating func add(_ topic: String, id: String, by user: String, members: [AzureMember], at now: Int64) {
        let time = stamp(now)
        let creator = AzureMember(
            id: user, displayName: users.first { $0.id == user }?.displayName, shareHistoryTime: 0)
        let others = members.filter { $0.id != user }
        let given = members.first { $0.id == user }
        threads.append(
            AzureThread(
                id: id, topic: topic, createdAt: time, createdBy: user, members: [given ?? creator] + others, activity: time))
        let index = threads.count - 1
        post(.participantAdded, in: index, at: now) { message in
            message.participants = [given ?? creator] + others
            message.initiator = user
        }
        post(.topicUpdated, in: index, at: now) { message in
            message.topic = topic
            message.initiator = user
        }
    }

    private func created(_ thread: AzureThread, failed: [JSON], _ call: AzureCall) -> AzureReply {
        var reply = AzureReply(status: 201)
        reply.body = .members(
            ("chatThread", properties(thread, call)), ("invalidParticipants", failed.isEmpty ? nil : .list(failed)))
        reply.fields.append((.location, "\(baseURL)/chat/threads/\(thread.id.replacing(":", with: "%3A"))"))
        return reply
    }

    func properties(_ thread: AzureThread, _ call: AzureCall) -> JSON {
        .members(
            ("id", .text(thread.id)), ("topic", .text(thread.topic)), ("createdOn", .text((thread.createdAt / 1000).rfc3339)),
            ("createdByCommunicationIdentifier", Self.identifier(thread.createdBy)),
            ("deletedOn", thread.deletedAt.map { .text(($0 / 1000).rfc3339) }),
            ("metadata", Self.json(thread.metadata, since: call)),
            ("retentionPolicy", call.version >= "2025-03-15" ? Self.json(retention: thread.deleteAfterDays) : nil))
    }

    func getThread(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let index = try find(call.path[2], user)
        return AzureReply(status: 200, body: properties(threads[index], call))
    }

    mutating func updateThread(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let index = try find(call.path[2], user)
        let body = try call.object()
        let metadata = try Self.limitedMetadata(body["metadata"], call)
        let retention = try Self.retention(body["retentionPolicy"], call)
        if let topic = body["topic"] {
            guard let topic = topic.text, !topic.isEmpty else { throw .invalid }
            rename(index, to: topic, by: user, at: call.now)
        }
        if body["retentionPolicy"] != nil { threads[index].deleteAfterDays = retention }
        for (key, value) in metadata { threads[index].metadata[key] = value.isEmpty ? nil : value }
        return AzureReply(status: 204)
    }

    mutating func deleteThread(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let index = try find(call.path[2], user)
        endThread(index, at: call.now)
        return AzureReply(status: 204)
    }

    mutating func endThread(_ index: Int, at now: Int64) {
        let time = stamp(now)
        threads[index].deletedAt = time
        threads[index].activity = time
        keepMoment(index, since: time)
    }

    mutating func rename(_ index: Int, to topic: String, by user: String, at now: Int64) {
        threads[index].topic = topic
        post(.topicUpdated, in: index, at: now) { message in
            message.topic = topic
            message.initiator = user
        }
    }

    static func time(_ text: String?) -> Int64 {
        text.flatMap { Timestamp(rfc3339: $0.replacing(" ", with: "+")) }?.milliseconds ?? 0
    }
}
