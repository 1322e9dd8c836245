public import TidemarkModel

/// The lines of the hub: a participant without WebRTC connects, says who it is, and then one packet is one line, each way.
///
/// Lines with an `event` are news of the hub: `connected`, `disconnected`, `error`.
public enum LiveKitHubLine {
    /// Why a line was not taken.
    public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String

        public init(_ description: String) {
            self.description = description
        }
    }

    /// `{"room":…,"identity":…}`, and if wanted `name`, `hidden`, `can_publish_data`.
    public struct Join: Hashable, Sendable {
        public var room: String
        public var identity: String
        public var name = ""
        public var isHidden = false
        public var canPublishData = true
    }

    // MARK: Reading

    public static func join(_ line: [UInt8]) throws(Refusal) -> Join {
        let json = try object(line)
        guard let room = json["room"]?.text, let identity = json["identity"]?.text else {
            throw Refusal("The first line says who joins: {\"room\":…,\"identity\":…}, both texts.")
        }
        return Join(
            room: room, identity: identity, name: json["name"]?.text ?? "", isHidden: try flag(json, "hidden") ?? false,
            canPublishData: try flag(json, "can_publish_data") ?? true)
    }

    /// `{"topic":…,"payload_base64":…}`, and if wanted `reliable`, `destination_identities`, `stream_id`, `timestamp`,
    /// `attributes`; what it says of its identity is ignored. `nil` for a line with an `event`.
    public static func packet(_ line: [UInt8]) throws(Refusal) -> SimulatedPacket? {
        let json = try object(line)
        guard json["event"] == nil else { return nil }
        guard let payload = json["payload_base64"]?.text.flatMap({ WireText.bytes(base64: $0) }) else {
            throw Refusal("A packet has its bytes in payload_base64, as standard base64.")
        }
        var packet = SimulatedPacket(topic: try text(json, "topic"), payload: payload)
        packet.isReliable = try flag(json, "reliable") ?? true
        packet.streamID = try text(json, "stream_id")
        if case .number(let milliseconds)? = json["timestamp"] { packet.streamTimestamp = milliseconds }
        packet.destinations = try destinations(json)
        packet.attributes = try attributes(json)
        return packet
    }

    private static func object(_ line: [UInt8]) throws(Refusal) -> JSON {
        guard let json = JSON(line), json.members != nil else {
            throw Refusal("A line is one JSON object in UTF-8.")
        }
        return json
    }

    private static func text(_ json: JSON, _ name: String) throws(Refusal) -> String? {
        guard let value = json[name], value != .null else { return nil }
        guard let text = value.text else { throw Refusal("“\(name)” is a text or null.") }
        return text
    }

    private static func flag(_ json: JSON, _ name: String) throws(Refusal) -> Bool? {
        guard let value = json[name], value != .null else { return nil }
        guard case .bool(let flag) = value else { throw Refusal("“\(name)” is true or false.") }
        return flag
    }

    private static func destinations(_ json: JSON) throws(Refusal) -> [String] {
        guard let value = json["destination_identities"], value != .null else { return [] }
        guard let list = value.list, list.allSatisfy({ $0.text != nil }) else {
            throw Refusal("“destination_identities” is a list of texts.")
        }
        return list.compactMap(\.text)
    }

    private static func attributes(_ json: JSON) throws(Refusal) -> [String: String] {
        guard let value = json["attributes"], value != .null else { return [:] }
        guard let members = value.members, members.allSatisfy({ $0.1.text != nil }) else {
            throw Refusal("“attributes” is an object of texts.")
        }
        return Dictionary(members.compactMap { name, value in value.text.map { (name, $0) } }) { _, last in last }
    }

    // MARK: Writing

    /// A packet as it arrives, with its newline. `receivedAt` is in Unix milliseconds.
    public static func line(_ packet: SimulatedPacket, receivedAt: Timestamp) -> [UInt8] {
        let attributes = packet.attributes.sorted { $0.key < $1.key }.map { ($0.key, JSON.text($0.value)) }
        let json = JSON.members(
            ("topic", packet.topic.map(JSON.text) ?? .null), ("payload_base64", .text(WireText.base64(packet.payload))),
            ("identity", packet.identity.map(JSON.text) ?? .null), ("reliable", .bool(packet.isReliable)),
            ("room", .text(packet.room)), ("received_at", .number(receivedAt.milliseconds)),
            ("stream_id", packet.streamID.map(JSON.text)), ("timestamp", packet.streamTimestamp.map(JSON.number)),
            ("attributes", attributes.isEmpty ? nil : .object(attributes)))
        return json.bytes + [UInt8(ascii: "\n")]
    }

    /// News of the hub, with its newline.
    public static func event(_ name: String, _ details: KeyValuePairs<String, String> = [:]) -> [UInt8] {
        JSON.object([("event", .text(name))] + details.map { ($0.key, JSON.text($0.value)) }).bytes + [UInt8(ascii: "\n")]
    }
}

/// Cuts a stream of bytes into lines, and holds no more than one line's limit.
public struct LiveKitHubLines: Sendable {
    public enum Line: Hashable, Sendable {
        case whole([UInt8])
        /// Longer than the limit: its bytes are gone.
        case tooLong
    }

    private let limit: Int
    private var held: [UInt8] = []
    private var isSkipping = false

    public init(limit: Int) {
        self.limit = limit
    }

    /// The lines that these bytes end, without empty ones. What follows the last newline is kept for later.
    public mutating func feed(_ bytes: some Collection<UInt8>) -> [Line] {
        var lines: [Line] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            hold(rest[..<end])
            if isSkipping { lines.append(.tooLong) } else if !held.isEmpty { lines.append(.whole(held)) }
            held = []
            isSkipping = false
            rest = rest[rest.index(after: end)...]
        }
        hold(rest)
        return lines
    }

    private mutating func hold(_ bytes: some Collection<UInt8>) {
        guard !isSkipping else { return }
        guard held.count + bytes.count <= limit else {
            held = []
            isSkipping = true
            return
        }
        held += bytes
    }
}
