import TidemarkModel

@testable import TidemarkAvaya

/// A socket and its time, moved by hand.
struct SocketDriver {
    static let space: RemoteConversationID = "5f2276a8fe5c16664f01c5be"
    static let other: RemoteConversationID = "5f2276a8fe5c16664f01c5bf"
    static let access = AvayaAccess(scheme: .jwt, token: "h.t-1_2.s,&")
    static let joining = "40/chat?token=h.t-1_2.s%2C%26&tokenType=jwt,"
    static let opening = #"0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":60000}"#

    var socket: SpacesSocket
    var now: Int64 = 1_000_000

    init(_ configuration: SpacesSocketConfiguration = SpacesSocketConfiguration(), lists: Bool = false, seed: UInt64 = 1) {
        socket = SpacesSocket(configuration, asksForSpaces: lists, seed: seed)
    }

    @discardableResult
    mutating func put(_ input: SpacesSocketInput) -> [SpacesSocketEffect] {
        socket.handle(input, at: now)
    }

    /// From the present connection.
    @discardableResult
    mutating func hear(_ text: String) -> [SpacesSocketEffect] {
        put(.text(text, connection: socket.connection))
    }

    @discardableResult
    mutating func hear(_ event: String, _ payload: String) -> [SpacesSocketEffect] {
        hear("42/chat,[\"\(event)\",\(payload)]")
    }

    /// Moves to the next moment at which something is due.
    @discardableResult
    mutating func wake() -> [SpacesSocketEffect] {
        if let time = socket.wakeUp { now = max(now, time) }
        return put(.tick)
    }

    @discardableResult
    mutating func pass(_ milliseconds: Int64) -> [SpacesSocketEffect] {
        now += milliseconds
        return put(.tick)
    }

    /// Up to the open connection.
    @discardableResult
    mutating func open() -> [SpacesSocketEffect] {
        var effects = put(.start)
        if effects.isEmpty { effects = wake() }
        return effects + put(.opened(connection: socket.connection, Self.access))
    }

    /// Up to the open namespace.
    @discardableResult
    mutating func join() -> [SpacesSocketEffect] {
        open() + hear(Self.opening) + hear("40") + hear("40/chat")
    }

    /// Up to a space that is subscribed to.
    @discardableResult
    mutating func enter(_ space: RemoteConversationID = Self.space) -> [SpacesSocketEffect] {
        var effects = put(.subscribe(space, password: nil))
        if !socket.isReady { effects += join() }
        return effects + confirm(space)
    }

    @discardableResult
    mutating func confirm(_ space: RemoteConversationID) -> [SpacesSocketEffect] {
        hear("CHANNEL_SUBSCRIBED", #"{"channel":{"_id":"\#(space)","type":"topic"},"dtsid":"1","sessionId":"s"}"#)
    }

    @discardableResult
    mutating func drop() -> [SpacesSocketEffect] {
        put(.closed(.lost, connection: socket.connection))
    }

    @discardableResult
    mutating func send(_ token: Token, _ body: String = "hi", to space: RemoteConversationID = Self.space) -> [SpacesSocketEffect]
    {
        put(.send(SpacesMessage(token: token, space: space, body: body)))
    }

    static func message(
        _ id: String, token: Token? = nil, modified: String = "2026-01-05T10:00:00.000Z", category: String = "chat"
    ) -> String {
        let loopback = token.map { #","loopbackMetadata":{"token":"\#($0)"}"# } ?? ""
        return #"{"_id":"\#(id)","category":"\#(category)","topicId":"\#(space)","modified":"\#(modified)"\#(loopback)}"#
    }
}

extension [SpacesSocketEffect] {
    var written: [String] {
        compactMap { if case .write(let text, _) = $0 { text } else { nil } }
    }

    var news: [SpacesSocketNews] {
        compactMap { if case .tell(let news) = $0 { news } else { nil } }
    }

    var settled: [Token: Result<RemoteMessageID, ServiceError>] {
        reduce(into: [:]) { if case .settle(let token, let result) = $1 { $0[token] = result } }
    }

    var connects: [Bool] {
        compactMap { if case .connect(_, let renewing) = $0 { renewing } else { nil } }
    }

    var closes: Int { count { if case .close = $0 { true } else { false } } }
}
