import Synchronization
import Tidemark

/// A bulletin board: notes on topics, kept in memory. What a server would be to a real adapter.
///
/// Every change of a topic has a number, one by one; a note shows with the number of its last change, also once it was taken
/// down. A note bears the token of the request that pinned it.
public final class Board: Sendable {
    public struct Note: Sendable {
        public var id: Int64
        public var change: Int64
        public var version: Int64
        public var author: String
        public var text: String
        public var token: String
        public var editToken: String?
        public var isDown = false
    }

    public struct Topic: Sendable {
        public var id: String
        public var name: String
        public var token: String
        public var people: [String]
        public var changes: Int64 = 0
        public var activity: Int64
        public var notes: [Note] = []
        /// By person: the note that was read last, and when.
        public var marks: [String: (note: Int64, at: Int64)] = [:]
    }

    struct State {
        var topics: [Topic] = []
        var lastStamp: Int64 = 0

        mutating func stamp(_ now: Timestamp) -> Int64 {
            lastStamp = max(lastStamp + 1, now.milliseconds)
            return lastStamp
        }

        func topic(_ id: RemoteConversationID, of user: String) throws(ServiceError) -> Int {
            guard let index = topics.firstIndex(where: { $0.id == id.rawValue }) else {
                throw ServiceError(.notFound, certainty: .notApplied)
            }
            guard topics[index].people.contains(user) else { throw ServiceError(.forbidden, certainty: .notApplied) }
            return index
        }

        func note(_ id: RemoteMessageID, in topic: Int, by author: String? = nil) throws(ServiceError) -> Int {
            guard let index = topics[topic].notes.firstIndex(where: { String($0.id) == id.rawValue }) else {
                throw ServiceError(.notFound, certainty: .notApplied)
            }
            guard author == nil || topics[topic].notes[index].author == author else {
                throw ServiceError(.forbidden, certainty: .notApplied)
            }
            return index
        }

        mutating func touch(_ note: Int, in topic: Int, at now: Timestamp) {
            topics[topic].changes += 1
            topics[topic].notes[note].change = topics[topic].changes
            topics[topic].notes[note].version = stamp(now)
        }
    }

    let state = Mutex(State())

    public init() {}

    /// Everything that hangs there.
    public var topics: [Topic] { state.withLock { $0.topics } }
}
