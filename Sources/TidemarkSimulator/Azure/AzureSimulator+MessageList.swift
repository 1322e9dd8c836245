internal import TidemarkModel

extension AzureSimulator {
    /// The latest moment that lists know of: one that lags shows what was there before, as an older snapshot does.
    func knownToLists(_ now: Int64) -> Int64 {
        behavior.listLag > 0 ? now - behavior.listLag : .max
    }

    /// The latest moment of which a list knows of one message.
    private func known(_ message: AzureMessage, at time: Int64, _ now: Int64) -> Int64 {
        guard behavior.listLag > 0, behavior.listsRunOutOfOrder else { return time }
        let share = (UInt64(bitPattern: message.id) &* 0x9E37_79B9_7F4A_7C15) >> 32
        return now - Int64(share % UInt64(behavior.listLag))
    }

    /// Newest sequence first: by last change, not by creation. The link's `startTime` is not RFC 3339 and its state is
    /// hex (recorded).
    mutating func listMessages(_ call: AzureCall, _ user: String) throws(AzureRefusal) -> AzureReply {
        let index = try find(call.path[2], user)
        let size = min(max(call.pageSize ?? behavior.defaultPageSize, 1), 200)
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
        let time = knownToLists(now)
        return threads[index].messages.compactMap { $0.copy(at: known($0, at: time, now)) }.filter { message in
            guard isVisible(message, to: user, in: index) else { return false }
            guard (behavior.startTimeComparesVersion ? message.version : message.id) >= from else { return false }
            guard let state else { return true }
            return message.version < state.oldest || (behavior.redeliversMovedMessages && message.version > state.newest)
        }.sorted { $0.sequence > $1.sequence }
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
