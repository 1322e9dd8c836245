import TidemarkModel

/// A chat service as a value: what it holds. It does everything that a service can do; what it tells, and how, is up to its kind.
struct PlainTalk {
    struct Message {
        var id: Int64
        var change: Int64
        var version: Int64
        var author: String
        var text: String
        var token: String
        var marker: String?
        var isDeleted = false
        var isUnreadable = false
        /// The keys of its files.
        var files: [String] = []
        var replyTo: Int64?
    }

    struct Room {
        var id: String
        var topic: String
        var token: String
        var createdBy: String
        var members: [String]
        var isDeleted = false
        var changes: Int64 = 0
        var activity: Int64
        var messages: [Message] = []
        var marks: [String: (message: Int64, at: Int64)] = [:]
    }

    var rooms: [Room] = []
    /// What waits for the next send to go first.
    var heldBack: (room: Int, message: Message)?
    /// What was pushed to each user and not taken yet.
    var pushes: [String: [RemoteEvent]] = [:]
    var sends = 0
    /// What was uploaded, by key.
    var files: [String: [UInt8]] = [:]
    private var lastStamp: Int64 = 0

    mutating func stamp(_ now: Int64) -> Int64 {
        lastStamp = max(lastStamp + 1, now)
        return lastStamp
    }

    func room(_ id: RemoteConversationID, of user: String) throws(ServiceError) -> Int {
        guard let index = rooms.firstIndex(where: { $0.id == id.rawValue && !$0.isDeleted }) else {
            throw ServiceError(.notFound, certainty: .notApplied, status: 404)
        }
        guard rooms[index].members.contains(user) else { throw ServiceError(.forbidden, certainty: .notApplied, status: 403) }
        return index
    }

    func message(_ id: RemoteMessageID, in room: Int) throws(ServiceError) -> Int {
        guard let index = rooms[room].messages.firstIndex(where: { String($0.id) == id.rawValue }) else {
            throw ServiceError(.notFound, certainty: .notApplied, status: 404)
        }
        return index
    }

    mutating func post(_ text: String, by user: String, token: String, in room: Int, at now: Int64) -> Message {
        let id = stamp(now)
        rooms[room].changes += 1
        rooms[room].activity = id
        return Message(id: id, change: rooms[room].changes, version: id, author: user, text: text, token: token)
    }

    mutating func touch(_ message: Int, in room: Int, at now: Int64) {
        rooms[room].changes += 1
        rooms[room].messages[message].change = rooms[room].changes
        rooms[room].messages[message].version = stamp(now)
    }
}
