internal import TidemarkModel

/// How a packet reaches those who are there.
extension LiveKitSimulator {
    mutating func sendData(
        _ request: LiveKitRequest, _ grants: LiveKitGrants?, _ now: Int64
    ) throws(LiveKitRefusal) -> LiveKitMessage {
        var packet = SimulatedPacket(topic: try request.text(.init("topic", 5)), payload: try request.bytes(.init("data", 2)))
        packet.isReliable = try request.number(.init("kind", 3), names: ["RELIABLE", "LOSSY"]) == 0
        let identities = try request.texts(.init("destination_identities", 6))
        let sids = try request.texts(.init("destination_sids", 4))
        packet.nonce = try request.bytes(.init("nonce", 7))
        let name = try administered(request, grants)
        guard packet.nonce.isEmpty || packet.nonce.count == 16 else { throw .invalid("nonce", "should be 16-bytes or empty") }
        guard let room = index(of: name) else { return try closing(name) }
        packet.destinations = identities
        if !sids.isEmpty {
            // Ids of participants were what identities are today; an unknown one matches nobody.
            packet.destinations += sids.map { sid in
                rooms[room].participants.first { $0.sid == sid }?.identity ?? "\u{0}\(sid)"
            }
        }
        if generator.chance(behavior.nodeChanges) { rooms[room].nonces = LiveKitNonces() }
        guard !rooms[room].nonces.isRepeat(packet.nonce, window: behavior.nonceWindow) else { return LiveKitMessage() }
        hand(packet, to: room, from: nil, now: now)
        return LiveKitMessage()
    }

    private func closing(_ name: String) throws(LiveKitRefusal) -> LiveKitMessage {
        guard endings[name] != nil else { throw .of(status: behavior.absentStatus) }
        guard behavior.closingStatus != 200 else { return LiveKitMessage() }
        throw .of(status: behavior.closingStatus)
    }

    func fits(_ packet: SimulatedPacket) -> Bool {
        behavior.largestPayload.map { packet.payload.count <= $0 } ?? true
    }

    /// Hands a packet to all in the room whom it is for, but never to its sender.
    mutating func hand(_ packet: SimulatedPacket, to room: Int, from sender: String?, now: Int64) {
        lastNumber += 1
        var packet = packet
        packet.room = rooms[room].name
        packet.number = lastNumber
        packet.acceptedAt = now
        remember(packet)
        guard fits(packet) else { return }
        for place in rooms[room].participants.indices {
            guard rooms[room].participants[place].sid != sender,
                packet.destinations.isEmpty || packet.destinations.contains(rooms[room].participants[place].identity),
                !generator.chance(packet.isReliable ? behavior.reliableLoss : behavior.lossyLoss)
            else { continue }
            let way = behavior.longestWay > 0 ? Int64(generator.pick(Int(clamping: behavior.longestWay) + 1)) : 0
            rooms[room].participants[place].expect(
                packet, isFromParticipant: sender != nil, at: now + way, holdsForJoiners: behavior.holdsForJoiners)
        }
    }

    private mutating func remember(_ packet: SimulatedPacket) {
        accepted.append(packet)
        acceptedBytes += packet.payload.count
        // In one go, so that a long run does not move the list with every packet.
        guard accepted.count > Self.mostAccepted.count + 1000 || acceptedBytes > Self.mostAccepted.bytes else { return }
        var excess = max(0, accepted.count - Self.mostAccepted.count)
        acceptedBytes -= accepted.prefix(excess).reduce(0) { $0 + $1.payload.count }
        while acceptedBytes > Self.mostAccepted.bytes, excess < accepted.count {
            acceptedBytes -= accepted[excess].payload.count
            excess += 1
        }
        accepted.removeFirst(excess)
    }
}

extension SimulatedParticipant {
    /// What may wait for one participant; a receiver that is slower loses packets, reliable ones too (wire page §4).
    static let mostWaiting = (count: 4096, bytes: 16 * 1024 * 1024)
    /// What is held while a joiner's channel opens.
    static let mostHeldBytes = 100_000

    /// A packet comes to arrive at `time`, or after what its lane has on the way; unless there is no room for it.
    fileprivate mutating func expect(
        _ packet: SimulatedPacket, isFromParticipant: Bool, at time: Int64, holdsForJoiners: Bool
    ) {
        let bytes = waitingBytes + packet.payload.count
        guard waiting.count < Self.mostWaiting.count, bytes <= Self.mostWaiting.bytes else { return }
        var arrival = time
        if packet.acceptedAt < opensAt {
            guard packet.isReliable, bytes <= Self.mostHeldBytes, isFromParticipant || holdsForJoiners else { return }
            arrival = max(arrival, opensAt)
        }
        // Order is per sender only, and each sender's channels run side by side.
        let channel = packet.isReliable ? packet.streamID == nil ? "" : " stream" : " lossy"
        let lane = (packet.identity ?? "") + channel
        arrival = max(arrival, lastArrivals[lane] ?? 0)
        lastArrivals[lane] = arrival
        waitingBytes = bytes
        waiting.append(Waiting(packet: packet, arrival: arrival))
    }

    /// What has arrived by `now`, in its order.
    mutating func take(now: Int64, most: Int) -> [SimulatedPacket] {
        guard waiting.contains(where: { $0.arrival <= now }) else { return [] }
        let due = waiting.filter { $0.arrival <= now }
            .sorted { ($0.arrival, $0.packet.number) < ($1.arrival, $1.packet.number) }.prefix(most).map(\.packet)
        let taken = Set(due.map(\.number))
        waiting.removeAll { taken.contains($0.packet.number) }
        waitingBytes = waiting.reduce(0) { $0 + $1.packet.payload.count }
        if waiting.isEmpty { lastArrivals = [:] }
        return due
    }
}
