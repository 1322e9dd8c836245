internal import HTTPTypes
internal import TidemarkModel

/// The listings of messages (wire page §4).
extension AvayaSimulator {
    /// A message as listings know it at `now`: one that lags shows what was there before.
    func known(_ message: AvayaMessage, _ now: Int64) -> AvayaMessage? {
        guard behavior.listLag > 0 else { return message }
        guard behavior.listsRunOutOfOrder else { return message.copy(at: now - behavior.listLag) }
        let share = (UInt64(bitPattern: message.number) &* 0x9E37_79B9_7F4A_7C15) >> 32
        return message.copy(at: now - Int64(share % UInt64(behavior.listLag)))
    }

    // MARK: A space's history

    /// `messages/query`, `messages/byref`, `ideas` and `tasks`.
    mutating func query(
        _ call: AvayaCall, _ id: String, _ user: AvayaUser, only category: String? = nil, isByReference: Bool = false
    ) throws(AvayaRefusal) -> AvayaReply {
        let index = try visit(id, user, call)
        let start = try historyStart(index, user)
        let wanted = category ?? call.parameter("category")
        let parent = isByReference || category != nil ? nil : call.parameter("parentmsg_category") ?? "none"
        let isEverything = isByReference || (wanted == nil && behavior.queriesAllCategories && !call.flag("chatmsg_only"))
        return try page(of: spaces[index].messages, call, start: start, isNewestFirst: isByReference || category != nil) {
            simulator, message in
            guard isEverything || message.category == (wanted ?? "chat") else { return false }
            let answered = message.parent.flatMap { simulator.places[$0] }.map { simulator[$0].category } ?? "none"
            // There is no such value for chats: what answers one is listed with them.
            let commented = answered == "chat" ? "none" : answered
            return parent.map { $0 == commented } ?? (isByReference || message.parent == nil)
        }
    }

    /// The comments on a post or a task.
    mutating func answerComments(
        _ call: AvayaCall, _ path: [String], _ user: AvayaUser
    ) throws(AvayaRefusal) -> AvayaReply {
        guard call.method == "GET", path.count == 3, path[2] == "messages" else { throw .notFound }
        let place = try findMessage(path[1], user, call)
        guard self[place].category + "s" == path[0] else { throw .notFound }
        let start = try historyStart(place.space, user)
        return try page(of: spaces[place.space].messages, call, start: start, isNewestFirst: true) { _, message in
            message.parent == path[1]
        }
    }

    private func page(
        of messages: [AvayaMessage], _ call: AvayaCall, start: Int64?, isNewestFirst: Bool,
        where matches: (AvayaSimulator, AvayaMessage) -> Bool
    ) throws(AvayaRefusal) -> AvayaReply {
        let isBefore =
            switch call.parameter("direction") {
            case "before"?: true
            case "after"?: false
            case nil: isNewestFirst || !behavior.queriesAfterByDefault
            default: throw .invalid("direction is before or after.")
            }
        let reference = try referenceTime(call) ?? (isBefore || !behavior.queriesAfterNow ? nil : call.now)
        let search = call.parameter("searchstring")?.lowercased()
        let showsDeleted = behavior.queriesShowDeleted && behavior.deletionMark != .absent
        let found = messages.compactMap { known($0, call.now) }.filter { message in
            guard let start, message.arrivedAt >= start, message.deletedAt == nil || showsDeleted else { return false }
            guard isWithin(message.created, reference, isBefore) else { return false }
            if call.flag("file_only"), message.attachments.isEmpty { return false }
            if let search, !message.text.lowercased().contains(search) { return false }
            return matches(self, message)
        }.sorted { ($0.created, $0.number) < ($1.created, $1.number) }
        let isDescending = isBefore || behavior.afterIsNewestFirst
        return try cut(isDescending ? found.reversed() : found, call, isDescending)
    }

    private func isWithin(_ created: Int64, _ reference: Int64?, _ isBefore: Bool) -> Bool {
        guard let reference else { return true }
        if created == reference { return behavior.refTimeIsInclusive }
        return isBefore ? created < reference : created > reference
    }

    private func referenceTime(_ call: AvayaCall) throws(AvayaRefusal) -> Int64? {
        guard let text = call.parameter("refTime"), !text.isEmpty else { return nil }
        guard let time = AvayaTime.milliseconds(text) ?? Int64(text) else { throw .invalid("refTime is no time.") }
        return time
    }

