public import HTTPTypes
public import TidemarkModel

/// A LiveKit server as a value, as far as chat goes: the room service over Twirp, and rooms whose participants publish and
/// receive data packets.
///
/// It knows no clock, no socket and no task; the same seed and the same calls give the same bytes. The facts are those of the
/// wire page, which were read and not recorded: no such server could be run. What is open is a switch of ``LiveKitBehavior``.
public struct LiveKitSimulator: SimulatedService {
    public var behavior: LiveKitBehavior
    /// The rooms that are open, or were when something was last asked.
    public internal(set) var rooms: [SimulatedRoom] = []
    public let apiKey: String
    public let apiSecret: String
    /// Identities to join with; each token is good for the room ``tokenRoom`` for a day.
    public private(set) var accounts: [SimulatedUser] = []
    /// Where the server is.
    public var baseURL: String
    /// Requests by procedure, for counting; what is none counts under an empty name.
    public private(set) var requests: [String: Int] = [:]
    /// What was handed to rooms, in order: what a repeated nonce or a missing right stopped is not in it. For judging a
    /// history; only the newest are kept (``mostAccepted``).
    public internal(set) var accepted: [SimulatedPacket] = []

    /// Packets that ``accepted`` keeps, and their bytes.
    public static let mostAccepted = (count: 10_000, bytes: 16 * 1024 * 1024)
    /// The room that the accounts' tokens are good for.
    public static let tokenRoom = "lobby"

    var generator: SeededGenerator
    var lastNumber: Int64 = 0
    var acceptedBytes = 0
    /// Rooms that ended, and when, for as long as ``LiveKitBehavior/closingTime`` needs it.
    var endings: [String: Int64] = [:]
    private var second = Second()

    private struct Second: Hashable, Sendable, Codable {
        var start: Int64 = 0
        var calls = 0
    }

    /// A server with four accounts and no room.
    public init(
        seed: UInt64 = 1, behavior: LiveKitBehavior = LiveKitBehavior(), baseURL: String = "http://simulated.livekit.example",
        now: Timestamp = Timestamp(milliseconds: 1_700_000_000_000)
    ) {
        var keys = SeededGenerator(seed: seed ^ 0x4C69_7665)
        func letters(_ count: Int) -> String {
            let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789")
            return String((0..<count).map { _ in alphabet[keys.pick(alphabet.count)] })
        }
        self.init(
            apiKey: "API" + letters(12), apiSecret: letters(43), seed: seed, behavior: behavior, baseURL: baseURL, now: now)
    }

    /// A server with a key and secret of one's own.
    public init(
        apiKey: String, apiSecret: String, seed: UInt64 = 1, behavior: LiveKitBehavior = LiveKitBehavior(),
        baseURL: String = "http://simulated.livekit.example", now: Timestamp = Timestamp(milliseconds: 1_700_000_000_000)
    ) {
        self.behavior = behavior
        self.baseURL = baseURL
        self.apiKey = apiKey
        self.apiSecret = apiSecret
        generator = SeededGenerator(seed: seed)
        accounts = ["Alice", "Bob", "Carol", "Dave"].map {
            SimulatedUser(id: $0.lowercased(), displayName: $0, token: "")
        }
        renewTokens(now: now)
    }

    /// Gives every account a new token, good for a day from `now`.
    public mutating func renewTokens(now: Timestamp) {
        var grants = LiveKitGrants()
        grants.roomJoin = true
        grants.room = Self.tokenRoom
        for index in accounts.indices {
            accounts[index].token = token(grants, for: accounts[index].id, name: accounts[index].displayName, now: now)
        }
    }

    /// An access token of this server, good for `seconds` from `now`.
    public func token(
        _ grants: LiveKitGrants, for identity: String = "", name: String = "", lasting seconds: Int64 = 24 * 3600,
        now: Timestamp
    ) -> String {
        LiveKitToken.sign(
            grants, identity: identity, name: name, key: apiKey, secret: apiSecret, issued: now.milliseconds / 1000,
            seconds: seconds)
    }

