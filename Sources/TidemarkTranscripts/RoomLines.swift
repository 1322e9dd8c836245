import Foundation
import TidemarkLiveKit
import TidemarkModel

/// A packet that arrives, as a line tells it.
struct PacketLine: Hashable, Sendable {
    enum Payload: Hashable, Sendable {
        /// Written as one line with its keys sorted; names in it are filled in.
        case json(JSON)
        case bytes([UInt8])
    }

    var topic: String?
    /// `nil`: the server's API or a hidden participant.
    var identity: String?
    var payload: Payload
    /// The whole text of a text stream.
    var stream: LiveKitStream?

    init(_ fields: inout Fields) throws {
        topic = try fields.text("packet")
        identity = try fields.text("identity")
        if let json = fields.take("payload") {
            payload = .json(json)
        } else if let text = try fields.text("text") {
            payload = .bytes(Array(text.utf8))
        } else if let text = try fields.text("base64"), let data = Data(base64Encoded: text) {
            payload = .bytes(Array(data))
        } else {
            throw fields.error("A packet has a \"payload\" of JSON, a \"text\", or bytes as \"base64\".")
        }
        if let id = try fields.text("stream") {
            stream = LiveKitStream(id: id, timestamp: try fields.integer("timestamp").map { Timestamp(milliseconds: $0) })
        }
    }

    func packet(_ names: Names) -> LiveKitPacket? {
        switch payload {
        case .bytes(let bytes): return LiveKitPacket(topic: topic, payload: bytes, identity: identity, stream: stream)
        case .json(let json):
            guard let filled = names.filled(json) else { return nil }
            return LiveKitPacket(topic: topic, payload: Array(filled.line.utf8), identity: identity, stream: stream)
        }
    }
}

/// A packet that has to be published: its topic, and what has to be in its payload.
struct PublishPattern: Hashable, Sendable {
    var topic: String
    var payload: JSON?

    init(_ fields: inout Fields) throws {
        topic = try fields.needed("publish")
        payload = fields.take("payload")
    }

    func match(_ exchange: Exchange, _ names: inout Names) -> Bool {
        guard exchange.topic == topic else { return false }
        guard let payload else { return true }
        return names.match(exchange.content, payload)
    }
}

/// What becomes of the room, or of what is in it for the program.
enum RoomLine: Hashable, Sendable {
    case gap(DataChannelGap)
    /// The server lists it from here on, as this incarnation.
    case opened(sid: String)
    /// The server does not list it any more.
    case closed

    static let gaps: [DataChannelGap] = [.started, .reconnected, .overflow, .exited, .hung]

    init(_ fields: inout Fields) throws {
        let name = try fields.needed("room")
        if name == "opened" {
            self = .opened(sid: try fields.needed("sid"))
        } else if name == "closed" {
            self = .closed
        } else if let gap = Self.gaps.first(where: { $0.rawValue == name }) {
            self = .gap(gap)
        } else {
            let all = Self.gaps.map(\.rawValue) + ["opened", "closed"]
            throw fields.error("A room can't be \"\(name)\"; it is \(all.joined(separator: ", ")).")
        }
    }
}
