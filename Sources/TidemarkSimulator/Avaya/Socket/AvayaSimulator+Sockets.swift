public import TidemarkModel

/// The socket service as a value: frames in, frames out, and time. Its facts are those of the wire page §6.
extension AvayaSimulator {
    /// The most connections of one user (wire page §8).
    static let mostConnections = 3
    /// The most bytes of an event's JSON.
    static let mostEventBytes = 16 * 1024
    /// Who doesn't take what it is told is let go.
    static let mostWaiting = 5_000

    /// How many connections are open.
    public var connectionCount: Int { sockets.count }

    /// The connections in whose namespace a user is.
    public func connections(of user: String) -> [Int] { sockets.filter { $0.user == user }.map(\.number) }

    /// Why a request for a socket is refused; `nil` if it may be opened. Only WebSockets are served, and only engine.io 3.
    public func refusal(ofSocket target: String, now: Timestamp) -> (status: Int, body: [UInt8])? {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard ["/socket.io/", "/socket.io"].contains(parts[0]) else { return Self.refusal(404, -1, "Not found") }
        let query = Self.socketQuery(target)
        guard query["transport"] == "websocket" else { return Self.refusal(400, 0, "Transport unknown") }
        guard query["EIO"] == "3" else { return Self.refusal(400, 5, "Unsupported protocol version") }
        if behavior.checksTokenAtHandshake,
            user(of: query["token"] ?? "", isOAuth: query["tokenType"] == "oauth", now: now.milliseconds) == nil
        {
            return Self.refusal(401, 4, "Unauthorized")
        }
        return nil
    }

    private static func refusal(_ status: Int, _ code: Int64, _ message: String) -> (Int, [UInt8]) {
        (status, JSON.members(("code", .number(code)), ("message", .text(message))).bytes)
    }

    private static func socketQuery(_ target: String) -> [String: String] {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return Dictionary(AvayaCall.pairs(parts.count > 1 ? parts[1] : "")) { first, _ in first }
    }

    /// A request for a WebSocket with this target: `/socket.io/?token=…&tokenType=jwt&EIO=3&transport=websocket`.
    public mutating func open(_ target: String, now: Timestamp) -> AvayaSocketOpening {
        if let (status, body) = refusal(ofSocket: target, now: now) { return .refused(status: status, body: body) }
        return .opened(admit(target, now: now), tick(now: now))
    }

    /// Opens a connection that is not refused. Its first frames are due at the next ``tick(now:)``.
    public mutating func admit(_ target: String, now: Timestamp) -> Int {
        let query = Self.socketQuery(target)
        lastSocket += 1
        let sid = uuid()
        let socket = AvayaSocket(
            number: lastSocket, sid: sid, token: query["token"] ?? "", isOAuth: query["tokenType"] == "oauth",
            lastHeard: now.milliseconds)
        sockets.append(socket)
        let facts = JSON.members(
            ("sid", .text(sid)), ("upgrades", .list([])), ("pingInterval", .number(behavior.pingInterval)),
            ("pingTimeout", .number(behavior.pingTimeout)))
        say("0" + facts.written, to: lastSocket, at: now.milliseconds)
        say("40", to: lastSocket, at: now.milliseconds)
        return lastSocket
    }

    /// A text frame of a client. Gives what is due to anybody then.
    public mutating func receive(_ text: String, on connection: Int, now: Timestamp) -> [AvayaSocketSend] {
        hear(text, on: connection, now: now)
        return tick(now: now)
    }

    /// As ``receive(_:on:now:)``; what it causes is due at the next ``tick(now:)``.
    public mutating func hear(_ text: String, on connection: Int, now: Timestamp) {
        guard let index = socketIndex(connection), !sockets[index].isSilent else { return }
        sockets[index].lastHeard = now.milliseconds
        switch AvayaPacket(text) {
        case .ping(let payload): say("3" + payload, to: connection, at: now.milliseconds)
        case .connect(let namespace, let query): enter(namespace, query, index, now.milliseconds)
        case .disconnect("/chat"): leave(index)
        case .disconnect, .closing: end(connection, .close(1000), at: now.milliseconds)
        case .event("/chat", let acknowledgement, let name, let arguments):
            take(name, arguments.first ?? .null, acknowledgement, text.utf8.count, on: index, now.milliseconds)
        case .event, .pong, .noop, .acknowledgement, nil: break
        }
    }

    /// The client went, with or without a closing frame.
    public mutating func close(_ connection: Int) {
        sockets.removeAll { $0.number == connection }
        outbox.removeAll { $0.connection == connection }
    }

