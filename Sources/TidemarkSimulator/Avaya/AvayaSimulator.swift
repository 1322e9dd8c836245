public import HTTPTypes
public import TidemarkModel

/// Avaya Spaces as a value: a request in, an answer out; its sockets' frames likewise
/// (``AvayaSimulator/open(_:now:)``).
///
/// It knows no clock, no socket and no task; the same seed and the same requests give the same bytes. The facts are those of
/// the wire page; what is inferred or open there is a switch of ``AvayaBehavior``. The accounts service and the file storage
/// answer here too: they are told from the API by their paths (`/oauth2`, `/storage`).
public struct AvayaSimulator: Sendable, Codable {
    public var behavior: AvayaBehavior
    /// Registered users first, four of them; guests as they log in.
    public internal(set) var users: [AvayaUser] = []
    public internal(set) var spaces: [AvayaSpace] = []
    /// Where the API is, without `/api`.
    public var baseURL: String
    public var socketURL: String
    public var accountsURL: String
    /// Where files are put and fetched.
    public var storageURL: String
    /// The program that may ask for OAuth tokens.
    public let clientID: String
    public let clientSecret: String
    /// Requests by operation, for counting.
    public private(set) var requests: [String: Int] = [:]

    var generator: SeededGenerator
    let machine: String
    let secret: [UInt8]
    var lastID = 0
    var lastNumber: Int64 = 0
    var tokens: [String: AvayaToken] = [:]
    var grants: [String: AvayaGrant] = [:]
    var invitations: [String: AvayaInvitation] = [:]
    var files: [String: AvayaFile] = [:]
    /// Where each message is.
    var places: [String: AvayaPlace] = [:]
    var hits: [String: [Int64]] = [:]
    /// What goes wrong with sockets.
    public var socketFaults: AvayaSocketFaults
    var sockets: [AvayaSocket] = []
    /// What is still to be said, in the order in which it was thought of.
    var outbox: [AvayaSocketSend] = []
    var lastSocket = 0
    var lastOrder = 0

    struct AvayaPlace: Hashable, Sendable, Codable {
        var space: Int
        var message: Int
    }

    /// A service with four registered users and no spaces.
    public init(
        seed: UInt64 = 1, behavior: AvayaBehavior = AvayaBehavior(), baseURL: String = "https://spacesapis.simulated.example",
        now: Timestamp = Timestamp(milliseconds: 1_700_000_000_000)
    ) {
        self.behavior = behavior
        self.baseURL = baseURL
        socketURL = "https://spacesapis-socket.simulated.example"
        accountsURL = "https://accounts.simulated.example"
        storageURL = "https://storage.simulated.example"
        generator = SeededGenerator(seed: seed)
        socketFaults = AvayaSocketFaults(seed: seed)
        var keys = SeededGenerator(seed: seed ^ 0x5350_4143)
        secret = (0..<32).map { _ in UInt8(truncatingIfNeeded: keys.next()) }
        machine = Self.digits(keys.next(), 10)
        clientID = Self.digits(keys.next(), 16)
        clientSecret = Self.digits(keys.next(), 16) + Self.digits(keys.next(), 16)
        for name in ["Alice", "Bob", "Carol", "Dave"] { addUser(name, now: now) }
    }

    @discardableResult
    public mutating func addUser(_ displayName: String, now: Timestamp) -> AvayaUser {
        let id = objectID(now.milliseconds)
        let username = displayName.lowercased().filter { $0.isLetter || $0.isNumber } + "\(users.count + 1)@simulated.example"
        let token = issueToken(for: id, .jwt, lasting: 86_400, now: now.milliseconds)
        let user = AvayaUser(id: id, displayName: displayName, username: username, isGuest: false, token: token)
        users.append(user)
        return user
    }

    /// Gives every user a new token, good for a day from `now`: for a simulator that goes on after a rest. Guests keep their
    /// ids.
    public mutating func renewTokens(now: Timestamp) {
        for index in users.indices {
            let kind: AvayaToken.Kind = users[index].isGuest ? .guest : .jwt
            users[index].token = issueToken(for: users[index].id, kind, lasting: 86_400, now: now.milliseconds)
        }
    }

    static func digits(_ value: UInt64, _ count: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text.suffix(count)
    }

    /// An id whose first eight digits are its second (wire page, names).
    mutating func objectID(_ now: Int64) -> String {
        lastID += 1
        let second = UInt64(UInt32(truncatingIfNeeded: now / 1000))
        return Self.digits(second, 8) + machine + Self.digits(UInt64(lastID), 6)
    }

