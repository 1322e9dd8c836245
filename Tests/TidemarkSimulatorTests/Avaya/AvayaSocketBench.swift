import TidemarkModel
@testable import TidemarkSimulator

/// Sockets of a simulator without a network.
extension AvayaBench {
    /// What a connection was told, as texts; an end is `closed` or `cut`.
    static func told(_ sends: [AvayaSocketSend], _ connection: Int? = nil) -> [String] {
        sends.filter { connection == nil || $0.connection == connection }.map { send in
            switch send.output {
            case .text(let text): text
            case .close(let status): "closed \(status)"
            case .cut: "cut"
            }
        }
    }

    /// The payloads of an event among frames.
    static func payloads(_ sends: [AvayaSocketSend], _ event: String, to connection: Int? = nil) -> [JSON] {
        told(sends, connection).compactMap { text in
            let start = "42/chat,"
            guard text.hasPrefix(start), let items = JSON(Array(text.dropFirst(start.count).utf8))?.list else { return nil }
            return items.first?.text == event ? items.last : nil
        }
    }

    static let handshake = "&EIO=3&transport=websocket"

    mutating func open(_ token: String, _ more: String = "&tokenType=jwt") -> AvayaSocketOpening {
        now += 5
        return avaya.open("/socket.io/?token=\(token)\(more)\(Self.handshake)", now: time)
    }

    /// A connection of the user of a number, in the namespace, subscribed to spaces.
    mutating func connect(as user: Int = 0, _ spaces: String...) -> Int {
        guard case .opened(let connection, _) = open(avaya.users[user].token) else { return 0 }
        hear("40/chat", on: connection)
        for space in spaces { hear(Self.subscription(space), on: connection) }
        return connection
    }

    static func subscription(_ space: String, _ name: String = "SUBSCRIBE_CHANNEL") -> String {
        AvayaPacket.event(name, .members(("channel", .members(("_id", .text(space)), ("type", .text("topic"))))))
    }

    static func message(_ text: String, in space: String, _ more: (String, JSON?)...) -> String {
        let members: [(String, JSON)] = [
            ("category", .text("chat")), ("topicId", .text(space)), ("content", .members(("bodyText", .text(text)))),
        ]
        return AvayaPacket.event("SEND_MESSAGE", .object(members + more.compactMap { name, value in value.map { (name, $0) } }))
    }

    @discardableResult
    mutating func hear(_ text: String, on connection: Int) -> [AvayaSocketSend] {
        now += 5
        return avaya.receive(text, on: connection, now: time)
    }

    mutating func wait(_ milliseconds: Int64) -> [AvayaSocketSend] {
        now += milliseconds
        return avaya.tick(now: time)
    }
}
