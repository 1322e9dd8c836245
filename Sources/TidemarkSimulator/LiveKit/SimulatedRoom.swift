/// A data packet: what somebody publishes, and what the others in the room receive.
public struct SimulatedPacket: Hashable, Sendable, Codable {
    public var room = ""
    public var topic: String?
    public var payload: [UInt8]
    /// Who published it, as the server writes it; `nil` for the server API and for hidden participants.
    public var identity: String?
    public var isReliable = true
    /// Exact identities; empty: everybody.
    public var destinations: [String] = []
    public var nonce: [UInt8] = []
    /// Of a text stream on `lk.chat`, which travels as one packet here.
    public var streamID: String?
    /// What the stream's header says: Unix milliseconds.
    public var streamTimestamp: Int64?
    public var attributes: [String: String] = [:]
    /// When it was handed to the room, in Unix milliseconds.
    public internal(set) var acceptedAt: Int64 = 0
    /// Its place among all that was handed to rooms.
    public internal(set) var number: Int64 = 0

    public init(topic: String?, payload: [UInt8]) {
        self.topic = topic
        self.payload = payload
    }
}

/// Somebody in a room, and what is on its way to them.
public struct SimulatedParticipant: Hashable, Sendable, Codable {
    public var sid: String
    public var identity: String
    public var name = ""
    public var attributes: [String: String] = [:]
    public var isHidden = false
    public var canPublishData = true
    /// Unix milliseconds.
    public var joinedAt: Int64
    /// When the channel is open; what the room hears before that is lost, held or replayed (``LiveKitBehavior``).
    public var opensAt: Int64
    var waiting: [Waiting] = []
    var waitingBytes = 0
    /// When the last packet arrives of each lane, which keeps its order: one sender, one kind of channel.
    var lastArrivals: [String: Int64] = [:]

    struct Waiting: Hashable, Sendable, Codable {
        var packet: SimulatedPacket
        var arrival: Int64
    }
}

/// A room that is open on a node.
public struct SimulatedRoom: Hashable, Sendable, Codable {
    public var name: String
    public var sid: String
    public var metadata = ""
    public var createdAt: Int64
    /// Seconds.
    public var emptyTimeout: Int64
    public var departureTimeout: Int64
    public var mostParticipants: Int64 = 0
    public internal(set) var participants: [SimulatedParticipant] = []
    /// When it was opened, or the last one left; `nil` while somebody is in it.
    var emptySince: Int64?
    var hadParticipants = false
    var nonces = LiveKitNonces()

    /// When it is gone if nobody comes.
    var end: Int64? {
        guard let emptySince else { return nil }
        return emptySince + (hadParticipants ? departureTimeout : emptyTimeout) * 1000
    }
}

/// The nonces that a room remembers. Sixteen zeros count as seen from the start (wire page §4).
struct LiveKitNonces: Hashable, Sendable, Codable {
    private var seen: [[UInt8]] = [Array(repeating: 0, count: 16)]

    /// Whether this one is a repeat; remembers it if not, and forgets the oldest beyond the window.
    mutating func isRepeat(_ nonce: [UInt8], window: Int) -> Bool {
        guard window > 0, nonce.count == 16 else { return false }
        guard !seen.contains(nonce) else { return true }
        seen.append(nonce)
        if seen.count > window { seen.removeFirst(seen.count - window) }
        return false
    }
}
