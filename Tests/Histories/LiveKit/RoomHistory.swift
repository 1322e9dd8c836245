import TidemarkModel
import TidemarkStore

extension History {
    /// Plays a history of rooms and judges it.
    func playRooms(_ shelf: StoreShelf) throws -> HistoryReport {
        var world = try RoomWorld(seed: seed, shelf: shelf)
        world.isVerbose = isVerbose
        for number in 0..<steps where !skipped.contains(number) {
            // Each step has numbers of its own: to leave one out changes none of the others' choices.
            world.generator = SeededGenerator(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(number))
            try world.step()
        }
        let violations = try world.judge()
        if isVerbose { try world.printJournals() }
        for device in world.devices { shelf.put(device.store) }
        return HistoryReport(
            history: self, violations: violations, trace: world.trace.value, counts: HistoryCounts(), rooms: world.counts)
    }
}

extension RoomWorld {
    func printJournals() throws {
        for device in devices {
            for accepted in device.accepted {
                for line in try device.account.journal(.intent(accepted.enqueued.intent)).get() {
                    let facts = [line.cause, line.attempt.map(String.init), line.status.map(String.init), line.detail]
                    print(
                        device.name, accepted.enqueued.intent, accepted.verb.rawValue, line.at.milliseconds - Self.start,
                        line.kind,
                        facts.compactMap(\.self).joined(separator: " "))
                }
            }
        }
    }
}
