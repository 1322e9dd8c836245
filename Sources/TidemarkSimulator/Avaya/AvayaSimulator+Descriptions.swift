internal import HTTPTypes
internal import TidemarkModel

/// What the service says of itself and of a user.
extension AvayaSimulator {
    var configurations: AvayaReply {
        AvayaReply(
            .members(
                (
                    "spaces",
                    .members(("server_url", .text(baseURL)), ("socketio_server_url", .text(socketURL)))
                ), ("accounts", .members(("server_url", .text(accountsURL))))))
    }

    /// One cluster, and whose accounts are in it: nobody's.
    func flavor(_ path: [String]) -> AvayaReply {
        guard path.count == 1 else { return AvayaReply(.members(("useGlobal", .bool(true)))) }
        let urls = JSON.members(("apis", .text(baseURL)), ("socket", .text(socketURL)))
        return .data([.members(("flavorId", .text("global")), ("urls", urls))])
    }

    var limits: JSON {
        let rest = JSON.members(
            ("rate_limit", .number(600)), ("rate_interval", .number(300)), ("max_upload_file_size", .number(1_048_576)))
        let socket = JSON.members(
            ("max_connections", .number(3)), ("rate_limit", .number(Int64(behavior.eventsPerMinute))),
            ("rate_interval", .number(60)), ("payload_size", .number(16)))
        return .members(
            ("global", .members(("rest_api", rest), ("socketio", socket))),
            (
                "resource",
                .list(
                    Self.resourceLimits.map { limit in
                        .members(
                            ("path", .text(limit.path)), ("method", .text(limit.method)),
                            ("rate_limit", .number(Int64(limit.count))), ("rate_interval", .number(limit.milliseconds / 1000)))
                    })
            ))
    }

    func json(me user: AvayaUser) -> JSON {
        .members(
            ("_id", .text(user.id)), ("username", .text(user.username)), ("displayname", .text(user.displayName)),
            ("aType", .text(user.isGuest ? "anonymous" : "user")), ("picture_url", .text(user.pictureURL)),
            ("picturefile", .text("")), ("timezone", .text("Etc/UTC")), ("gender", .text("")),
            ("permissions", .list(user.isGuest ? [] : [.text("USERSELF_PERMISSION_GROUP")])), ("licenses", .list([])))
    }

    /// As a message's `sender`.
    func json(sender id: String) -> JSON {
        let user = users.first { $0.id == id }
        return .members(
            ("_id", .text(id)), ("type", .text(user?.isGuest == true ? "anonymous" : "user")),
            ("username", .text(user?.username ?? "")), ("displayname", .text(user?.displayName ?? "")),
            ("picture_url", .text(user?.pictureURL ?? "")))
    }

    func json(_ space: AvayaSpace) -> JSON {
        let showsDeletion = space.deletedAt != nil && behavior.deletionMark == .status
        return .members(
            ("_id", .text(space.id)), ("title", .text(space.title)), ("type", .text(space.type)),
            ("status", .number(showsDeletion ? behavior.deletedStatus : space.isArchived ? 1 : 0)),
            ("cid", .text(String(space.id.suffix(10)))), ("description", .text(space.description)),
            ("restrict", .list(space.restrict.map(JSON.text))),
            (
                "members",
                .list(
                    space.members.map { member in
                        .members(
                            ("member", .text(member.user)), ("memberType", .text("userId")), ("role", .text(member.role)),
                            ("joinTime", .text(AvayaTime.text(member.joinedAt))))
                    })
            ), ("settings", .members(("hasPassword", .bool(space.password != nil)))),
            ("created", .text(AvayaTime.text(space.createdAt))), ("modified", .text(AvayaTime.text(space.modified))))
    }
}
