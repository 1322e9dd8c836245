public import HTTPTypes
public import TidemarkModel

/// Azure Communication Services Chat as a value: a request in, an answer out, as the real service was recorded to.
///
/// It knows no clock, no socket and no task; the same seed and the same requests give the same bytes. The facts are
/// those of the wire page; what is open there is a switch of ``AzureBehavior``.
public struct AzureSimulator: Sendable, Codable {
    public var behavior: AzureBehavior
    public private(set) var users: [SimulatedUser] = []
    public internal(set) var threads: [AzureThread] = []
    /// The resource's key for the identity endpoints, base64.
    public let accessKey: String
    /// What stands before the path in the links that it makes.
    public var baseURL: String
    /// Requests by operation, for counting.
    public private(set) var requests: [String: Int] = [:]

    var generator: SeededGenerator
    var tokens: [String: AzureToken] = [:]
    var resource: String
    var lastStamp: Int64 = 0
    var creates: [String: AzureCreate] = [:]
    var hits: [String: [Int64]] = [:]

    struct AzureToken: Hashable, Sendable, Codable {
        var user: String
        var expiresAt: Int64
        var scopes: [String]
        var isRevoked = false
    }

    struct AzureCreate: Hashable, Sendable, Codable {
        var thread: String
        var madeAt: Int64
    }

    /// A resource with four users.
    public init(
        seed: UInt64 = 1, behavior: AzureBehavior = AzureBehavior(),
        baseURL: String = "https://simulated.communication.azure.com",
        now: Timestamp = Timestamp(milliseconds: 1_700_000_000_000)
    ) {
        self.behavior = behavior
        self.baseURL = baseURL
        generator = SeededGenerator(seed: seed)
        var keys = SeededGenerator(seed: seed ^ 0x5445_4944)
        accessKey = WireText.base64((0..<32).map { _ in UInt8(truncatingIfNeeded: keys.next()) })
        resource = Self.guid(&keys)
        for name in ["Alice", "Bob", "Carol", "Dave"] { addUser(name, now: now) }
    }

    /// The connection string of the resource, as the portal shows it.
    public var connectionString: String { "endpoint=\(baseURL)/;accesskey=\(accessKey)" }

    @discardableResult
    public mutating func addUser(_ displayName: String, now: Timestamp) -> SimulatedUser {
        let id = "8:acs:\(resource)_\(Self.groups(&generator))"
        let token = issueToken(for: id, lasting: 24 * 3600, now: now.milliseconds)
        let user = SimulatedUser(id: id, displayName: displayName, token: token)
        users.append(user)
        return user
    }

    /// Gives every user a new token, good for a day from `now`: for a simulator that goes on after a rest.
    public mutating func renewTokens(now: Timestamp) {
        for index in users.indices {
            users[index].token = issueToken(for: users[index].id, lasting: 24 * 3600, now: now.milliseconds)
        }
    }

    mutating func removeUser(_ id: String) {
        users.removeAll { $0.id == id }
        for token in tokens.keys.sorted() where tokens[token]?.user == id { tokens[token]?.isRevoked = true }
    }

    static func groups(_ generator: inout SeededGenerator) -> String {
        let first = String(UInt32(truncatingIfNeeded: generator.next()), radix: 16)
        let padded = String(repeating: "0", count: 8 - first.count) + first
        let rest = [4, 4, 12].map { length in
            let digits = String(generator.next() & (1 << (UInt64(length) * 4) - 1), radix: 16)
            return String(repeating: "0", count: max(0, length - digits.count)) + digits
        }
        return padded + "-" + rest.joined(separator: "-")
    }

    static func guid(_ generator: inout SeededGenerator) -> String {
        let groups = groups(&generator).split(separator: "-")
        let fourth = String(generator.next() & 0xFFF, radix: 16)
        return "\(groups[0])-\(groups[1])-\(groups[2])-8\(String(repeating: "0", count: 3 - fourth.count))\(fourth)-\(groups[3])"
    }

    // MARK: Answering

