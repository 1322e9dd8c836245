internal import HTTPTypes
internal import TidemarkModel

extension AzureSimulator {
    /// Two reads that begin two seconds apart are two witnesses (rule R23).
    private static let longestLagOfSets: Int64 = 1500

    static func identifier(_ id: String) -> JSON {
        .members(("rawId", .text(id)), ("communicationUser", id.hasPrefix("8:") ? .members(("id", .text(id))) : nil))
    }

    func member(_ member: AzureMember, _ call: AzureCall) -> JSON {
        .members(
            ("communicationIdentifier", Self.identifier(member.id)), ("displayName", member.displayName.map(JSON.text)),
            ("shareHistoryTime", .text((member.shareHistoryTime / 1000).rfc3339)),
            ("metadata", Self.json(member.metadata, since: call)))
    }

    /// The id of an identifier object, in either of its forms.
    private static func id(_ identifier: JSON?) -> String? {
        identifier?["rawId"]?.text ?? identifier?["communicationUser"]?["id"]?.text
            ?? identifier?["phoneNumber"]?["value"]?.text.map { "4:" + $0 }
            ?? identifier?["microsoftTeamsUser"]?["userId"]?.text.map { "8:orgid:" + $0 }
    }

    /// The service refuses a call that names an id of another shape (recorded), and lets one of nobody fail alone.
    static func requireFormat(_ ids: [String]) throws(AzureRefusal) {
        for id in ids where id.hasPrefix("8:acs:") && id.wholeMatch(of: /8:acs:[0-9a-fA-F-]{36}_[0-9a-fA-F-]{27,36}/) == nil {
            throw AzureRefusal(status: 400, code: "BadRequest", message: "Identifier format is invalid (\(id)).")
        }
    }

    /// The ids of a list of participants. Throws for what has none, or one of another shape.
    static func requireIdentifiers(_ list: [JSON]) throws(AzureRefusal) {
        let ids = list.compactMap { id($0["communicationIdentifier"]) }
        guard ids.count == list.count else { throw .invalid }
        try requireFormat(ids)
    }

    static func requireSmallMetadata(_ list: [JSON], _ call: AzureCall) throws(AzureRefusal) {
        for entry in list { _ = try limitedMetadata(entry["metadata"], call) }
    }

    /// Those that are known here, and what the service says of the others: they fail and the call succeeds.
    func readMembers(_ list: [JSON], _ call: AzureCall) -> (members: [AzureMember], failed: [JSON]) {
        var members: [AzureMember] = []
        var failed: [JSON] = []
        for entry in list {
            guard let id = Self.id(entry["communicationIdentifier"]) else { continue }
            guard users.contains(where: { $0.id == id }) else {
                failed.append(
                    .members(
                        ("code", .text("404")), ("message", .text("Identifier is not known.")), ("target", .text(id))))
                continue
            }
            guard !members.contains(where: { $0.id == id }) else { continue }
            members.append(
                AzureMember(
                    id: id, displayName: entry["displayName"]?.text, shareHistoryTime: Self.time(entry["shareHistoryTime"]?.text),
                    metadata: call.version >= "2025-03-15" ? Self.metadata(entry["metadata"]) : [:]))
        }
        return (members, failed)
    }

    mutating func addParticipants(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let index = try find(call.path[2], user)
        guard let list = try call.object()["participants"]?.list, !list.isEmpty, list.count <= 200 else { throw .invalid }
        try Self.requireIdentifiers(list)
        try Self.requireSmallMetadata(list, call)
        let (members, failed) = readMembers(list, call)
        let new = members.filter { !threads[index].isMember($0.id) }
        guard threads[index].members.count + new.count <= 250 else {
            throw AzureRefusal(status: 400, code: "TooManyParticipants", message: "The thread would have too many participants.")
        }
        insert(new, into: index, by: user, at: call.now)
        return AzureReply(
            status: 201, body: .members(("invalidParticipants", failed.isEmpty ? nil : .list(failed))))
    }

    mutating func removeParticipant(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let index = try find(call.path[2], user)
        guard let id = Self.id(try call.object()) else { throw .invalid }
        try Self.requireFormat([id])
        guard let member = threads[index].members.first(where: { $0.id == id }) else {
            guard id.hasPrefix("8:") || id.hasPrefix("4:") || id.hasPrefix("28:") else { throw .invalid }
            guard behavior.secondRemoveStatus == 204 else { throw .notFound }
            return AzureReply(status: 204)
        }
        remove(member, from: index, by: user, at: call.now)
        return AzureReply(status: 204)
    }

    mutating func insert(_ members: [AzureMember], into index: Int, by user: String, at now: Int64) {
        guard !members.isEmpty else { return }
        threads[index].members += members
        post(.participantAdded, in: index, at: now) { message in
            message.participants = members
            message.initiator = user
        }
    }

    mutating func remove(_ member: AzureMember, from index: Int, by user: String, at now: Int64) {
        threads[index].members.removeAll { $0.id == member.id }
        post(.participantRemoved, in: index, at: now) { message in
            message.participants = [member]
            message.initiator = user
        }
    }

    func listParticipants(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let index = try find(call.path[2], user)
        let late = justCome(to: index, now: call.now)
        return offsetPage(threads[index].members.filter { !late.contains($0.id) }.map { member($0, call) }, "participants", call)
    }

    /// Who came so short ago that a list that lags does not know them. The one who asks knows that they are in.
    private func justCome(to index: Int, now: Int64) -> Set<String> {
        let known = now - min(behavior.listLag, Self.longestLagOfSets)
        var people: Set<String> = []
        for message in threads[index].messages.reversed() {
            guard message.id > known else { break }
            if message.kind == .participantAdded, message.id != threads[index].messages.first?.id {
                people.formUnion(message.participants.map(\.id))
            }
        }
        return people
    }
}
