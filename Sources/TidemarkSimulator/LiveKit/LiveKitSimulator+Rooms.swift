public import TidemarkModel

/// Rooms open, empty and close (wire page §4).
extension LiveKitSimulator {
    /// Opens a room, or changes nothing about one that is open. Timeouts are in seconds; `nil`: the server's own.
    @discardableResult
    public mutating func open(
        _ name: String, emptyTimeout: Int64? = nil, departureTimeout: Int64? = nil, now: Timestamp
    ) -> SimulatedRoom {
        closeRooms(now: now.milliseconds)
        if let index = index(of: name) { return rooms[index] }
        let room = SimulatedRoom(
            name: name, sid: newSID("RM_"), createdAt: now.milliseconds, emptyTimeout: emptyTimeout ?? behavior.emptyTimeout,
            departureTimeout: departureTimeout ?? behavior.departureTimeout, emptySince: now.milliseconds)
        rooms.append(room)
        endings[name] = nil
        return room
    }

    /// Ends a room: whoever is in it is out, and what was on its way is gone.
    public mutating func close(_ name: String, now: Timestamp) {
        guard let index = index(of: name) else { return }
        end(index, at: now.milliseconds)
    }

    /// Moves a room to another node: it forgets its nonces.
    public mutating func moveToAnotherNode(_ name: String) {
        guard let index = index(of: name) else { return }
        rooms[index].nonces = LiveKitNonces()
    }

    /// Ends the rooms that have been empty for too long.
    mutating func closeRooms(now: Int64) {
        for index in rooms.indices.reversed() {
            if let end = rooms[index].end, end <= now { self.end(index, at: end) }
        }
        endings = endings.filter { now - $0.value < behavior.closingTime }
    }

    private mutating func end(_ index: Int, at time: Int64) {
        endings[rooms[index].name] = time
        rooms.remove(at: index)
    }

    // MARK: Procedures

    mutating func createRoom(
        _ request: LiveKitRequest, _ grants: LiveKitGrants?, _ now: Int64
    ) throws(LiveKitRefusal) -> LiveKitMessage {
        let name = try request.text(.init("name", 1)) ?? ""
        let empty = try request.number(.init("empty_timeout", 2))
        let departure = try request.number(.init("departure_timeout", 10))
        let most = try request.number(.init("max_participants", 3))
        let metadata = try request.text(.init("metadata", 5))
        guard grants?.roomCreate == true else { throw .denied }
        guard !name.isEmpty, name.utf8.count <= 256 else { throw .invalid("name", "is empty or longer than 256 bytes") }
        open(
            name, emptyTimeout: empty > 0 ? empty : nil, departureTimeout: departure > 0 ? departure : nil,
            now: Timestamp(milliseconds: now))
        guard let index = index(of: name) else { throw .noResponse }
        // A room that is open takes what the call says of it.
        if empty > 0 { rooms[index].emptyTimeout = empty }
        if departure > 0 { rooms[index].departureTimeout = departure }
        if most > 0 { rooms[index].mostParticipants = most }
        if let metadata, !metadata.isEmpty { rooms[index].metadata = metadata }
        return rooms[index].message
    }

    func listRooms(_ request: LiveKitRequest, _ grants: LiveKitGrants?) throws(LiveKitRefusal) -> LiveKitMessage {
        let names = try request.texts(.init("names", 1))
        guard grants?.roomList == true else { throw .denied }
        let listed = rooms.filter { names.isEmpty || names.contains($0.name) }
        return LiveKitMessage(("rooms", 1, .messages(listed.map(\.message))))
    }

    mutating func deleteRoom(
        _ request: LiveKitRequest, _ grants: LiveKitGrants?, _ now: Int64
    ) throws(LiveKitRefusal) -> LiveKitMessage {
        let name = try request.text(.init("room", 1)) ?? ""
        guard grants?.roomCreate == true else { throw .denied }
        guard let index = index(of: name) else { throw .notFound("requested room does not exist") }
        end(index, at: now)
        return LiveKitMessage()
    }

