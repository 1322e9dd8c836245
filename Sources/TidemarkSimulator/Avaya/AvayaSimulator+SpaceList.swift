internal import TidemarkModel

extension AvayaSimulator {
    /// The spaces that a user joined, most recent activity first; with `after` those that changed since (wire page §3).
    func listSpaces(_ call: AvayaCall, _ user: AvayaUser) throws(AvayaRefusal) -> AvayaReply {
        let types = (call.parameter("topictype") ?? "group").split(separator: ",").map(String.init)
        let status = call.parameter("topicstatus") ?? "0"
        let after = try time(call, "after")
        let includesDeleted = call.flag("includedeleted") && behavior.deletionMark != .absent
        let search = call.parameter("search").map { $0.lowercased() }
        let listed = spaces.indices.filter { index in
            let space = spaces[index]
            guard space.member(user.id) != nil, space.createdAt <= call.now - behavior.listLag else { return false }
            guard types.contains("all") || types.contains(space.type) else { return false }
            guard space.deletedAt == nil || includesDeleted else { return false }
            guard status == "all" || space.deletedAt != nil || (status == "1") == space.isArchived else { return false }
            if call.parameter("filtertype") == "pinned", !space.pinnedBy.contains(user.id) { return false }
            if let search, !space.title.lowercased().contains(search) { return false }
            return after.map { isAfter(activity(index), $0) } ?? true
        }.sorted { (activity($0), $0) > (activity($1), $1) }
        let size = call.size(10)
        var start = 0
        if let text = call.parameter("pageToken") {
            guard let token = AvayaPageToken(text) else { throw .invalid("The page token is not valid.") }
            switch token {
            case .after(let count): start = min(count, listed.count)
            case .behind(let stamp, let number):
                start = listed.firstIndex { (activity($0), Int64($0)) < (stamp, number) } ?? listed.count
            }
        }
        let page = listed[start...].prefix(size)
        var next: [String: String]?
        if let last = page.last, start + page.count < listed.count {
            let token: AvayaPageToken =
                behavior.pagesByKeyset ? .behind(stamp: activity(last), number: Int64(last)) : .after(count: start + page.count)
            next = ["pageToken": token.text]
        }
        let items = page.map { item($0, user, call.now) }
        return AvayaPages(behavior: behavior, baseURL: baseURL, call: call).reply(items, next: next)
    }

    /// When something last happened in a space.
    private func activity(_ index: Int) -> Int64 {
        max(spaces[index].modified, spaces[index].messages.last?.arrivedAt ?? 0, spaces[index].deletedAt ?? 0)
    }

    func isAfter(_ stamp: Int64, _ after: Int64) -> Bool {
        behavior.afterIsInclusive ? stamp >= after : stamp > after
    }

    func time(_ call: AvayaCall, _ name: String) throws(AvayaRefusal) -> Int64? {
        guard let text = call.parameter(name) else { return nil }
        guard let value = Int64(text) else { throw .invalid("\(name) is a time in milliseconds.") }
        return value
    }

    private func item(_ index: Int, _ user: AvayaUser, _ now: Int64) -> JSON {
        let space = spaces[index]
        if space.deletedAt != nil, behavior.deletionMark == .bareID {
            return .members(("_id", .text(space.id)), ("modified", .text(AvayaTime.text(activity(index)))))
        }
        let readAt = space.member(user.id)?.readAt ?? 0
        let unread = space.messages.count { $0.arrivedAt > readAt && $0.sender != user.id && $0.deletedAt == nil }
        var members = json(space).members ?? []
        members += [
            ("unreadMessagesCount", .number(Int64(unread))), ("messagesLastReadTime", .text(AvayaTime.text(readAt))),
            ("lastActivity", .text(AvayaTime.text(activity(index)))), ("isPinned", .bool(space.pinnedBy.contains(user.id))),
        ]
        if let deletedAt = space.deletedAt { members += mark(deletedAt: deletedAt) }
        if space.type == "direct", let last = space.messages.last(where: { $0.deletedAt == nil }) {
            members.append(("latestChat", json(last, now)))
        }
        return .object(members)
    }

    /// What shows a deletion, apart from `status`.
    func mark(deletedAt: Int64) -> [(String, JSON)] {
        switch behavior.deletionMark {
        case .status, .bareID, .absent: []
        case .flag: [("isDeleted", .bool(true))]
        case .stamp: [("deleted", .text(AvayaTime.text(deletedAt)))]
        }
    }

    mutating func listMembers(_ call: AvayaCall, _ id: String, _ user: AvayaUser) throws(AvayaRefusal) -> AvayaReply {
        let index = try visit(id, user, call)
        let size = call.size(30)
        let page = call.parameter("page").flatMap { Int($0) } ?? 0
        guard (0...1_000_000).contains(page) else { throw .invalid("page is a number from 0.") }
        let search = call.parameter("search").map { $0.lowercased() }
        let found = spaces[index].members.filter { member in
            guard let search else { return true }
            let known = users.first { $0.id == member.user }
            return known.map { $0.displayName.lowercased().contains(search) || $0.username.contains(search) } ?? false
        }
        let items = found.dropFirst(page * size).prefix(size).map { member -> JSON in
            let known = users.first { $0.id == member.user }
            return .members(
                ("member", .text(member.user)), ("memberType", .text("userId")), ("role", .text(member.role)),
                ("joinTime", .text(AvayaTime.text(member.joinedAt))), ("username", .text(known?.username ?? "")),
                ("displayname", .text(known?.displayName ?? "")), ("picture_url", .text(known?.pictureURL ?? "")),
                ("phone_numbers", .list([])))
        }
        let hasMore = (page + 1) * size < found.count
        return AvayaPages(behavior: behavior, baseURL: baseURL, call: call)
            .reply(items, next: hasMore ? ["page": String(page + 1)] : nil, previous: page > 0 ? ["page": String(page - 1)] : nil)
    }
}
