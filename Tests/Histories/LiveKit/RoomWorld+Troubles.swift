import TidemarkModel
import TidemarkSimulator

/// What goes wrong by itself.
extension RoomWorld {
    mutating func trouble() throws -> RoomStep {
        let device = pick(devices.count)
        let fault = any([
            RoomFault.bridgeExit, .bridgeExit, .bridgeHang, .reconnect, .roomClosed, .nodeChanged, .crash, .crash, .clockSet,
            .stopped,
        ])
        switch fault {
        case .bridgeExit, .bridgeHang, .reconnect:
            guard try breakBridge(device, fault) else { return .nothing }
        case .roomClosed:
            server.close(Self.room, now: time)
            // Whoever comes next opens another one, where joining opens rooms; else somebody does it some time.
            wire.put(.opens, at: now + Int64(pick(any([2_000, 20_000, 100_000]))))
        case .nodeChanged: server.moveToAnotherNode(Self.room)
        case .crash: try crash(device)
        case .clockSet:
            devices[device].clockOffset += Int64(pick(7_200_000)) - 3_600_000
            devices[device].hasClockJumped = true
            try pump(device)
        default: stop(device)
        }
        counts.faults[fault, default: 0] += 1
        tell("trouble: \(fault.rawValue), device \(device)")
        return .trouble
    }
}
