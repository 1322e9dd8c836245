import Foundation
import HTTPTypes
import TidemarkLiveKit
import TidemarkModel

extension Decoder {
    var isOfLiveKit: Bool { rawValue.hasPrefix("liveKit") }

    /// Returns how many readings gave a value. What is read has to be usable: a message from it can be written again.
    func liveKit(_ bytes: [UInt8]) -> Int {
        switch self {
        case .liveKitPacket:
            [LiveKitTopic.chat, LiveKitTopic.update].count { observed(LiveKitPacket(topic: $0, payload: bytes, identity: "a")) }
        case .liveKitStream:
            observed(LiveKitPacket(topic: LiveKitTopic.stream, payload: bytes, stream: LiveKitStream(id: "s"))) ? 1 : 0
        case .liveKitLine: line(bytes) ? 1 : 0
        case .liveKitAnswer: Self.answers(bytes)
        default: 0
        }
    }

    private func observed(_ packet: LiveKitPacket) -> Bool {
        let wire = LiveKitChatWire(readsTextStreams: self == .liveKitStream)
        guard case .observation(let observation) = wire.read(packet) else { return false }
        var room = LiveKitRoom(name: "lobby")
        room.receive(packet, as: wire)
        precondition(room.messages.count == 1 && room.receive(packet, as: wire) == .duplicate, "It was not merged once.")
        let message = LiveKitChatMessage(observation, now: Timestamp(milliseconds: 1))
        guard let json = try? message.json(.compact), (try? message.json(.python)) != nil else { return true }
        let again = try? LiveKitChatMessage(json: json, now: Timestamp(milliseconds: 1))
        precondition(again == nil || again?.id == message.id, "It became another message.")
        return true
    }

    /// What a bridge writes, down to what its packets and the headers of its streams say.
    private func line(_ bytes: [UInt8]) -> Bool {
        var splitter = LineSplitter(maximumBytes: 4_096)
        let pieces = splitter.push(bytes) + (splitter.finish().map { [$0] } ?? [])
        return pieces.contains { piece in
            guard case .line(let line) = piece, case .packet(let packet) = BridgeLine(line) else { return false }
            _ = BridgeLine.publishing(packet.payload, topic: packet.topic ?? "")
            for readsStreams in [true, false] {
                let adapter = LiveKitRoomAdapter(
                    room: "lobby", participant: "me",
                    configuration: LiveKitServiceConfiguration(wire: LiveKitChatWire(readsTextStreams: readsStreams)))
                precondition(
                    adapter.events(for: packet, underWay: [:], at: Timestamp(milliseconds: 1)).count < 2, "It became several.")
            }
            return true
        }
    }

    private static func answers(_ bytes: [UInt8]) -> Int {
        let wire = LiveKitRoomWire(endpoint: URL(filePath: "/"))
        var read = 0
        for status in [200, 400, 401, 404, 503] {
            let response = TransportResponse(head: HTTPResponse(status: .init(code: status)), body: bytes)
            if let people = try? wire.participants(of: response), !people.isEmpty { read += 1 }
            if let rooms = try? wire.rooms(of: response), !rooms.isEmpty { read += 1 }
            if (try? wire.createdRoom(of: response)) != nil { read += 1 }
            if (try? wire.checkSent(response)) != nil, bytes.count < 3 { read += 1 }
            attempt(wire, response)
        }
        return read
    }

    /// A send that hears this from the server whatever it asks comes to an end, and nothing is certain that is not.
    private static func attempt(_ wire: LiveKitRoomWire, _ response: TransportResponse) {
        let adapter = LiveKitRoomAdapter(room: "lobby", participant: nil, hasChannel: false, server: wire)
        let delivery = Delivery(
            intent: IntentID(1), token: "t-1", action: .send(OutgoingMessage("hi"), in: "lobby"), room: "RM_abc")
        var attempt = adapter.attempt(delivery, at: Timestamp(milliseconds: 1))
        for _ in 0..<10 {
            guard case .call = attempt.next(Timestamp(milliseconds: 2)) else { return }
            attempt.answered(response)
        }
        preconditionFailure("It asks for ever.")
    }

    var liveKitSeeds: [String] {
        switch self {
        case .liveKitPacket:
            [
                #"{"id": "aB3dE5gH7jK9", "message": "p\u00e4r \ud83d\udc4b", "timestamp": 1700000000123}"#,
                #"{"id":"i","timestamp":1700000000123,"message":"pear","editTimestamp":1700000000173,"ignore":false}"#,
                #"{"id":"i","message":"","timestamp":1.7e12,"deleted":true,"ignoreLegacy":true,"from":{"identity":"x"}}"#,
                #"{"message":["a",{"b":null}],"timestamp":-0.5}"#,
            ]
        case .liveKitStream: ["hi there 👋", "ž"]
        case .liveKitLine:
            [
                #"{"topic":"lk-chat-topic","payload_base64":"eyJpZCI6ImEifQ==","identity":null,"reliable":true}"#,
                #"{"topic":"lk.chat","payload_base64":"aGk=","identity":"a","stream_id":"s","timestamp":1700000000123}"#,
                #"{"event":"connected","room":"lobby"}"# + "\n" + #"{"topic":null,"payload_base64":""}"#,
            ]
        case .liveKitAnswer:
            [
                #"{"participants":[{"sid":"PA_1","identity":"a","joined_at":"1700000000","joined_at_ms":"1","attributes":{"k":"v"}}]}"#,
                #"{"rooms":[{"name":"lobby","sid":"RM_1","creation_time":"1700000000","empty_timeout":300,"num_participants":2}]}"#,
                #"{"name":"lobby","emptyTimeout":300,"creationTimeMs":"1700000000123"}"#,
                #"{"code":"unavailable","msg":"no response from servers"}"#,
            ]
        default: []
        }
    }
}
