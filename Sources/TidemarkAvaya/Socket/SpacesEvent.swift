package import Foundation
package import HTTPTypes
package import TidemarkModel

/// The names of the socket's events (wire page §6).
package enum SpacesEvent {
    package static let subscribe = "SUBSCRIBE_CHANNEL"
    package static let unsubscribe = "UNSUBSCRIBE_CHANNEL"
    package static let send = "SEND_MESSAGE"
    package static let subscribed = "CHANNEL_SUBSCRIBED"
    package static let unsubscribed = "CHANNEL_UNSUBSCRIBED"
    package static let subscribeFailed = "SUBSCRIBE_CHANNEL_FAILED"
    package static let sent = "MESSAGE_SENT"
    package static let sendFailed = "SEND_MESSAGE_FAILED"
    package static let presence = "PRESENCE_EVENT_RESPONSE"

    package static let sendPresence = "SEND_PRESENCE_EVENT"
    package static let typingCategory = "party.typing"

    static let namespace = "/chat"
    static let subscriptionRequired = "app.event.channel.subscription.required"
    /// The member of `loopbackMetadata` that holds a send's token.
    package static let loopbackToken = "token"

    static func frame(_ name: String, _ payload: SocketJSON) -> String {
        EngineFrame.message(SocketPacket(.event(name, [payload]), namespace: namespace)).text
    }

    static func subscribing(_ space: RemoteConversationID, password: String?) -> String {
        frame(subscribe, SocketJSON(members: [("channel", channel(space, password: password))]))
    }

    static func unsubscribing(_ space: RemoteConversationID) -> String {
        frame(unsubscribe, SocketJSON(members: [("channel", channel(space, password: nil))]))
    }

    private static func channel(_ space: RemoteConversationID, password: String?) -> SocketJSON {
        SocketJSON(members: [
            ("_id", SocketJSON(string: space.rawValue)), ("type", SocketJSON(string: "topic")),
            ("password", password.map { SocketJSON(string: $0) }),
        ])
    }

    /// Without a sender: the service takes the connection's user (wire page §6, inferred).
    static func sending(_ message: SpacesMessage) -> String {
        let content = SocketJSON(members: [("bodyText", SocketJSON(string: message.body)), ("data", message.attachments)])
        let parent = message.parent.map { SocketJSON(members: [("_id", SocketJSON(string: $0.rawValue))]) }
        let payload = SocketJSON(members: [
            ("content", content), ("topicId", SocketJSON(string: message.space.rawValue)),
            ("category", SocketJSON(string: message.category)), ("parentMsg", parent),
            ("loopbackMetadata", SocketJSON(members: [(loopbackToken, SocketJSON(string: message.token.rawValue))])),
        ])
        return frame(send, payload)
    }

    /// The content names a state of the user; one that is writing is neither idle nor away.
    static func typing(in space: RemoteConversationID) -> String {
        let content = SocketJSON(members: [("idle", SocketJSON(bool: false)), ("offline", SocketJSON(bool: false))])
        return frame(
            sendPresence,
            SocketJSON(members: [
                ("category", SocketJSON(string: typingCategory)), ("topicId", SocketJSON(string: space.rawValue)),
                ("content", content),
            ]))
    }

    /// The token of a send that came back.
    package static func token(in payload: SocketJSON) -> Token? {
        payload["loopbackMetadata"]?[loopbackToken]?.text.map { Token(rawValue: $0) }
    }

    /// What a connection proves its user with: in the handshake's address and in the namespace's name.
    static func query(_ access: AvayaAccess) -> String {
        let type = access.scheme == .bearer ? "oauth" : "jwt"
        return "token=\(encoded(access.token))&tokenType=\(type)"
    }

    static func joining(_ access: AvayaAccess) -> String {
        EngineFrame.message(SocketPacket(.connect, namespace: namespace, query: query(access))).text
    }

    /// The handshake's request; `nil` if the endpoint has no host.
    package static func request(_ endpoint: URL, _ access: AvayaAccess) -> HTTPRequest? {
        guard let scheme = endpoint.scheme, let host = endpoint.host() else { return nil }
        let base = endpoint.path(percentEncoded: true)
        let path = (base.hasSuffix("/") ? String(base.dropLast()) : base) + "/socket.io/"
        return HTTPRequest(
            method: .get, scheme: ["wss": "https", "ws": "http"][scheme] ?? scheme,
            authority: host + (endpoint.port.map { ":\($0)" } ?? ""),
            path: "\(path)?\(query(access))&EIO=3&transport=websocket")
    }

    /// Only what needs no escape anywhere stays as it is; a comma would end the namespace.
    private static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: result.unicodeScalars.append(.init(byte))
            default: result += "%" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}
