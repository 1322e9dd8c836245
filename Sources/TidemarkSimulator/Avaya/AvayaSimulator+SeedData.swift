public import TidemarkModel

extension AvayaSimulator {
    /// Fills spaces of the first user, one message a second up to `now`. Without a number of conversations it opens two: in
    /// one of them guests may read what was said before they came.
    public mutating func fill(_ data: SeedData, now: Timestamp) {
        let registered = users.filter { !$0.isGuest }.prefix(3).map(\.id)
        guard registered.count > 1 else { return }
        guard data.conversations > 0 else {
            let others = users.filter { !$0.isGuest }.dropFirst().map(\.id)
            for title in ["Lobby", "Open house"] {
                createSpace(
                    title, by: registered[0], with: others, guestsSeeHistory: title == "Open house",
                    now: .init(milliseconds: now.milliseconds - 60_000))
            }
            return
        }
        // An edit or a delete takes a second more: what lay after now would not be listed yet.
        let steps = data.messages * (data.edits + data.deletes > 0 ? 2 : 1)
        var time = now.milliseconds - Int64(steps + data.conversations + 120) * 1000
        func next() -> Timestamp {
            time += 1000
            return Timestamp(milliseconds: time)
        }
        var made: [String] = []
        for number in 1...data.conversations {
            let others = Array(registered.dropFirst())
            made.append(createSpace("Conversation \(number)", by: registered[0], with: others, now: next()))
        }
        for number in 0..<data.messages {
            let sender = registered[generator.pick(registered.count)]
            let text = "Message \(number + 1) of this history"
            guard let id = send(text, as: sender, in: made[number % made.count], now: next()) else { continue }
            if generator.chance(data.deletes) {
                delete(id, as: sender, now: next())
            } else if generator.chance(data.edits) {
                edit(id, to: "Message \(number + 1), edited", as: sender, now: next())
            }
        }
    }
}
