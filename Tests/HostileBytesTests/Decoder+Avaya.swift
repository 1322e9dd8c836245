import Foundation
import HTTPTypes
import TidemarkAvaya
import TidemarkModel

extension Decoder {
    var isOfAvaya: Bool { rawValue.hasPrefix("avaya") && !isOfAvayaSocket }

    private static let space: RemoteConversationID = "5f2276a8fe5c16664f01c5be"
    private static let message: RemoteMessageID = "5f2a9df91c85f02eb068a4e0"

    private static let pages: [PageRequest] = [
        PageRequest(.conversations), PageRequest(.conversation(space)), PageRequest(.messages(in: space)),
        PageRequest(.messages(in: space), startTime: Timestamp(milliseconds: .min)), PageRequest(.message(message, in: space)),
        PageRequest(.participants(in: space)), PageRequest(.participants(in: space), resultsPerPage: 2, skip: 1),
        PageRequest(.participants(in: space), skip: .max), PageRequest(.receipts(in: space)),
    ]

    private static let verbs: [Delivery.Action] = [
        .createConversation(topic: "Trip", participants: []), .send(OutgoingMessage("hi"), in: space),
        .edit(message, text: "hi", metadata: [:], in: space), .delete(message, in: space), .markRead(message, in: space),
        .rename(space, topic: "Trip"), .addParticipants([], in: space),
    ]

    /// Returns how many readings gave a value.
    func avaya(_ bytes: [UInt8]) -> Int {
        let wire = AvayaChatWire(endpoint: URL(string: Self.endpoint) ?? URL(filePath: "/"))
        switch self {
        case .avayaPage: return Self.pages.count { Self.holds(Self.avayaResponse(200, bytes), $0, wire) }
        case .avayaAnswer: return Self.answers(bytes, wire)
        case .avayaFailure: return Self.failures(bytes, wire)
        case .avayaEvent:
            return ["MESSAGE_SENT", "PRESENCE_EVENT_RESPONSE"].count { name in
                ((try? wire.events(named: name, payload: bytes)) ?? []).isEmpty == false
            }
        case .avayaBody: return Self.body(String(decoding: bytes, as: UTF8.self))
        case .avayaLink: return Self.link(String(decoding: bytes, as: UTF8.self), wire)
        default: return 0
        }
    }

    /// What a page holds can be used: rejects are bounded, and no tombstone bears a text.
    private static func holds(_ response: TransportResponse, _ request: PageRequest, _ wire: AvayaChatWire) -> Bool {
        guard let page = try? wire.page(of: response, for: request) else { return false }
        precondition(page.rejects.allSatisfy { $0.raw.count <= Reject.maximumRawBytes }, "A reject is too large.")
        switch page.items {
        case .messages(let messages):
            precondition(messages.allSatisfy { $0.deletedAt == nil || $0.text == nil }, "A tombstone speaks.")
            precondition(messages.allSatisfy { ($0.serviceData?.utf8.count ?? 0) <= 8192 }, "The service's data is too large.")
            return !messages.isEmpty
        case .conversations(let conversations): return !conversations.isEmpty
        case .participants(let participants): return !participants.isEmpty
        case .receipts: return false
        }
    }

    private static func answers(_ bytes: [UInt8], _ wire: AvayaChatWire) -> Int {
        var read = 0
        for action in verbs {
            let delivery = Delivery(intent: IntentID(1), token: "t-1", action: action)
            let accepted = try? wire.acceptance(of: avayaResponse(200, bytes), for: delivery)
            if accepted?.message != nil || accepted?.conversation != nil { read += 1 }
        }
        let response = avayaResponse(200, bytes)
        if (try? wire.space(response, of: .me)) != nil { read += 1 }
        if (try? wire.user(response, of: .me)) != nil { read += 1 }
        if (try? wire.deletion(response, of: .me)) != nil { read += 1 }
        return read
    }

    private static func failures(_ bytes: [UInt8], _ wire: AvayaChatWire) -> Int {
        var read = 0
        for status in [400, 401, 403, 404, 413, 429, 500, 503, 302, 299] {
            let delivery = Delivery(intent: IntentID(1), token: "t-1", action: verbs[1])
            do throws(ServiceError) {
                _ = try wire.acceptance(of: avayaResponse(status, bytes), for: delivery)
            } catch {
                if error.serviceCode != nil { read += 1 }
            }
        }
        return read
    }

    /// Any text survives its encoding, and no body brings a script along.
    private static func body(_ text: String) -> Int {
        precondition(AvayaBody.decoded(AvayaBody.encoded(text: text)) == .text(text), "A text came back as another one.")
        precondition(AvayaBody.isSame(text, text), "A body is not the same as itself.")
        _ = AvayaBody.plainText(text)
        if case .html(let html) = AvayaBody.decoded(text) {
            precondition(html == text, "Markup was changed.")
            return 1
        }
        return 0
    }

    /// Wherever a link leads, it stays with the service.
    private static func link(_ text: String, _ wire: AvayaChatWire) -> Int {
        let json = JSONValue.object(["data": .array([]), "nextPageUrl": .string(text)])
        let page = try? wire.page(of: avayaResponse(200, json.bytes), for: PageRequest(.messages(in: space)))
        var followed = 0
        for cursor in [Cursor(text), page?.next].compactMap({ $0 }) {
            guard let built = try? wire.request(for: PageRequest(.messages(in: space), cursor: cursor)) else { continue }
            guard built.head.scheme == "https", built.head.authority == "chat.example",
                built.head.path?.hasPrefix("/api/") == true
            else { preconditionFailure("It left the service.") }
            followed += 1
        }
        return followed
    }

    private static func avayaResponse(_ status: Int, _ bytes: [UInt8]) -> TransportResponse {
        var head = HTTPResponse(status: .init(code: status))
        head.headerFields[.contentType] = "application/json"
        return TransportResponse(head: head, body: bytes)
    }

    var avayaSeeds: [String] {
        switch self {
        case .avayaPage: [#"{"data":[{"_id":"5f2a9df91c85f02eb068a4e0","deletedTime":"2020-08-05T11:54:33.290Z"}],"total":1}"#]
        case .avayaAnswer: [#"{"topic":{"_id":"s-1","title":"Trip","restrict":["x"]}}"#]
        case .avayaFailure: [#"{"code":"dotted.name","message":"Words"}"#]
        case .avayaBody:
            [
                "<p>two &amp; three</p>", "<b>x</b> &#x27;&#60; <!-- no --> y", "<script>alert(1)</script>",
                "a < b\r\n&amp;lt;<br/>&nbsp;", "<ul><li>1</li></ul><style>p{}</style>",
            ]
        case .avayaLink:
            [
                "https://chat.example/api/users/me/messages?spacelist=a&pageToken=b%2F", "/api/x?token=s&size=3",
                "?nextRefObjId=5",
                "query?x", "api/x", "end",
            ]
        default: []
        }
    }
}