    /// Answers one request that arrived at `now`.
    public mutating func respond(to request: HTTPRequest, body: [UInt8], now: Timestamp) -> TransportResponse {
        let call = AzureCall(request, body, now: now.milliseconds)
        requests[call.operation, default: 0] += 1
        var reply: AzureReply
        do {
            reply = try answer(call)
        } catch {
            reply = error.reply(for: call)
        }
        reply.fields.append((.date, WireText.httpDate(now.milliseconds)))
        reply.fields.append((.mscv, WireText.base64(Array("\(requests.values.reduce(0, +))".utf8)) + ".0"))
        reply.fields.append((.supportedVersions, AzureCall.versions.joined(separator: ", ")))
        return reply.response
    }

    private mutating func answer(_ call: AzureCall) throws(AzureRefusal) -> AzureReply {
        if call.path.first == "identities" { return try answerIdentity(call) }
        guard call.path.count >= 2, call.path[0] == "chat", call.path[1] == "threads" else { throw .notFound }
        let token = try authenticated(call)
        let user = token.user
        guard AzureCall.versions.contains(call.version) else {
            throw AzureRefusal(status: 400, code: "UnsupportedApiVersion", message: "The api-version is not supported.")
        }
        try keepRate(call, user)
        try Self.keepScope(call, token.scopes)
        endRetention(now: call.now)
        switch (call.method, call.path.count) {
        case ("POST", 2): return try createThread(call, user)
        case ("GET", 2): return listThreads(call, user)
        case ("GET", 3): return try getThread(call, user)
        case ("PATCH", 3): return try updateThread(call, user)
        case ("DELETE", 3): return try deleteThread(call, user)
        case ("POST", 4) where call.path[3] == "messages": return try sendMessage(call, user)
        case ("GET", 4) where call.path[3] == "messages": return try listMessages(call, user)
        case ("GET", 4) where call.path[3] == "participants": return try listParticipants(call, user)
        case ("GET", 4) where call.path[3].lowercased() == "readreceipts": return try listReceipts(call, user)
        case ("POST", 4) where call.path[3].lowercased() == "readreceipts": return try sendReceipt(call, user)
        case ("POST", 4) where call.path[3] == "typing": return try type(call, user)
        case ("POST", 5) where call.path[3] == "participants" && call.path[4] == ":add": return try addParticipants(call, user)
        case ("POST", 5) where call.path[3] == "participants" && call.path[4] == ":remove":
            return try removeParticipant(call, user)
        case ("GET", 5) where call.path[3] == "messages": return try getMessage(call, user)
        case ("PATCH", 5) where call.path[3] == "messages": return try editMessage(call, user)
        case ("DELETE", 5) where call.path[3] == "messages": return try deleteMessage(call, user)
        default: throw .notFound
        }
    }

    /// The next stamp of the resource: milliseconds, never twice.
    mutating func stamp(_ now: Int64) -> Int64 {
        lastStamp = max(lastStamp + 1, now)
        return lastStamp
    }

    // MARK: Finding

    func find(_ id: String, _ user: String) throws(AzureRefusal) -> Int {
        guard id.hasPrefix("19:"), id.hasSuffix("@thread.v2") else { throw .invalid }
        guard let index = threads.firstIndex(where: { $0.id == id }), threads[index].deletedAt == nil else { throw .notFound }
        guard threads[index].isMember(user) else { throw .forbidden }
        return index
    }

    func findMessage(_ id: String, in thread: Int) throws(AzureRefusal) -> Int {
        guard let number = Int64(id), number >= 0 else {
            throw AzureRefusal(status: 400, code: "BadRequest", message: "Value for MessageId (\(id)) is not valid.")
        }
        guard let index = threads[thread].index(of: number) else { throw .notFound }
        return index
    }
}

extension HTTPField.Name {
    static let mscv = HTTPField.Name("MS-CV") ?? .server
    static let supportedVersions = HTTPField.Name("api-supported-versions") ?? .server
    static let retryAfterSeconds = HTTPField.Name("Retry-After") ?? .server
}
