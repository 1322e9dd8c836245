import Tidemark
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

/// The end of a history: faults off, the room open and everybody in it, until nothing is left to do.
extension RoomWorld {
    /// `false`: it did not come to rest.
    mutating func settle() throws -> Bool {
        troubles.end()
        tell("faults off")
        for index in devices.indices { devices[index].offlineUntil = 0 }
        guard habits.sharesName else { return try rest() }
        // Two of one name would put each other out for ever: one after the other.
        for index in [1, 0] {
            absent = index
            for (program, one) in devices[index].programs.enumerated() where one.bridge.isRunning {
                try endBridge(address(index, program), one.bridge.number)
            }
            guard try rest() else { return false }
        }
        return true
    }

    private mutating func rest() throws -> Bool {
        var quiet = 0
        for _ in 0..<700 {
            if server.rooms.isEmpty { server.open(Self.room, now: time) }
            // Everything that waits by itself comes to its time.
            let horizon = now + 20_000
            for _ in 0..<10_000 {
                guard let due = nextDue, due <= horizon else { break }
                _ = try advance()
                try watch()
            }
            now = max(now, horizon)
            for index in devices.indices where try devices[index].store.stopReason(ofAccount: "me") != nil {
                try giveCredential(index)
            }
            for index in devices.indices { try pump(index, leader(index), [.wake]) }
            try watch()
            quiet = try isSettled() ? quiet + 1 : 0
            if quiet > 5 { return true }
        }
        if isVerbose { try tellUnsettled() }
        return false
    }

    private func tellUnsettled() throws {
        for index in devices.indices where index != absent {
            let program = devices[index].programs[leader(index)]
            let due = try program.core.unsettledDue(moment(index))
            print(
                devices[index].name, program.isStopped, program.deliveries.count, due?.milliseconds ?? 0,
                moment(index).now.milliseconds)
            for entry in try devices[index].account.outbox().get() {
                print(entry.intent, entry.verb, entry.state, entry.reason?.rawValue ?? "")
            }
        }
    }

    /// Nothing is left that time alone would bring.
    private func isSettled() throws -> Bool {
        for index in devices.indices where index != absent {
            let program = devices[index].programs[leader(index)]
            if devices[index].programs.contains(where: \.isStopped) || program.runner.lease == nil { return false }
            if !program.deliveries.isEmpty { return false }
            if try program.core.unsettledDue(moment(index)) != nil { return false }
        }
        return true
    }

    /// All that this history found, each a sentence.
    mutating func judge() throws -> [String] {
        guard try settle() else { return caught + ["P9: the history did not come to rest"] }
        for index in devices.indices {
            caught += try RoomJudge(devices[index], record: record).violations()
            counts.add(branches: devices[index].witness.branches)
            for program in devices[index].programs.indices { kill(index, program) }
        }
        var seen: Set<String> = []
        return caught.filter { seen.insert(String($0.prefix { $0 != "(" })).inserted }
    }
}
