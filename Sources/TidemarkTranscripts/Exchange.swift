import Foundation
import TidemarkLiveKit
import TidemarkModel

/// Something on its way out: a request, or what is to be published in a room.
enum Exchange: Hashable, Sendable {
    case request(WireRequest)
    case packet(LiveKitPacket)
    case stream(String, id: String)

    /// How it reads in a transcript.
    var description: String {
        switch self {
        case .request(let request): RequestPattern.describe(request)
        case .packet(let packet): "PUBLISH \(packet.topic ?? "")"
        case .stream: "PUBLISH \(LiveKitTopic.stream)"
        }
    }

    /// The same, with what is in it where that tells one from another.
    var detail: String {
        if case .request = self { description } else { "\(description) \(content.line)" }
    }

    var topic: String? {
        switch self {
        case .request: nil
        case .packet(let packet): packet.topic
        case .stream: LiveKitTopic.stream
        }
    }

    /// What patterns are held against: the JSON of its bytes; of a stream its text and id; of data for a room the JSON that it
    /// carries, in place of base64.
    var content: JSON {
        switch self {
        case .request(let request):
            guard let body = try? JSON(bytes: request.body) else { return .null }
            guard var object = body.object, let text = object["data"]?.text, let data = Data(base64Encoded: text),
                let json = try? JSON(bytes: data)
            else { return body }
            object["data"] = json
            return .object(object)
        case .packet(let packet):
            return (try? JSON(bytes: packet.payload)) ?? .text(String(decoding: packet.payload, as: UTF8.self))
        case .stream(let text, let id):
            return .object(["text": .text(text), "stream": .text(id)])
        }
    }
}

/// What builds a service's requests, or publishes in a room.
enum Speaker: Sendable {
    case service(any ServiceWire)
    case room(LiveKitRoomAdapter)

    var traits: ServiceTraits {
        switch self {
        case .service(let wire): wire.traits
        case .room(let adapter): adapter.traits
        }
    }
}
