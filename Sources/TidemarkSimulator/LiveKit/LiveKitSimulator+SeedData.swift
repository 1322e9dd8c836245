public import TidemarkModel

extension LiveKitSimulator {
    /// Opens the room of the accounts' tokens and one more, or as many as `data` has conversations. They stay open for a day
    /// without anybody in them. A room has no history, so that there is nothing else to begin with.
    public mutating func fill(_ data: SeedData, now: Timestamp) {
        // Who was connected to the run before this one is not any more.
        for sid in rooms.flatMap(\.participants).map(\.sid) { leave(sid, now: now) }
        let count = data.conversations == 0 ? 2 : data.conversations
        for number in 1...count {
            let name = number == 1 ? Self.tokenRoom : number == 2 ? "studio" : "room-\(number)"
            open(name, emptyTimeout: 86_400, departureTimeout: 86_400, now: now)
        }
    }
}