    // MARK: Answering

    public mutating func respond(to request: HTTPRequest, body: [UInt8], now: Timestamp) -> TransportResponse {
        let call = LiveKitCall(request, body, now: now.milliseconds)
        requests[call.procedure.flatMap { Self.procedures.contains($0) ? $0 : nil } ?? "", default: 0] += 1
        closeRooms(now: call.now)
        do {
            let message = try answer(call)
            var head = HTTPResponse(status: .ok)
            head.headerFields[.contentType] = call.isJSON ? "application/json" : "application/protobuf"
            return TransportResponse(head: head, body: call.isJSON ? message.json.bytes : message.protobuf.bytes)
        } catch {
            return error.response
        }
    }

    /// In the server's order: the token, the route, the body, what the token grants.
    private mutating func answer(_ call: LiveKitCall) throws(LiveKitRefusal) -> LiveKitMessage {
        if let largest = behavior.largestBody, call.body.count > largest {
            throw .plain(status: 413, text: "request body too large")
        }
        let grants = try grants(call)
        guard call.method == "POST" else { throw .badRoute(call, "unsupported method \"\(call.method)\" (only POST is allowed)") }
        guard let procedure = call.procedure, Self.procedures.contains(procedure) else {
            throw .badRoute(call, "no handler for path \"\(call.path)\"")
        }
        guard call.isJSON || call.isProtobuf else {
            throw .badRoute(call, "unexpected Content-Type: \"\(call.contentType)\"")
        }
        try keepRate(call.now)
        let request = try call.request()
        switch procedure {
        case "SendData": return try sendData(request, grants, call.now)
        case "ListRooms": return try listRooms(request, grants)
        case "ListParticipants": return try listParticipants(request, grants)
        case "GetParticipant": return try getParticipant(request, grants)
        case "RemoveParticipant": return try removeParticipant(request, grants, call.now)
        case "CreateRoom": return try createRoom(request, grants, call.now)
        case "DeleteRoom": return try deleteRoom(request, grants, call.now)
        default: throw .twirp(code: "unimplemented", message: "\(procedure) is not simulated")
        }
    }

    /// What the room service knows. Media, and what changes participants, is answered 501.
    private static let procedures: Set = [
        "SendData", "ListRooms", "ListParticipants", "GetParticipant", "RemoveParticipant", "CreateRoom", "DeleteRoom",
        "MutePublishedTrack", "UpdateParticipant", "UpdateSubscriptions", "UpdateRoomMetadata", "ForwardParticipant",
        "MoveParticipant", "PerformRpc",
    ]

    /// Without a token a call goes on and is refused by what it asks for; a bad token is refused here, in plain text.
    private func grants(_ call: LiveKitCall) throws(LiveKitRefusal) -> LiveKitGrants? {
        guard let header = call.authorization, !header.isEmpty else { return nil }
        guard header.hasPrefix("Bearer ") else {
            throw .plain(status: 401, text: "invalid authorization header. Must start with Bearer ")
        }
        let token = String(header.dropFirst(7))
        guard !token.isEmpty else { return nil }
        return try LiveKitToken.grants(
            token, key: apiKey, secret: apiSecret, requiresExpiry: behavior.requiresExpiry, now: call.now / 1000)
    }

    private mutating func keepRate(_ now: Int64) throws(LiveKitRefusal) {
        guard let most = behavior.callsPerSecond else { return }
        if now < second.start || now >= second.start + 1000 { second = Second(start: now) }
        second.calls += 1
        guard second.calls <= most else { throw .of(status: 429) }
    }

    func index(of room: String) -> Int? { rooms.firstIndex { $0.name == room } }

    mutating func newSID(_ prefix: String) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return prefix + String((0..<12).map { _ in digits[generator.pick(digits.count)] })
    }
}
