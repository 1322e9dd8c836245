import Foundation
import TidemarkModel

/// One line between this program and a bridge: a child process that sits in a room with a LiveKit SDK and passes packets on as
/// JSON, one a line, both ways.
///
/// `{"topic":…,"payload_base64":…,"identity":…}` is a packet; `identity` is null where there is no sender, and in lines to the
/// bridge, which speaks for itself. Other keys are passed over, except: `reliable` and `destination_identities` in lines to
/// the bridge; `stream_id` where the payload is the whole text of a text stream, and there `timestamp` in milliseconds.
/// A line with a key `event` is the bridge's status and no packet.
public enum BridgeLine: Hashable, Sendable {
    case packet(LiveKitPacket)
    case status(BridgeStatus)
    /// It is none of these; the words quote nothing of it.
    case malformed(String)
}

/// What a bridge says about itself.
public struct BridgeStatus: Hashable, Sendable {
    /// It is on its way into the room.
    public static let connecting = "connecting"
    /// It is in the room.
    public static let connected = "connected"
    /// It was out of the room for a while; what was said meanwhile may be missing.
    public static let reconnected = "reconnected"
    /// It is out of the room and tries to come back.
    public static let reconnecting = "reconnecting"
    /// It is out of the room for good.
    public static let disconnected = "disconnected"
    /// It had to drop packets.
    public static let overflow = "overflow"

    /// While these hold nothing reaches the room.
    static let outside: Set<String> = [connecting, reconnecting, disconnected]

    /// One of these, or a word of the bridge's own.
    public var event: String
    /// The line's other members whose values are texts, numbers or truth values.
    public var members: [String: String]

    public init(event: String, members: [String: String] = [:]) {
        self.event = event
        self.members = members
    }
}

extension BridgeLine {
    /// Reads a line without its end. It never traps, whatever the bytes are.
    public init(_ bytes: [UInt8]) {
        guard let json = try? LiveKitJSON(reading: bytes), case .object(let members) = json else {
            self = .malformed("it is no JSON object")
            return
        }
        if let event = members["event"] {
            self = .status(BridgeStatus(event: String(event.shown.prefix(100)), members: Self.scalars(members)))
            return
        }
        guard let base64 = json["payload_base64"]?.text, let payload = Data(base64Encoded: base64) else {
            self = .malformed("its payload_base64 is missing or no base64")
            return
        }
        guard members["topic"].map({ $0 == .null || $0.text != nil }) ?? true,
            members["identity"].map({ $0 == .null || $0.text != nil }) ?? true
        else {
            self = .malformed("its topic or identity is no text")
            return
        }
        self = .packet(
            LiveKitPacket(
                topic: json["topic"]?.text, payload: Array(payload), identity: json["identity"]?.text,
                stream: json["stream_id"]?.text.map { id in
                    LiveKitStream(id: id, timestamp: json["timestamp"]?.integer.map(Timestamp.init(milliseconds:)))
                }))
    }

    private static func scalars(_ members: [String: LiveKitJSON]) -> [String: String] {
        members.filter { $0.key != "event" }.compactMapValues { value in
            switch value {
            case .string, .number, .bool: String(value.shown.prefix(1_000))
            case .null, .array, .object: nil
            }
        }
    }

    /// The line that makes a bridge publish a packet, with its end.
    public static func publishing(
        _ payload: [UInt8], topic: String, reliable: Bool = true, destinations: [String] = [],
        streamID: String? = nil
    ) -> [UInt8] {
        let json = LiveKitJSONText(members: [
            ("topic", .string(topic)),
            ("payload_base64", .string(Data(payload).base64EncodedString())),
            ("identity", .null),
            ("reliable", .bool(reliable)),
            ("destination_identities", .array(destinations.map { .string($0) })),
            ("stream_id", streamID.map { .string($0) }),
        ])
        return json.compact + [UInt8(ascii: "\n")]
    }
}
