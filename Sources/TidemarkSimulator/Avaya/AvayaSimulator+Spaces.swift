internal import TidemarkModel

struct AvayaInvitation: Hashable, Sendable, Codable {
    var space: String
    /// An e-mail address or a user's id.
    var invitee: String
    var role: String
}

extension AvayaSimulator {
    mutating func getSpace(_ call: AvayaCall, _ id: String, _ user: AvayaUser) throws(AvayaRefusal) -> AvayaReply {
        let index = try visit(id, user, call)
        return single(json(spaces[index]))
    }

    mutating func join(_ call: AvayaCall, _ id: String, _ user: AvayaUser) throws(AvayaRefusal) -> AvayaReply {
        let index = try find(id, user, call)
        enter(index, user, at: call.now)
        return joined(index)
    }

    private func joined(_ index: Int) -> AvayaReply {
        single(.members(("topic", json(spaces[index])), ("mediaSession", .members())))
    }

    mutating func acceptInvitation(
        _ call: AvayaCall, _ id: String, _ user: AvayaUser
    ) throws(AvayaRefusal) -> AvayaReply {
        guard let invitation = invitations[id], invitation.invitee == user.id || invitation.invitee == user.username,
            let index = spaces.firstIndex(where: { $0.id == invitation.space }), spaces[index].deletedAt == nil
        else { throw .notFound }
        enter(index, user, role: invitation.role, at: call.now)
        return joined(index)
    }

    // MARK: Creating

    /// Makes a space and invites to it in one; another call makes another space (wire page §3).
    mutating func createSpace(_ call: AvayaCall, _ user: AvayaUser) throws(AvayaRefusal) -> AvayaReply {
        guard !user.isGuest else { throw .forbidden }
        let body = try call.object()
        guard let topic = body["topic"], let title = topic["title"]?.text, !title.isEmpty,
            ["group", "personal"].contains(topic["type"]?.text ?? "group")
        else { throw .invalid("A space needs a title and the type group.") }
        let index = addSpace(title, type: topic["type"]?.text ?? "group", by: user.id, now: call.now)
        spaces[index].description = topic["description"]?.text ?? ""
        if let password = topic["settings"]?["password"]?.text, !password.isEmpty { spaces[index].password = password }
        var items = try invited(body, to: index, call.now)
        if items.isEmpty { items = [.members(("topicId", .text(spaces[index].id)))] }
        return .data(items)
    }

    mutating func invite(_ call: AvayaCall, _ id: String, _ user: AvayaUser) throws(AvayaRefusal) -> AvayaReply {
        let index = try find(id, user, call)
        guard !user.isGuest, spaces[index].member(user.id) != nil else { throw .forbidden }
        return .data(try invited(try call.object(), to: index, call.now))
    }

    private mutating func invited(_ body: JSON, to index: Int, _ now: Int64) throws(AvayaRefusal) -> [JSON] {
        guard let invitees = (body["invitees"] ?? .list([])).list, invitees.count <= 100 else {
            throw .invalid("invitees is a list of at most 100.")
        }
        var items: [JSON] = []
        for invitee in invitees {
            guard let name = invitee["invitee"]?.text, let type = invitee["inviteeType"]?.text,
                ["email", "userId"].contains(type)
            else { throw .invalid("An invitee needs inviteeType and invitee.") }
            let role = invitee["role"]?.text ?? "member"
            let id = objectID(now)
            invitations[id] = AvayaInvitation(space: spaces[index].id, invitee: name, role: role)
            let known = users.first { type == "email" ? $0.username == name : $0.id == name }
            if let known, behavior.invitesJoinAtOnce { enter(index, known, role: role, at: now) }
            items.append(
                .members(
                    ("_id", .text(id)), ("topicId", .text(spaces[index].id)), ("inviteeType", .text(type)),
                    ("invitee", .text(name)), ("role", .text(role)), ("status", .number(0))))
        }
        return items
    }

    @discardableResult
    mutating func addSpace(
        _ title: String, type: String, by user: String, isOpen: Bool = true, now: Int64
    ) -> Int {
        let id = objectID(now)
        let owner = AvayaMember(user: user, role: "admin", joinedAt: now, readAt: now)
        spaces.append(
            AvayaSpace(
                id: id, title: title, type: type, createdAt: now, createdBy: user,
                restrict: type == "group" ? [AvayaSpace.deniesGuestHistory] : [], isOpen: isOpen && type == "group",
                members: [owner], modified: now))
        return spaces.count - 1
    }

    /// The space of two people, which is made when one of them first asks. Both work for one company, or meet in a space.
    mutating func directSpace(
        _ call: AvayaCall, _ type: String, _ id: String, _ user: AvayaUser
    ) throws(AvayaRefusal) -> AvayaReply {
        guard ["user", "anonymous"].contains(type), let other = users.first(where: { $0.id == id }), id != user.id,
            other.isGuest == (type == "anonymous")
        else { throw .notFound }
        let meet = spaces.contains { $0.type == "group" && $0.member(user.id) != nil && $0.member(id) != nil }
        guard meet || !(user.isGuest || other.isGuest) else { throw .forbidden }
        let index =
            spaces.firstIndex { $0.type == "direct" && $0.member(user.id) != nil && $0.member(id) != nil }
            ?? addSpace("", type: "direct", by: user.id, now: call.now)
        enter(index, other, at: call.now)
        return .data([json(spaces[index])])
    }

    // MARK: Changing

    mutating func updateSpace(_ call: AvayaCall, _ id: String, _ user: AvayaUser) throws(AvayaRefusal) -> AvayaReply {
        let index = try find(id, user, call)
        guard spaces[index].member(user.id)?.role == "admin" else { throw .forbidden }
        let body = try call.object()
        if let title = body["title"]?.text {
            guard !title.isEmpty else { throw .invalid("A title can't be empty.") }
            spaces[index].title = title
        }
        if let description = body["description"]?.text { spaces[index].description = description }
        if let password = body["settings"]?["password"]?.text { spaces[index].password = password.isEmpty ? nil : password }
        if let status = body["status"]?.number { spaces[index].isArchived = status == 1 }
        spaces[index].modified = max(call.now, spaces[index].modified)
        announceUpdate(of: index, by: user.id, call.now)
        return single(json(spaces[index]))
    }

    mutating func prefer(_ call: AvayaCall, _ id: String, _ user: AvayaUser) throws(AvayaRefusal) -> AvayaReply {
        let index = try find(id, user, call)
        let body = try call.object()
        if let pinned = body["isPinned"]?.flag {
            let key = user.id
            spaces[index].pinnedBy.removeAll { $0 == key }
            if pinned { spaces[index].pinnedBy.append(key) }
        }
        return AvayaReply(.members())
    }

    /// Now, or up to a time.
    mutating func markRead(_ call: AvayaCall, _ id: String, _ user: AvayaUser) throws(AvayaRefusal) -> AvayaReply {
        let index = try find(id, user, call)
        var time = call.now
        if let text = try call.object()["readTime"]?.text {
            guard let given = AvayaTime.milliseconds(text) else { throw .invalid("readTime is no time.") }
            time = given
        }
        guard let member = spaces[index].members.firstIndex(where: { $0.user == user.id }) else { throw .forbidden }
        spaces[index].members[member].readAt = max(spaces[index].members[member].readAt, time)
        announceRead(of: index, by: user.id, call.now)
        return AvayaReply(.members())
    }
}
