import Foundation
import HTTPTypes
import TidemarkModel
import TidemarkSimulator

/// What the simulators read from outside. LiveKit's: requests in both forms, tokens, and the hub's lines; Avaya's: bodies,
/// targets and sockets' frames.
enum SimulatorDecoder: String, CaseIterable, Sendable {
    case json, protobuf, token, join, packet, lines
    case avayaBody, avayaTarget, avayaFrame

    private static let time = Timestamp(milliseconds: 1_700_000_000_000)
    private static let procedures = [
        "SendData", "ListRooms", "ListParticipants", "GetParticipant", "RemoveParticipant", "CreateRoom", "DeleteRoom",
    ]

    /// A server with an open room and somebody in it.
    private static let server: LiveKitSimulator = {
        var server = LiveKitSimulator(apiKey: "APIsharedDevKey", apiSecret: "shared-secret-for-golden-tokens-0001")
        server.open("lobby", now: time)
        _ = server.join("lobby", as: "alice", now: time)
        return server
    }()

    private static let goodToken: String = {
        var grants = LiveKitGrants()
        grants.roomAdmin = true
        grants.roomCreate = true
        grants.roomList = true
        grants.room = "lobby"
        return server.token(grants, now: time)
    }()

    /// Reads the bytes in every way there is; gives how many readings succeeded.
    func read(_ bytes: [UInt8]) -> Int {
        switch self {
        case .json: return Self.procedures.count { Self.call($0, bytes, "application/json", Self.goodToken) }
        case .protobuf: return Self.procedures.count { Self.call($0, bytes, "application/protobuf", Self.goodToken) }
        case .token:
            // A field of a header holds no control characters, whatever it is given.
            let text = String(decoding: bytes.prefix(4000).filter { (0x20...0x7E).contains($0) }, as: UTF8.self)
            return Self.call("ListRooms", Array("{}".utf8), "application/json", text) ? 1 : 0
        case .join: return (try? LiveKitHubLine.join(bytes)) == nil ? 0 : 1
        case .packet:
            guard let packet = try? LiveKitHubLine.packet(bytes) else { return 0 }
            var server = Self.server
            guard let bob = server.join("lobby", as: "bob", now: Self.time) else { return 0 }
            server.publish(packet, by: bob, now: Self.time)
            // What was taken can be told again.
            return server.accepted.isEmpty || LiveKitHubLine.line(packet, receivedAt: Self.time).isEmpty ? 0 : 1
        case .lines:
            var lines = LiveKitHubLines(limit: 100)
            let found = lines.feed(bytes)
            precondition(found.allSatisfy { if case .whole(let line) = $0 { line.count <= 100 } else { true } }, "It held more.")
            return found.isEmpty ? 0 : 1
        case .avayaBody, .avayaTarget, .avayaFrame: return readByAvaya(bytes)
        }
    }

    private static func call(_ procedure: String, _ body: [UInt8], _ type: String, _ token: String) -> Bool {
        var head = HTTPRequest(
            method: .post, scheme: "http", authority: "x", path: "/twirp/livekit.RoomService/\(procedure)")
        head.headerFields[.contentType] = type
        head.headerFields[.authorization] = "Bearer \(token)"
        var server = Self.server
        let answer = server.respond(to: head, body: body, now: time)
        // Whatever it is, it is answered as the server answers.
        precondition([200, 400, 401, 404, 413, 503].contains(answer.head.status.code), "It answered something else.")
        return answer.head.status.code == 200
    }

    /// What it reads when it is well.
    var seeds: [[UInt8]] {
        switch self {
        case .json:
            [
                #"{"room":"lobby","data":"AP8=","topic":"lk-chat-topic","nonce":"22Hb6C3dVKee9EEn/rYpCQ=="}"#,
                #"{"room":"lobby","kind":"LOSSY","destinationIdentities":["alice","bob"],"destination_sids":[],"identity":"alice"}"#,
                #"{"name":"new","empty_timeout":300,"departureTimeout":"20","metadata":"m","names":["lobby"]}"#,
            ].map { Array($0.utf8) }
        case .protobuf:
            [
                "CgVsb2JieRICAP8=", "CgVsb2JieQ==",
                "CgVsb2JieRICe30YASoUbGstY2hhdC11cGRhdGUtdG9waWMyBWFsaWNlMgNib2I6ENth2+gt3VSnnvRBJ/62KQk=",
            ].compactMap { Data(base64Encoded: $0).map(Array.init) }
        case .token: [Array(Self.goodToken.utf8)]
        case .join: [Array(#"{"room":"lobby","identity":"alice","name":"A","hidden":true,"can_publish_data":false}"#.utf8)]
        case .packet:
            [
                #"{"topic":"lk-chat-topic","payload_base64":"aGk=","identity":null}"#,
                #"{"topic":null,"payload_base64":"","reliable":false,"destination_identities":["a"],"stream_id":"s","timestamp":5}"#,
                #"{"topic":"lk.chat","payload_base64":"aGk=","attributes":{"a":"1"}}"#,
            ].map { Array($0.utf8) }
        case .avayaBody, .avayaTarget, .avayaFrame: seedsOfAvaya
        case .lines: [Array("one\n\ntwo\n{\"topic\":\"t\"}\n".utf8)]
        }
    }
}