    /// Whoever was connected is not any more: for a simulator that goes on after a rest.
    public mutating func closeSockets() {
        sockets = []
        outbox = []
    }

    /// The connection breaks: nothing that was on its way arrives.
    public mutating func cut(_ connection: Int, now: Timestamp) {
        guard socketIndex(connection) != nil else { return }
        outbox.removeAll { $0.connection == connection }
        end(connection, .cut, at: now.milliseconds)
    }

    /// From now on nothing passes on a connection, and nobody is told.
    public mutating func silence(_ connection: Int) {
        guard let index = socketIndex(connection) else { return }
        sockets[index].isSilent = true
        outbox.removeAll { $0.connection == connection }
    }

    /// Lets time pass: ends what timed out or has no right any more, and gives what is due.
    public mutating func tick(now: Timestamp) -> [AvayaSocketSend] {
        for socket in sockets {
            if now.milliseconds - socket.lastHeard > behavior.pingInterval + behavior.pingTimeout {
                end(socket.number, .close(1000), at: now.milliseconds)
            } else if !behavior.socketsOutliveTokens, socket.user != nil,
                user(of: socket.token, isOAuth: socket.isOAuth, now: now.milliseconds) == nil
            {
                say("41/chat", to: socket.number, at: now.milliseconds)
                end(socket.number, .close(1000), at: now.milliseconds)
            }
        }
        guard outbox.contains(where: { $0.at <= now.milliseconds }) else { return [] }
        let due = outbox.filter { $0.at <= now.milliseconds }
        outbox.removeAll { $0.at <= now.milliseconds }
        return due
    }

    /// When ``tick(now:)`` may next have something to do, in Unix milliseconds.
    public var nextTick: Int64? {
        let limit = behavior.pingInterval + behavior.pingTimeout + 1
        let ends = sockets.map { socket in
            let expiry = behavior.socketsOutliveTokens || socket.user == nil ? nil : tokens[socket.token]?.expiresAt
            return min(socket.lastHeard + limit, expiry ?? .max)
        }
        return (ends + outbox.map(\.at)).min()
    }

    // MARK: Connections

    func socketIndex(_ connection: Int) -> Int? { sockets.firstIndex { $0.number == connection } }

    mutating func say(_ text: String, to connection: Int, at time: Int64) {
        guard let index = socketIndex(connection), !sockets[index].isSilent else { return }
        guard outbox.count < Self.mostWaiting else {
            outbox.removeAll { $0.connection == connection }
            return end(connection, .cut, at: min(time, sockets[index].lastHeard))
        }
        outbox.append(AvayaSocketSend(connection: connection, output: .text(text), at: time))
    }

    /// Ends a connection from this side.
    mutating func end(_ connection: Int, _ output: AvayaSocketOutput, at time: Int64) {
        // What was to come later never comes.
        outbox.removeAll { $0.connection == connection && $0.at > time }
        outbox.append(AvayaSocketSend(connection: connection, output: output, at: time))
        sockets.removeAll { $0.number == connection }
    }

    /// `/chat` proves its user again, with a query of its own or with the handshake's token.
    private mutating func enter(_ namespace: String, _ query: String, _ index: Int, _ now: Int64) {
        let connection = sockets[index].number
        guard namespace == "/chat" else {
            return say(AvayaPacket.refusal(namespace, "Invalid namespace"), to: connection, at: now)
        }
        let own = Dictionary(AvayaCall.pairs(Substring(query))) { first, _ in first }
        if let token = own["token"] {
            sockets[index].token = token
            sockets[index].isOAuth = own["tokenType"] == "oauth"
        }
        guard let user = user(of: sockets[index].token, isOAuth: sockets[index].isOAuth, now: now) else {
            return say(AvayaPacket.refusal("/chat", "Authentication error"), to: connection, at: now)
        }
        let others = sockets.filter { $0.user == user.id && $0.number != connection }
        if others.count >= Self.mostConnections {
            guard behavior.newestConnectionWins, let oldest = others.min(by: { $0.order < $1.order }) else {
                return say(AvayaPacket.refusal("/chat", "Too many connections"), to: connection, at: now)
            }
            end(oldest.number, .close(1000), at: now)
        }
        guard let index = socketIndex(connection) else { return }
        lastOrder += 1
        sockets[index].user = user.id
        sockets[index].order = lastOrder
        say(behavior.confirmsWithComma ? "40/chat," : "40/chat", to: connection, at: now)
    }

    private mutating func leave(_ index: Int) {
        sockets[index].user = nil
        sockets[index].subscriptions = []
    }
}