    mutating func uuid() -> String {
        let all = Self.digits(generator.next(), 16) + Self.digits(generator.next(), 16)
        var groups: [Substring] = []
        var rest = Substring(all)
        for length in [8, 4, 4, 4, 12] {
            groups.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return groups.joined(separator: "-")
    }

    // MARK: Answering

    /// Answers one request that arrived at `now`. What it has to tell sockets is due at the next ``tick(now:)``.
    public mutating func respond(to request: HTTPRequest, body: [UInt8], now: Timestamp) -> TransportResponse {
        let call = AvayaCall(request, body, now: now.milliseconds)
        // Paths are the client's to invent: what is counted stays bounded.
        let operation = requests[call.operation] != nil || requests.count < 200 ? call.operation : "other"
        requests[operation, default: 0] += 1
        var reply: AvayaReply
        do {
            reply = try answer(call)
        } catch {
            reply = error.reply(behavior)
        }
        reply.fields.append((.date, WireText.httpDate(now.milliseconds)))
        return reply.response
    }

    private mutating func answer(_ call: AvayaCall) throws(AvayaRefusal) -> AvayaReply {
        switch (call.method, call.path.first) {
        case (_, "oauth2"): return try answerAccounts(call)
        case (_, "storage"): return try answerStorage(call)
        case (_, "api"): break
        default: throw .notFound
        }
        let path = Array(call.path.dropFirst())
        switch (call.method, path.first) {
        case ("POST", "anonymous") where path.dropFirst() == ["auth"]: return try logInGuest(call)
        case ("GET", "service-configurations"): return configurations
        case ("GET", "flavor"): return flavor(path)
        case ("GET", "limit"): return AvayaReply(limits)
        default: break
        }
        let user = try authenticated(call)
        try keepRate(call, user.id)
        switch path.first {
        case "users": return try answerUsers(call, Array(path.dropFirst()), user)
        case "spaces", "topics": return try answerSpaces(call, Array(path.dropFirst()), user)
        case "messages": return try answerMessages(call, Array(path.dropFirst()), user)
        case "ideas", "tasks": return try answerComments(call, path, user)
        case "files": return try answerFiles(call, Array(path.dropFirst()), user)
        default: throw .notFound
        }
    }

    private mutating func answerUsers(
        _ call: AvayaCall, _ path: [String], _ user: AvayaUser
    ) throws(AvayaRefusal) -> AvayaReply {
        guard path.first == "me" else { throw .notFound }
        switch (call.method, path.count, path.dropFirst().first) {
        case ("GET", 1, _): return single(json(me: user))
        case ("GET", 2, "spaces"), ("GET", 2, "topics"): return try listSpaces(call, user)
        case ("GET", 2, "messages"): return try listFeed(call, user)
        case ("POST", 4, "spaces") where path[3] == "markread": return try markRead(call, path[2], user)
        case ("POST", 4, "spaces") where path[3] == "preference": return try prefer(call, path[2], user)
        default: throw .notFound
        }
    }

    private mutating func answerSpaces(
        _ call: AvayaCall, _ path: [String], _ user: AvayaUser
    ) throws(AvayaRefusal) -> AvayaReply {
        switch (call.method, path.count, path.last) {
        case ("POST", 1, "invite"): return try createSpace(call, user)
        case ("GET", 1, _): return try getSpace(call, path[0], user)
        case ("POST", 1, _): return try updateSpace(call, path[0], user)
        case ("GET", 3, "join") where path[0] == "invites": return try acceptInvitation(call, path[1], user)
        case ("GET", 3, _) where path[0] == "direct": return try directSpace(call, path[1], path[2], user)
        case ("GET", 2, "join"): return try join(call, path[0], user)
        case ("POST", 2, "invite"): return try invite(call, path[0], user)
        case ("GET", 2, "members"): return try listMembers(call, path[0], user)
        case ("POST", 2, "chats"): return try post("chat", call, path[0], user)
        case ("POST", 2, "ideas"): return try post("idea", call, path[0], user)
        case ("POST", 2, "tasks"): return try post("task", call, path[0], user)
        case ("GET", 2, "ideas"): return try query(call, path[0], user, only: "idea")
        case ("GET", 2, "tasks"): return try query(call, path[0], user, only: "task")
        case ("GET", 3, "query") where path[1] == "messages": return try query(call, path[0], user)
        case ("GET", 3, "byref") where path[1] == "messages": return try query(call, path[0], user, isByReference: true)
        default: throw .notFound
        }
    }

    /// As an object by itself, or as the rest of the API answers.
    func single(_ object: JSON) -> AvayaReply {
        AvayaReply(behavior.answersBareObjects ? object : .members(("data", object)))
    }
}
