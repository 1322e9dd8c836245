internal import TidemarkModel

/// A connection to the socket service.
struct AvayaSocket: Hashable, Sendable, Codable {
    var number: Int
    var sid: String
    var token: String
    var isOAuth: Bool
    /// The user's id, once the namespace is open.
    var user: String?
    /// Since when the namespace is open, counted over all connections.
    var order = 0
    var lastHeard: Int64
    /// Spaces, in the order of subscribing.
    var subscriptions: [String] = []
    /// When its events of the last minute came.
    var events: [Int64] = []
    /// It still stands, and nothing passes in either direction: a connection whose other end is gone without a word.
    var isSilent = false
}

/// What the server does to a connection.
public enum AvayaSocketOutput: Hashable, Sendable, Codable {
    case text(String)
    /// A closing frame with this status, and the end.
    case close(Int)
    /// The end, without a closing frame.
    case cut
}

/// Something that the server does to a connection, when it is due.
public struct AvayaSocketSend: Hashable, Sendable, Codable {
    /// As it was opened (``AvayaSimulator/open(_:now:)``).
    public var connection: Int
    public var output: AvayaSocketOutput
    /// In Unix milliseconds.
    public var at: Int64

    public var text: String? {
        if case .text(let text) = output { text } else { nil }
    }
}

/// What came of a request for a socket.
public enum AvayaSocketOpening: Hashable, Sendable {
    /// It is open, and its first frames are due.
    case opened(Int, [AvayaSocketSend])
    /// It is answered as a request, and no socket.
    case refused(status: Int, body: [UInt8])
}

/// What goes wrong with sockets, each with its share. One seed, one sequence.
public struct AvayaSocketFaults: Hashable, Sendable, Codable {
    /// Of a client's events: the connection breaks before the service sees it.
    public var cuts = 0.0
    /// Of a client's events: the service acts, and the connection breaks before it says so.
    public var cutsAfterActing = 0.0
    /// Of a client's events: nothing passes any more, and nobody is told.
    public var silences = 0.0
    /// Of the messages told to a subscriber: this one never hears of it.
    public var losses = 0.0
    /// How often each struck, by its name in a specification.
    public var struck: [String: Int] = [:]
    var generator = SeededGenerator(seed: 1)

    public init(seed: UInt64 = 1) {
        generator = SeededGenerator(seed: seed ^ 0x534F_434B)
    }

    /// Reads `socket-cut=0.01,socket-applied-cut=0.01,socket-silence=0.01,socket-lost=0.01`. Throws ``SpecificationError``.
    public init(_ text: String, seed: UInt64 = 1) throws {
        self.init(seed: seed)
        for (name, value) in try Specification.pairs(text) {
            let share = try Specification.share(value, name)
            switch name {
            case "socket-cut": cuts = share
            case "socket-applied-cut": cutsAfterActing = share
            case "socket-silence": silences = share
            case "socket-lost": losses = share
            default:
                throw SpecificationError(
                    "There is no fault called \(name); sockets know socket-cut, socket-applied-cut, socket-silence, socket-lost.")
            }
        }
    }

    /// From now on nothing goes wrong. What struck stays counted.
    public mutating func stop() {
        cuts = 0
        cutsAfterActing = 0
        silences = 0
        losses = 0
    }

    mutating func strikes(_ name: String, _ share: Double) -> Bool {
        guard generator.chance(share) else { return false }
        struck[name, default: 0] += 1
        return true
    }
}
