internal import HTTPTypes
internal import TidemarkModel

extension AzureSimulator {
    static func identifier(_ id: String) -> JSON {
        .members(("rawId", .text(id)), ("communicationUser", id.hasPrefix("8:") ? .members(("id", .text(id))) : nil))
    }

    func member(_ member: AzureMember) -> JSON {
        .members(
            ("communicationIdentifier", Self.identifier(member.id)), ("displayName", member.displayName.map(JSON.text)),
            ("shareHistoryTime", .text((member.shareHistoryTime / 1000).rfc3339)))
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

    /// Those that are known here, and what the service says of the others: they fail and the call succeeds.
    func readMembers(_ list: [JSON]) -> (members: [AzureMember], failed: [JSON]) {
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
                    id: id, displayName: entry["displayName"]?.text, shareHistoryTime: Self.time(entry["shareHistoryTime"]?.text))
            )
        }
        return (members, failed)
    }

    mutating func addParticipants(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let index = try find(call.path[2], user)
        guard let list = try call.object()["participants"]?.list, !list.isEmpty, list.count <= 200 else { throw .invalid }
        try Self.requireIdentifiers(list)
        let (members, failed) = readMembers(list)
        let new = members.filter { !threads[index].isMember($0.id) }
        guard threads[index].members.count + new.count <= 250 else {
            throw AzureRefusal(status: 400, code: "TooManyParticipants", message: "The thread would have too many participants.")
        }
        if !new.isEmpty {
            threads[index].members += new
            post(.participantAdded, in: index, at: call.now) { message in
                message.participants = new
                message.initiator = user
            }
        }
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
        threads[index].members.removeAll { $0.id == id }
        post(.participantRemoved, in: index, at: call.now) { message in
            message.participants = [member]
            message.initiator = user
        }
        return AzureReply(status: 204)
    }

    func listParticipants(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let index = try find(call.path[2], user)
        return offsetPage(threads[index].members.map(member), "participants", call)
    }

    // MARK: Receipts

    mutating func sendReceipt(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let index = try find(call.path[2], user)
        guard let id = try call.object()["chatMessageId"]?.text else { throw .invalid }
        let message = threads[index].messages[try findMessage(id, in: index)].id
        let receipt = AzureReceipt(reader: user, message: message, readAt: stamp(call.now))
        if let own = threads[index].receipts.firstIndex(where: { $0.reader == user }) {
            // A mark that is behind the one there changes nothing.
            if threads[index].receipts[own].message < message { threads[index].receipts[own] = receipt }
        } else {
            threads[index].receipts.append(receipt)
        }
        return AzureReply(status: 200)
    }

    func listReceipts(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let index = try find(call.path[2], user)
        let receipts = threads[index].receipts.map { receipt in
            JSON.members(
                ("senderCommunicationIdentifier", Self.identifier(receipt.reader)),
                ("chatMessageId", .text(String(receipt.message))), ("readOn", .text((receipt.readAt / 1000).rfc3339)))
        }
        return offsetPage(receipts, "readReceipts", call)
    }

    /// Offset paging: a change in between shifts the rows.
    private func offsetPage(_ items: [JSON], _ name: String, _ call: AzureCall) -> AzureReply {
        let skip = max(0, call.parameter("skip").flatMap { Int($0) } ?? 0)
        let size = min(max(call.pageSize ?? 100, 1), 200)
        let rest = items.dropFirst(skip)
        let next: JSON? =
            rest.count > size
            ? .text(
                "\(baseURL)/chat/threads/\(call.path[2])/\(name)?skip=\(skip + size)&maxPageSize=\(size)&api-version=\(call.version)"
            )
            : nil
        return AzureReply(status: 200, body: .members(("value", .list(Array(rest.prefix(size)))), ("nextLink", next)))
    }

    func type(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        _ = try find(call.path[2], user)
        return AzureReply(status: 200)
    }
}
