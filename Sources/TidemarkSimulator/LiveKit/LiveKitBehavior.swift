internal import TidemarkModel

/// What is not known of real servers, or differs between them, as switches (wire page §4 and §7).
public struct LiveKitBehavior: Hashable, Sendable, Codable {
    /// How many nonces a room remembers; 0: none, as before 1.8.4.
    public var nonceWindow = 100
    /// How often a room moves to another node before a call, which forgets its nonces.
    public var nodeChanges = 0.0
    /// A token must say when it ends, as since 2026.
    public var requiresExpiry = true
    /// A larger body is answered 413; `nil`: nothing is refused for its size, as before August 2026.
    public var largestBody: Int? = 10 * 1024 * 1024
    /// More bytes of payload are taken and never arrive; `nil`: everything does.
    public var largestPayload: Int? = 64_000
    /// Seconds until a room nobody came into is gone.
    public var emptyTimeout: Int64 = 300
    /// Seconds until a room that all have left is gone.
    public var departureTimeout: Int64 = 20
    /// Joining a room that is not open opens it.
    public var joinOpensRooms = true
    /// What sending into a room that is not open is answered: 503, or 404 as from a node that lost it.
    public var absentStatus = 503
    /// How long after its end a room answers ``closingStatus`` to what is sent into it, in milliseconds.
    public var closingTime: Int64 = 0
    /// 404, 503, or 200 for bytes that are gone.
    public var closingStatus = 404
    /// How long joining takes until the joiner's channel is open, in milliseconds.
    public var joinTime: Int64 = 0
    /// Messages of the server API are held for a joiner until its channel is open, up to 100 kB, as after 1.13.5.
    public var holdsForJoiners = false
    /// How far back a joiner gets the reliable packets of participants, in milliseconds; servers: 2000, for the moments of
    /// joining only.
    public var joinReplay: Int64 = 0
    /// The longest that a packet is under way, in milliseconds. Each sender's packets keep their order, and nobody else's.
    public var longestWay: Int64 = 0
    /// How often a slow receiver loses a reliable packet.
    public var reliableLoss = 0.0
    /// How often a lossy packet is lost.
    public var lossyLoss = 0.0
    /// Calls in a second that are answered; `nil`: all of them. What Cloud allows is not known.
    public var callsPerSecond: Int?

    public init() {}

    /// One reading of everything that is open, drawn from a seed.
    public init(seed: UInt64) {
        var generator = SeededGenerator(seed: seed ^ 0x4C4B)
        nonceWindow = [100, 100, 20, 0][generator.pick(4)]
        nodeChanges = generator.chance(0.25) ? 0.02 : 0
        requiresExpiry = generator.chance(0.5)
        largestBody = generator.chance(0.5) ? 10 * 1024 * 1024 : nil
        largestPayload = [15 * 1024, 64_000, nil][generator.pick(3)]
        joinOpensRooms = generator.chance(0.75)
        absentStatus = generator.chance(0.75) ? 503 : 404
        closingTime = generator.chance(0.5) ? Int64(generator.pick(5000)) : 0
        closingStatus = [404, 503, 200][generator.pick(3)]
        joinTime = generator.chance(0.5) ? Int64(generator.pick(2000)) : 0
        holdsForJoiners = generator.chance(0.5)
        joinReplay = generator.chance(0.5) ? 2000 : 0
        longestWay = generator.chance(0.6) ? Int64(generator.pick(1500)) : 0
        reliableLoss = generator.chance(0.25) ? 0.02 : 0
        lossyLoss = generator.chance(0.5) ? 0.1 : 0
        callsPerSecond = generator.chance(0.2) ? 20 : nil
    }
}
