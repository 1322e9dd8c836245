internal import TidemarkModel

extension AzureSimulator {
    /// Newest activity first. The cursor is live: what changes while one pages is delivered again (recorded).
    mutating func listThreads(_ call: AzureCall, _ user: String) -> AzureReply {
        let size = min(max(call.pageSize ?? 100, 1), 200)
        let state = call.parameter("syncState").flatMap { AzureThreadCursor(text: $0) }
        let from = state?.from ?? Self.time(call.parameter("startTime"))
        let open = listed(to: user, from: from, after: state, now: call.now)
        let isCut = generator.chance(behavior.shortPages)
        let page = Array(open.prefix(isCut ? generator.pick(size + 1) : size))
        var next: JSON?
        if open.count > page.count {
            var cursor = state ?? AzureThreadCursor(from: from)
            if let first = page.first, let last = page.last { cursor.cover(last.moment.activity...first.moment.activity) }
            next = .text(
                "\(baseURL)/chat/threads?maxPageSize=\(size)&syncState=\(cursor.text)&api-version=\(call.version)")
        }
        return AzureReply(
            status: 200, body: .members(("value", .list(page.map { Self.item($0.id, $0.moment) })), ("nextLink", next)))
    }

    /// What the list knows of and no page of this walk has covered.
    private func listed(
        to user: String, from: Int64, after state: AzureThreadCursor?, now: Int64
    ) -> [(id: String, moment: AzureThreadMoment)] {
        let time = knownToLists(now)
        return threads.compactMap { thread in
            guard let moment = thread.moment(at: time), moment.members.contains(where: { $0.id == user }),
                moment.activity >= from, state?.covers(moment.activity) != true
            else { return nil }
            return (thread.id, moment)
        }.sorted { $0.moment.activity > $1.moment.activity }
    }

    private static func item(_ id: String, _ moment: AzureThreadMoment) -> JSON {
        .members(
            ("id", .text(id)), ("topic", .text(moment.topic)),
            ("deletedOn", moment.deletedAt.map { .text(($0 / 1000).rfc3339) }),
            ("lastMessageReceivedOn", moment.lastMessageAt.map { .text(($0 / 1000).rfc3339) }))
    }

    /// Keeps how the lists show a thread from now on.
    mutating func keepMoment(_ index: Int, since time: Int64) {
        threads[index].keepMoment(since: time, forgettingBefore: time - behavior.listLag)
    }
}
