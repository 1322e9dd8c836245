extension AzureSimulator {
    mutating func sendReceipt(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let index = try find(call.path[2], user)
        guard let id = try call.object()["chatMessageId"]?.text else { throw .invalid }
        try requireSmall(index)
        mark(threads[index].messages[try findMessage(id, in: index)].id, in: index, by: user, at: call.now)
        return AzureReply(status: 200)
    }

    mutating func mark(_ message: Int64, in index: Int, by user: String, at now: Int64) {
        let time = stamp(now)
        let receipt = AzureReceipt(reader: user, message: message, readAt: time)
        if behavior.receiptsBumpThread { threads[index].activity = time }
        if behavior.receiptsChangeLastMessage { threads[index].lastMessageAt = time }
        if behavior.receiptsBumpThread || behavior.receiptsChangeLastMessage { keepMoment(index, since: time) }
        if let own = threads[index].receipts.firstIndex(where: { $0.reader == user }) {
            // A mark that is behind the one there changes nothing.
            if threads[index].receipts[own].message < message { threads[index].receipts[own] = receipt }
        } else {
            threads[index].receipts.append(receipt)
        }
    }

    /// Receipts and typing are for small threads (wire page §6).
    private func requireSmall(_ index: Int) throws(AzureRefusal) {
        guard threads[index].members.count <= behavior.mostForReceipts else {
            throw AzureRefusal(status: 400, code: "BadRequest", message: "The thread has too many participants for this.")
        }
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
    func offsetPage(_ items: [JSON], _ name: String, _ call: AzureCall) -> AzureReply {
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
        try requireSmall(try find(call.path[2], user))
        return AzureReply(status: 200)
    }
}
