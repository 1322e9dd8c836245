import HTTPTypes
import TidemarkModel
@testable import TidemarkSimulator

/// Calls the LiveKit simulator without a client, and moves its time.
struct LiveKitBench {
    struct Answer {
        var status: Int
        var bytes: [UInt8]
        var type: String

        var json: JSON? { JSON(bytes) }
        var text: String { String(decoding: bytes, as: UTF8.self) }
        var code: String? { json?["code"]?.text }
    }

    var livekit: LiveKitSimulator
    var now: Int64 = 1_700_000_000_000

    static let key = "APIsharedDevKey"
    static let secret = "shared-secret-for-golden-tokens-0001"

    init(seed: UInt64 = 1, open rooms: [String] = ["lobby"], _ change: (inout LiveKitBehavior) -> Void = { _ in }) {
        var behavior = LiveKitBehavior()
        change(&behavior)
        livekit = LiveKitSimulator(apiKey: Self.key, apiSecret: Self.secret, seed: seed, behavior: behavior)
        for room in rooms { livekit.open(room, now: time) }
    }

    var time: Timestamp { Timestamp(milliseconds: now) }

    func token(room: String = "lobby", _ change: (inout LiveKitGrants) -> Void = { _ in }) -> String {
        var grants = LiveKitGrants()
        grants.roomAdmin = true
        grants.roomCreate = true
        grants.roomList = true
        grants.room = room
        change(&grants)
        return livekit.token(grants, now: time)
    }

    @discardableResult
    mutating func call(
        _ procedure: String, _ body: [UInt8], type: String = "application/json", token: String? = nil, method: String = "POST"
    ) -> Answer {
        var request = HTTPRequest(
            method: HTTPRequest.Method(method) ?? .post, scheme: "http", authority: "simulated.livekit.example",
            path: procedure.hasPrefix("/") ? procedure : LiveKitCall.service + procedure)
        request.headerFields[.contentType] = type
        let token = token ?? self.token()
        if !token.isEmpty { request.headerFields[.authorization] = token.contains(" ") ? token : "Bearer " + token }
        let response = livekit.respond(to: request, body: body, now: time)
        return Answer(
            status: response.head.status.code, bytes: response.body, type: response.head.headerFields[.contentType] ?? "")
    }

    @discardableResult
    mutating func call(
        _ procedure: String, _ body: String, type: String = "application/json", token: String? = nil, method: String = "POST"
    ) -> Answer {
        call(procedure, Array(body.utf8), type: type, token: token, method: method)
    }

    /// Sends a text through the room service.
    @discardableResult
    mutating func send(_ text: String, nonce: UInt8? = nil, to room: String = "lobby", more: String = "") -> Answer {
        let nonce = nonce.map { #","nonce":"\#(WireText.base64(Array(repeating: $0, count: 16)))""# } ?? ""
        let data = WireText.base64(Array(text.utf8))
        return call(
            "SendData", #"{"room":"\#(room)","topic":"lk-chat-topic","data":"\#(data)"\#(nonce)\#(more)}"#,
            token: token(room: room))
    }

    mutating func join(_ identity: String, _ room: String = "lobby") -> String {
        livekit.join(room, as: identity, now: time) ?? ""
    }

    mutating func publish(_ text: String, by sid: String, _ change: (inout SimulatedPacket) -> Void = { _ in }) {
        var packet = SimulatedPacket(topic: "lk-chat-topic", payload: Array(text.utf8))
        change(&packet)
        livekit.publish(packet, by: sid, now: time)
    }

    /// What has arrived at somebody, as texts.
    mutating func texts(_ sid: String) -> [String] {
        livekit.take(for: sid, now: time).map { String(decoding: $0.payload, as: UTF8.self) }
    }
}
