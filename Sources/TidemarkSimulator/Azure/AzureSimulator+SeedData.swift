public import TidemarkModel

/// What a simulator begins with: `conversations=50,messages=10000,edits=0.05,deletes=0.02`.
public struct SeedData: Hashable, Sendable, Codable {
    public var conversations = 0
    public var messages = 0
    /// The share of messages that was edited, and deleted.
    public var edits = 0.0
    public var deletes = 0.0

    public init() {}

    /// Throws `SpecificationError` with a sentence for a name or number that can't be read.
    public init(_ text: String) throws {
        for (name, value) in try Specification.pairs(text) {
            switch name {
            case "conversations": conversations = try Specification.count(value, name)
            case "messages": messages = try Specification.count(value, name)
            case "edits": edits = try Specification.share(value, name)
            case "deletes": deletes = try Specification.share(value, name)
            default:
                throw SpecificationError(
                    "There is no seed data called \(name); it knows conversations, messages, edits and deletes.")
            }
        }
    }
}

extension AzureSimulator {
    /// Fills conversations of the first user, one message a second up to `now`.
    public mutating func fill(_ data: SeedData, now: Timestamp) {
        guard users.count > 1, data.conversations > 0 else { return }
        let ids = users.prefix(3).map(\.id)
        // An edit or a delete takes a second more: what lay after now would not be listed yet.
        let steps = data.messages * (data.edits + data.deletes > 0 ? 2 : 1)
        var time = now.milliseconds - Int64(steps + data.conversations * 4 + 120) * 1000
        func next() -> Timestamp {
            time += 1000
            return Timestamp(milliseconds: time)
        }
        var made: [String] = []
        for number in 1...data.conversations {
            made.append(createThread("Conversation \(number)", by: ids[0], with: Array(ids.dropFirst()), now: next()))
        }
        for number in 0..<data.messages {
            let thread = made[number % made.count]
            let sender = ids[generator.pick(ids.count)]
            guard let id = send("Message \(number + 1) of this history", as: sender, in: thread, now: next()) else { continue }
            if generator.chance(data.deletes) {
                delete(id, as: sender, in: thread, now: next())
            } else if generator.chance(data.edits) {
                edit(id, to: "Message \(number + 1), edited", as: sender, in: thread, now: next())
            }
        }
    }
}
