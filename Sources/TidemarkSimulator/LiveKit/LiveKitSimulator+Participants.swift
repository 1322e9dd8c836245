public import TidemarkModel

/// People come, publish, receive and go. Nobody gets their own packets back, and nobody what went before them.
extension LiveKitSimulator {
    /// Joins a room and gives the participant's `sid`; `nil` where the room is not open and joining opens none, where it is
    /// full, and for a name that is empty or longer than 256 bytes. Somebody with the same identity is put out.
    public mutating func join(
        _ room: String, as identity: String, name: String = "", isHidden: Bool = false, canPublishData: Bool = true,
        now: Timestamp
    ) -> String? {
        closeRooms(now: now.milliseconds)
        guard (1...256).contains(room.utf8.count), (1...256).contains(identity.utf8.count),
            index(of: room) != nil || behavior.joinOpensRooms
        else { return nil }
        open(room, now: now)
        guard let index = index(of: room) else { return nil }
        rooms[index].participants.removeAll { $0.identity == identity }
        let most = rooms[index].mostParticipants
        guard most == 0 || rooms[index].participants.count < most else { return nil }
        var newcomer = SimulatedParticipant(
            sid: newSID("PA_"), identity: identity, name: name, isHidden: isHidden, canPublishData: canPublishData,
            joinedAt: now.milliseconds, opensAt: now.milliseconds + behavior.joinTime)
        replay(to: &newcomer, in: room)
        rooms[index].participants.append(newcomer)
        rooms[index].emptySince = nil
        rooms[index].hadParticipants = true
        return newcomer.sid
    }

    /// The reliable packets of participants that had just gone by (``LiveKitBehavior/joinReplay``), up to 100 kB.
    private func replay(to newcomer: inout SimulatedParticipant, in room: String) {
        guard behavior.joinReplay > 0 else { return }
        var bytes = 0
        var replayed: [SimulatedParticipant.Waiting] = []
        for packet in accepted.reversed() where packet.room == room {
            bytes += packet.payload.count
            guard packet.acceptedAt >= newcomer.joinedAt - behavior.joinReplay, bytes <= 100_000 else { break }
            guard packet.isReliable, packet.identity != nil, packet.destinations.isEmpty, fits(packet) else { continue }
            replayed.append(.init(packet: packet, arrival: newcomer.opensAt))
        }
        newcomer.waiting = replayed.reversed()
        newcomer.waitingBytes = replayed.reduce(0) { $0 + $1.packet.payload.count }
    }

    /// Leaves: what was on the way is gone. An unknown `sid` is nobody's.
    public mutating func leave(_ sid: String, now: Timestamp) {
        for index in rooms.indices where rooms[index].participants.contains(where: { $0.sid == sid }) {
            rooms[index].participants.removeAll { $0.sid == sid }
            if rooms[index].participants.isEmpty { rooms[index].emptySince = now.milliseconds }
        }
    }

    /// Whether this participant is still in its room: it may have been removed, or its room closed.
    public func isPresent(_ sid: String) -> Bool {
        rooms.contains { $0.participants.contains { $0.sid == sid } }
    }

    /// Publishes to the others in the participant's room, as the server does: under its own identity, whatever the packet
    /// claims; blank if it is hidden; not at all if it may not. Gives whether the packet was handed to the room.
    @discardableResult
    public mutating func publish(_ packet: SimulatedPacket, by sid: String, now: Timestamp) -> Bool {
        closeRooms(now: now.milliseconds)
        guard let index = rooms.firstIndex(where: { $0.participants.contains { $0.sid == sid } }),
            let sender = rooms[index].participants.first(where: { $0.sid == sid }), sender.canPublishData
        else { return false }
        var packet = packet
        packet.identity = sender.isHidden ? nil : sender.identity
        guard !rooms[index].nonces.isRepeat(packet.nonce, window: behavior.nonceWindow) else { return false }
        hand(packet, to: index, from: sid, now: now.milliseconds)
        return true
    }

    // MARK: Receiving

    /// What has arrived at a participant by `now`, in its order, at most `most` packets; they are handed out once.
    public mutating func take(for sid: String, now: Timestamp, most: Int = .max) -> [SimulatedPacket] {
        closeRooms(now: now.milliseconds)
        guard let (room, place) = place(of: sid) else { return [] }
        return rooms[room].participants[place].take(now: now.milliseconds, most: most)
    }

    /// When the next packet arrives at a participant; `nil`: nothing is on its way.
    public func nextArrival(for sid: String) -> Timestamp? {
        guard let (room, place) = place(of: sid) else { return nil }
        return rooms[room].participants[place].waiting.map(\.arrival).min().map(Timestamp.init(milliseconds:))
    }

    private func place(of sid: String) -> (room: Int, place: Int)? {
        for room in rooms.indices {
            if let place = rooms[room].participants.firstIndex(where: { $0.sid == sid }) { return (room, place) }
        }
        return nil
    }
}