    /// The part of a listing behind, or in front of, the message that the call refers to.
    private func cut(_ found: [AvayaMessage], _ call: AvayaCall, _ isDescending: Bool) throws(AvayaRefusal) -> AvayaReply {
        let size = call.size(30)
        var from = 0
        if let id = call.parameter("nextRefObjId"), !id.isEmpty {
            let position = try position(of: id, in: found, isDescending)
            // With one item a page, a listing that repeats what it refers to would never get on.
            let repeats = behavior.refObjectIsInclusive && size > 1
            from = position.isThere && !repeats ? position.index + 1 : position.index
        } else if let id = call.parameter("prevRefObjId"), !id.isEmpty {
            from = max(0, try position(of: id, in: found, isDescending).index - size)
        }
        let page = Array(found.dropFirst(from).prefix(size))
        let isEnd = from + page.count >= found.count || page.isEmpty
        return AvayaPages(behavior: behavior, baseURL: baseURL, call: call).reply(
            page.map { json($0, call.now) }, next: isEnd ? nil : page.last.map { ["nextRefObjId": $0.id] },
            previous: from > 0 ? page.first.map { ["prevRefObjId": $0.id] } : nil)
    }

    /// Where a message is, or would be if it were still listed.
    private func position(
        of id: String, in found: [AvayaMessage], _ isDescending: Bool
    ) throws(AvayaRefusal) -> (index: Int, isThere: Bool) {
        if let index = found.firstIndex(where: { $0.id == id }) { return (index, true) }
        guard let place = places[id] else { throw .invalid("The referenced message is not known.") }
        let gone = (self[place].created, self[place].number)
        let index = found.firstIndex { isDescending ? ($0.created, $0.number) < gone : ($0.created, $0.number) > gone }
        return (index ?? found.count, false)
    }

    // MARK: The delta feed

    /// What changed in 1 to 15 spaces, by `modified`.
    mutating func listFeed(_ call: AvayaCall, _ user: AvayaUser) throws(AvayaRefusal) -> AvayaReply {
        let ids = (call.parameter("spacelist") ?? "").split(separator: ",").map(String.init)
        guard (1...15).contains(ids.count) else { throw .invalid("spacelist has 1 to 15 ids.") }
        let after = try time(call, "after") ?? .min
        let includesDeleted = call.flag("includedeleted") && behavior.deletionMark != .absent
        var found: [AvayaMessage] = []
        for id in ids {
            guard let (index, start) = try feedSpace(id, user, call) else { continue }
            found += spaces[index].messages.compactMap { known($0, call.now) }.filter { message in
                message.arrivedAt >= start && (message.deletedAt == nil || includesDeleted) && isAfter(message.feedPlace, after)
            }
        }
        found.sort {
            let isLess = ($0.feedPlace, $0.number) < ($1.feedPlace, $1.number)
            return behavior.feedIsAscending ? isLess : !isLess
        }
        return try feedPage(found, call)
    }

    /// A space of the feed and from when on it may be read; `nil` for one that is left out.
    private func feedSpace(
        _ id: String, _ user: AvayaUser, _ call: AvayaCall
    ) throws(AvayaRefusal) -> (index: Int, start: Int64)? {
        // Who is in a space has shown its password: a feed over several has no place for each.
        let password = spaces.first { $0.id == id && $0.member(user.id) != nil }?.password
        do throws(AvayaRefusal) {
            let index = try find(id, user, password: password ?? call.fields[.spacePassword])
            return try historyStart(index, user).map { (index, $0) }
        } catch {
            guard behavior.feedSkipsForeignSpaces else { throw error }
            return nil
        }
    }

    private func feedPage(_ found: [AvayaMessage], _ call: AvayaCall) throws(AvayaRefusal) -> AvayaReply {
        var from = 0
        if let text = call.parameter("pageToken"), !text.isEmpty {
            guard let token = AvayaPageToken(text) else { throw .invalid("The page token is not valid.") }
            switch token {
            case .after(let count): from = min(count, found.count)
            case .behind(let stamp, let number):
                let last = (stamp, number)
                from =
                    found.firstIndex { message in
                        let place = (message.feedPlace, message.number)
                        return behavior.feedIsAscending ? place > last : place < last
                    } ?? found.count
            }
        }
        let page = found[from...].prefix(call.size(10))
        var next: [String: String]?
        if let last = page.last, from + page.count < found.count {
            let token: AvayaPageToken =
                behavior.pagesByKeyset
                ? .behind(stamp: last.feedPlace, number: last.number) : .after(count: from + page.count)
            next = ["pageToken": token.text]
        }
        return AvayaPages(behavior: behavior, baseURL: baseURL, call: call)
            .reply(page.map { json($0, call.now) }, next: next)
    }
}
