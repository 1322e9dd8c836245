import TidemarkModel
import TidemarkSimulator
import TidemarkStore

/// What goes wrong by itself.
extension RoomWorld {
    mutating func trouble() throws -> RoomStep {
        var device = pick(devices.count)
        // What strikes a bridge needs one that is in the room, which is so in a quarter of the steps.
        let present = devices.indices.filter(isInRoom)
        let fault =
            present.isEmpty
            ? any([RoomFault.roomClosed, .nodeChanged, .crash, .clockSet, .stopped])
            : any([
                RoomFault.bridgeExit, .bridgeExit, .bridgeExit, .bridgeExit, .bridgeExit, .bridgeHang, .bridgeHang, .bridgeHang,
                .bridgeHang, .bridgeHang, .reconnect, .reconnect, .reconnect, .reconnect, .reconnect, .flood, .flood, .flood,
                .flood, .flood, .stopped, .stopped, .stopped, .putOut, .roomClosed,
            ])
        if present.isEmpty, chance(0.7) { return try advance() }
        switch fault {
        case .bridgeExit, .bridgeHang, .reconnect, .putOut:
            device = any(present)
            try breakBridge(device, fault)
        case .roomClosed:
            guard !server.rooms.isEmpty else { return try advance() }
            server.close(Self.room, now: time)
            // Whoever comes next opens another one, where joining opens rooms; else somebody does it some time.
            wire.put(.opens, at: now + Int64(pick(any([2_000, 20_000, 100_000]))))
        case .nodeChanged: server.moveToAnotherNode(Self.room)
        case .crash:
            // Its next run may be configured otherwise, which matters most to who has sent by the server's API.
            var senders: [Int] = []
            for index in devices.indices where try mayLoseItsKey(index) { senders.append(index) }
            if !senders.isEmpty, chance(0.5) { device = any(senders) }
            try crash(device)
        case .clockSet:
            devices[device].clockOffset += Int64(pick(7_200_000)) - 3_600_000
            devices[device].hasClockJumped = true
            try pump(device)
        case .flood: flood()
        case .stopped where !present.isEmpty:
            // Nobody reads what it is told meanwhile: more than it can hold, or no more than that.
            stop(any(present))
            if chance(0.4) { flood() } else { flood(of: 1 + pick(2)) }
        default: stop(device)
        }
        // Whoever is put out is counted when it is seen.
        guard fault != .putOut else { return .trouble }
        counts.faults[fault, default: 0] += 1
        tell("trouble: \(fault.rawValue), device \(device)")
        return .trouble
    }
}