    // A room that is not open has nobody in it: the list is empty, and no error.
    func listParticipants(_ request: LiveKitRequest, _ grants: LiveKitGrants?) throws(LiveKitRefusal) -> LiveKitMessage {
        let room = try administered(request, grants)
        let people = index(of: room).map { rooms[$0].participants } ?? []
        return LiveKitMessage(("participants", 1, .messages(people.map(\.message))))
    }

    func getParticipant(_ request: LiveKitRequest, _ grants: LiveKitGrants?) throws(LiveKitRefusal) -> LiveKitMessage {
        let room = try administered(request, grants)
        let identity = try request.text(.init("identity", 2)) ?? ""
        let people = index(of: room).map { rooms[$0].participants } ?? []
        guard let found = people.first(where: { $0.identity == identity }) else {
            throw .notFound("participant does not exist")
        }
        return found.message
    }

    mutating func removeParticipant(
        _ request: LiveKitRequest, _ grants: LiveKitGrants?, _ now: Int64
    ) throws(LiveKitRefusal) -> LiveKitMessage {
        let room = try administered(request, grants)
        let identity = try request.text(.init("identity", 2)) ?? ""
        let people = index(of: room).map { rooms[$0].participants } ?? []
        guard let found = people.first(where: { $0.identity == identity }) else {
            throw .notFound("participant does not exist")
        }
        leave(found.sid, now: Timestamp(milliseconds: now))
        return LiveKitMessage()
    }

    /// The room that a request names, if the token is one of its administrator.
    func administered(_ request: LiveKitRequest, _ grants: LiveKitGrants?) throws(LiveKitRefusal) -> String {
        let room = try request.text(.init("room", 1)) ?? ""
        guard let grants, grants.roomAdmin, grants.room == room else { throw .denied }
        return room
    }
}

extension SimulatedRoom {
    var message: LiveKitMessage {
        let visible = participants.filter { !$0.isHidden }.count
        return LiveKitMessage(
            ("sid", 1, .text(sid)), ("name", 2, .text(name)), ("empty_timeout", 3, .small(emptyTimeout)),
            ("max_participants", 4, .small(mostParticipants)), ("creation_time", 5, .large(createdAt / 1000)),
            ("turn_password", 6, .text("")), ("enabled_codecs", 7, .empty), ("metadata", 8, .text(metadata)),
            ("num_participants", 9, .small(Int64(visible))), ("active_recording", 10, .flag(false)),
            ("num_publishers", 11, .small(0)), ("departure_timeout", 14, .small(departureTimeout)),
            ("creation_time_ms", 15, .large(createdAt)))
    }
}

extension SimulatedParticipant {
    var message: LiveKitMessage {
        LiveKitMessage(
            ("sid", 1, .text(sid)), ("identity", 2, .text(identity)), ("state", 3, .enumeration(2, "ACTIVE")),
            ("tracks", 4, .empty), ("metadata", 5, .text("")), ("joined_at", 6, .large(joinedAt / 1000)),
            ("name", 9, .text(name)), ("version", 10, .small(0)), ("permission", 11, .message(permission)),
            ("region", 12, .text("")), ("is_publisher", 13, .flag(false)), ("kind", 14, .enumeration(0, "STANDARD")),
            ("attributes", 15, .map(attributes)), ("disconnect_reason", 16, .enumeration(0, "UNKNOWN_REASON")),
            ("joined_at_ms", 17, .large(joinedAt)), ("kind_details", 18, .empty), ("data_tracks", 19, .empty),
            ("client_protocol", 20, .small(0)), ("capabilities", 21, .empty))
    }

    private var permission: LiveKitMessage {
        LiveKitMessage(
            ("can_subscribe", 1, .flag(true)), ("can_publish", 2, .flag(false)), ("can_publish_data", 3, .flag(canPublishData)),
            ("hidden", 7, .flag(isHidden)), ("recorder", 8, .flag(false)), ("can_publish_sources", 9, .empty),
            ("can_update_metadata", 10, .flag(false)), ("agent", 11, .flag(false)), ("can_subscribe_metrics", 12, .flag(false)),
            ("can_manage_agent_session", 13, .flag(false)))
    }
}
