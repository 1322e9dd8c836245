import TidemarkLiveKit
import TidemarkModel
import TidemarkSimulator

/// The child processes that are in the room.
extension RoomWorld {
    mutating func startBridge(_ address: Address) throws {
        guard isAlive(address), !devices[address.device].programs[address.program].bridge.isRunning else { return }
        let (device, program) = (address.device, address.program)
        guard device != absent else { return wire.put(.bridgeStarts(address), at: now + 60_000) }
        devices[device].programs[program].bridge.number += 1
        devices[device].programs[program].bridge.isRunning = true
        devices[device].programs[program].bridge.isHung = false
        let number = devices[device].programs[program].bridge.number
        feedGap(.started, device, program)
        wire.put(.bridgeJoins(address, bridge: number), at: now + 100 + Int64(pick(1500)))
        try pump(device, program)
    }

    mutating func joinRoom(_ address: Address, _ number: Int) throws {
        guard let (device, program) = bridge(address, number) else { return }
        guard now >= devices[device].offlineUntil,
            let sid = server.join(Self.room, as: devices[device].participant, now: time)
        else { return try endBridge(address, number) }
        devices[device].programs[program].bridge.sid = sid
        wire.put(.bridgeIsIn(address, bridge: number), at: now + server.behavior.joinTime + 1)
    }

    mutating func enterRoom(_ address: Address, _ number: Int) throws {
        guard let (device, program) = bridge(address, number), let sid = devices[device].programs[program].bridge.sid else {
            return
        }
        guard server.isPresent(sid) else { return try endBridge(address, number) }
        devices[device].programs[program].bridge.isConnected = true
        devices[device].programs[program].bridge.failures = 0
        tell("device \(device) is in the room")
        say("connected", device, program)
        try pump(device, program)
    }

    /// The bridge's process is over, and starts again after a while.
    mutating func endBridge(_ address: Address, _ number: Int) throws {
        guard let (device, program) = bridge(address, number) else { return }
        let ended = devices[device].programs[program].bridge
        if let sid = ended.sid { server.leave(sid, now: time) }
        var next = RoomBridge()
        (next.number, next.failures, next.fed) = (number, min(ended.failures + 1, 6), ended.fed)
        (next.gapTaken, next.pipe, next.dropped) = (ended.gapTaken, ended.pipe, ended.dropped)
        devices[device].programs[program].bridge = next
        feedGap(ended.isHung ? .hung : .exited, device, program)
        wire.put(.bridgeStarts(address), at: now + 1000 << Int64(next.failures - 1))
        try pump(device, program)
    }

    private func bridge(_ address: Address, _ number: Int) -> (device: Int, program: Int)? {
        guard isAlive(address) else { return nil }
        let bridge = devices[address.device].programs[address.program].bridge
        return bridge.number == number && bridge.isRunning ? (address.device, address.program) : nil
    }

    // MARK: What a bridge says

    /// What the program learns of its bridge without a line of it.
    private mutating func feedGap(_ gap: DataChannelGap, _ device: Int, _ program: Int) {
        devices[device].programs[program].bridge.fed.append(.lost)
        guard devices[device].programs[program].isStopped else {
            devices[device].programs[program].client?.hear(gap)
            return
        }
        devices[device].programs[program].bridge.pipe.append(.gap(gap))
    }

    /// News of the bridge: something may have been missed before it.
    private mutating func say(_ event: String, _ device: Int, _ program: Int) {
        devices[device].programs[program].bridge.fed.append(.lost)
        write(LiveKitHubLine.event(event, ["room": Self.room]), device, program)
    }

    private mutating func write(_ line: [UInt8], _ device: Int, _ program: Int) {
        guard devices[device].programs[program].isStopped else {
            devices[device].programs[program].client?.hear(line)
            return
        }
        guard devices[device].programs[program].bridge.pipe.count < RoomBridge.pipeLines else {
            devices[device].programs[program].bridge.dropped += 1
            return
        }
        devices[device].programs[program].bridge.pipe.append(.line(line))
    }

    /// What has arrived at a bridge is said, packet by packet.
    mutating func deliver(_ device: Int, _ program: Int) throws {
        guard let sid = devices[device].programs[program].bridge.sid else { return }
        for packet in server.take(for: sid, now: time) {
            var packet = packet
            if chance(habits.namelessness) { packet.identity = nil }
            let heard = RoomPacket(
                topic: packet.topic, payload: packet.payload, sender: packet.identity, streamID: packet.streamID,
                streamTime: packet.streamTimestamp)
            devices[device].programs[program].bridge.fed.append(.packet(heard))
            write(LiveKitHubLine.line(packet, receivedAt: time), device, program)
        }
        try pump(device, program)
    }

    /// Whoever was put out of the room learns it soon.
    mutating func notePutOut() {
        for device in devices.indices {
            for program in devices[device].programs.indices {
                let bridge = devices[device].programs[program].bridge
                guard bridge.isConnected, let sid = bridge.sid, !server.isPresent(sid) else { continue }
                devices[device].programs[program].bridge.isConnected = false
                counts.faults[.putOut, default: 0] += 1
                wire.put(.bridgeEnds(address(device, program), bridge: bridge.number), at: now + Int64(pick(400)))
            }
        }
    }

    // MARK: What befalls a bridge

    func isInRoom(_ device: Int) -> Bool {
        let bridge = devices[device].programs[leader(device)].bridge
        return bridge.isConnected && !bridge.isHung
    }

    mutating func breakBridge(_ device: Int, _ fault: RoomFault) throws {
        let program = leader(device)
        let bridge = devices[device].programs[program].bridge
        guard isInRoom(device), let sid = bridge.sid else { return }
        let address = address(device, program)
        switch fault {
        case .bridgeHang:
            devices[device].programs[program].bridge.isHung = true
            wire.put(.bridgeEnds(address, bridge: bridge.number), at: now + 10_000)
        case .reconnect:
            // In again under a new name for the server, and what was said meanwhile is lost.
            server.leave(sid, now: time)
            guard let next = server.join(Self.room, as: devices[device].participant, now: time) else {
                return try endBridge(address, bridge.number)
            }
            devices[device].programs[program].bridge.sid = next
            say("reconnected", device, program)
            try pump(device, program)
        // The server's API removes it.
        case .putOut: server.leave(sid, now: time)
        default: try endBridge(address, bridge.number)
        }
    }
}
