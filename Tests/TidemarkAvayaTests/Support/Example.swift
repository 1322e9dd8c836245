import Foundation
import HTTPTypes
import Testing
import TidemarkAvaya
import TidemarkModel

/// Values that the tests share. All of them are made up.
enum Example {
    static let space: RemoteConversationID = "5f2276a8fe5c16664f01c5be"
    static let otherSpace: RemoteConversationID = "5f2276a8fe5c16664f01c5bf"
    static let message: RemoteMessageID = "5f2a9df91c85f02eb068a4e0"
    static let ann: ParticipantID = "5efc5417aa4a347af96de290"
    static let bob: ParticipantID = "5efc5417aa4a347af96de291"
    static let token: Token = "0f5ce9a0-6f0f-4f0e-9d4e-3f6f4d0a1b2c"
    static let start = Timestamp(milliseconds: 1_700_000_000_000)

    static func url(_ text: String) throws -> URL {
        try #require(URL(string: text))
    }

    static func wire(
        at address: String = "https://spaces.example", passwords: [RemoteConversationID: String] = [:],
        as identity: ParticipantID? = nil
    ) throws -> AvayaChatWire {
        AvayaChatWire(endpoint: try url(address), passwords: passwords, identity: identity)
    }

    static func servers() throws -> AvayaServers {
        AvayaServers(
            rest: try url("https://spaces.example"), socket: try url("https://socket.example"),
            accounts: try url("https://accounts.example"))
    }

    static func delivery(
        _ action: Delivery.Action, as identity: ParticipantID? = nil, base: Int64? = nil, created: Timestamp? = nil
    ) -> Delivery {
        Delivery(
            intent: IntentID(1), token: token, action: action, identity: identity, baseVersion: base, targetCreatedAt: created)
    }

    /// A message as a listing has it, with more members or other ones.
    static func message(
        _ id: RemoteMessageID = message, body: String = "hello", category: String = "chat",
        created: String = "2020-08-05T11:54:33.290Z", modified: String = "2020-08-05T11:54:33.290Z", more: String = ""
    ) throws -> String {
        let text = try #require(String(bytes: try JSONEncoder().encode(body), encoding: .utf8))
        return #"""
            {"_id":"\#(id.rawValue)","category":"\#(category)","topicId":"\#(space.rawValue)",\#
            "sender":{"_id":"\#(ann.rawValue)","type":"user","username":"ann@example.com","displayname":"Ann"},\#
            "content":{"bodyText":\#(text),"data":[]},"created":"\#(created)","modified":"\#(modified)"\#(more)}
            """#
    }

    /// A token of the service's form. Nothing signs it.
    static func jwt(_ claims: String) -> String {
        let parts = [#"{"alg":"HS256"}"#, claims].map { text in
            Data(text.utf8).base64EncodedString().replacingOccurrences(of: "+", with: "-")
                .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
        }
        return parts.joined(separator: ".") + ".c2ln"
    }
}

extension WireRequest {
    /// `POST /api/…`
    var line: String { "\(head.method.rawValue) \(head.path ?? "")" }
    var text: String { String(decoding: body, as: UTF8.self) }
}

extension Page {
    var messages: [RemoteMessage] { if case .messages(let messages) = items { messages } else { [] } }
    var conversations: [RemoteConversation] { if case .conversations(let conversations) = items { conversations } else { [] } }
    var participants: [Participant] { if case .participants(let participants) = items { participants } else { [] } }
}
