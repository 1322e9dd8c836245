public import TidemarkSimulator

/// What a client needs to use a running simulator of LiveKit: the first line that `tidemark simulate` prints.
public struct LiveKitDescription: Hashable, Sendable, Codable {
    /// `livekit`.
    public var service: String
    /// `http://127.0.0.1:PORT`, for the room service.
    public var url: String
    public var port: Int
    /// Identities; each token joins the first room and is good for a day.
    public var accounts: [SimulatorDescription.Account]
    public var apiKey: String
    public var apiSecret: String
    /// Rooms that are open.
    public var rooms: [String]
    /// A room that is not: sending into it is answered 503.
    public var absentRoom: String
    /// `127.0.0.1:PORT`, where participants connect (``LiveKitHub``).
    public var hub: String

    public init(livekit: LiveKitSimulator, port: Int, hubPort: Int = 0) {
        service = "livekit"
        url = livekit.baseURL
        self.port = port
        accounts = livekit.accounts.map { .init(id: $0.id, token: $0.token, displayName: $0.displayName) }
        apiKey = livekit.apiKey
        apiSecret = livekit.apiSecret
        rooms = livekit.rooms.map(\.name)
        var absent = "absent"
        while rooms.contains(absent) { absent += "-1" }
        absentRoom = absent
        hub = "127.0.0.1:\(hubPort)"
    }
}
