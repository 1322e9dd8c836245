import Tidemark
import TidemarkModel
import TidemarkStore

/// The beginning and the end of a history: faults off, until nothing is left to do.
extension World {
    /// Everybody is in one conversation, and has seen it.
    mutating func getAcquainted() throws {
        guard habits.isAcquainted else { return }
        let usual = troubles
        troubles = .none
        _ = try create(0)
        for _ in 0..<2 {
            _ = try rest()
            try wakeAll()
        }
        _ = try rest()
        troubles = usual
    }

    /// Everybody works until nothing is left to do. `false`: it did not come to rest. Tunnels have an end of their own: what is
    /// repeated after it is repeated late.
    mutating func settle() throws -> Bool {
        troubles = .none
        // What is left to be read is read in fewer pages: the small ones have had their time. A transcript has one size.
        if retelling == nil {
            service.serveLargerPages()
            for index in devices.indices { devices[index].readLargerPages(of: service.traits) }
        }
        if isVerbose { print(now - World.start, "faults off") }
        // First what is on the wire arrives: nothing may land later than its quarantine by our own leap.
        guard try rest() else { return false }
        return try pollUntilQuiet()
    }

    /// Later polls see what the other devices did last, and what was too young to be believed. Where all that they ask for is the
    /// list, further ones would be the same.
    private mutating func pollUntilQuiet() throws -> Bool {
        for _ in 0..<4 {
            let before = asked
            now += 90_000
            try wakeAll()
            guard try rest() else { return false }
            if asked == before { return true }
        }
        return true
    }

    private mutating func wakeAll() throws {
        for index in devices.indices { try wake(index) }
    }

    /// Its user comes back to it.
    mutating func wake(_ index: Int) throws {
        let program = leader(index)
        guard !devices[index].programs[program].isStopped else { return }
        retell(index) { $0.did("wake", at: $1) }
        try pump(index, program, [.wake])
        retell(index) { $0.looked(at: $1) }
    }

    /// Until every conversation's top has been read again: an edit, a delete and a rename change nothing in a list, and
    /// may be shown as late as that (R22).
    mutating func readTops() throws -> Bool {
        // The sweep of the list falls into it: what a change that no list tells of had hidden is found then. What a device does
        // because of what it read, the others see a round later.
        for round in 0..<6 {
            let before = (0..<service.threadCount).map(service.sequence)
            now += SyncConfiguration().topInterval.milliseconds + 1000
            guard try rest() else { return false }
            if round > 0, before == (0..<service.threadCount).map(service.sequence) { break }
        }
        // Old history is nothing that anybody waits for: a link that died, or an empty page, puts it off a little. A gap that
        // nobody asks about any more stays.
        var vain: Int64 = 0
        for _ in 0..<60 {
            let before = asked
            // Longer and longer, as the walk that stands still waits.
            now += 61_000 << vain
            guard try rest() else { return false }
            vain = asked == before ? vain + 1 : 0
            let hasGap = try devices.contains { try !$0.account.gaps().get().isEmpty }
            if vain >= (hasGap ? 5 : 1) { break }
        }
        return try pollUntilQuiet()
    }

    /// Whoever stands still for want of a credential gets one.
    private mutating func giveCredentials() throws {
        for index in devices.indices where try devices[index].store.stopReason(ofAccount: "me") != nil {
            try giveCredential(index)
        }
    }

    /// Goes on until nothing is on the wire and nothing that was begun is unsettled. Polling is nothing to wait for.
    private mutating func rest() throws -> Bool {
        for index in devices.indices { try pump(index) }
        var futile = 0
        for _ in 0..<20_000 {
            // What comes much later must not overtake what the devices wait for themselves.
            if let due = wire.due, due <= now + 1000 {
                _ = try advanceWire()
                continue
            }
            for index in devices.indices { try pump(index) }
            if let due = wire.due, due <= now + 1000 { continue }
            guard let due = try [unsettledDue(), wire.due].compactMap({ $0 }).min() else {
                guard try devices.contains(where: { try $0.store.stopReason(ofAccount: "me") != nil }) else { return true }
                try giveCredentials()
                continue
            }
            // What is due and could not be begun stands behind a gate: the runner looks again soon, and does not spin. A lease that a clock
            // ahead has written holds for up to an hour.
            futile = due > now ? 0 : futile + 1
            now = max(now + (futile > 1000 ? 1000 : 100), due)
        }
        if isVerbose { try describeOutboxes() }
        return false
    }

    private func describeOutboxes() throws {
        for device in devices {
            for row in try device.store.dump(of: device.account).tables["intent"] ?? [] where row["state"] != .text("confirmed") {
                print(device.name, row.sorted { $0.key < $1.key }.filter { $0.value != .null && $0.value != .integer(0) })
            }
        }
    }

    private func unsettledDue() throws -> Int64? {
        try devices.indices.compactMap { index in
            let program = devices[index].programs[leader(index)]
            guard !program.isStopped else { return nil }
            return try program.core.unsettledDue(moment(index)).map { $0.milliseconds - devices[index].clockOffset }
        }.min()
    }
}
