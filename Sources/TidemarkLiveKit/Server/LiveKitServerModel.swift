public import TidemarkModel

/// A packet for the server's API to send. It reaches legacy readers only, and has no sender (wire page §0).
public struct LiveKitSendData: Hashable, Sendable {
    public var room: String
    public var payload: [UInt8]
    public var topic: String?
    public var isReliable: Bool
    /// Identities; none means everybody. An identity that is not in the room is passed over without an error.
    public var destinations: [String]
    /// Keep it with the message and use it again in each retry.
    public var nonce: LiveKitNonce?

    public init(
        room: String, payload: [UInt8], topic: String? = nil, isReliable: Bool = true, destinations: [String] = [],
        nonce: LiveKitNonce? = nil
    ) {
        self.room = room
        self.payload = payload
        self.topic = topic
        self.isReliable = isReliable
        self.destinations = destinations
        self.nonce = nonce
    }
}

/// A room that is open now. Rooms end some time after the last participant left, and nothing of them stays.
public struct LiveKitOpenRoom: Hashable, Sendable {
    public var name: String
    /// Another one each time a room of this name is opened.
    public var sid: String
    public var createdAt: Timestamp?
    public var participantCount: Int64
    public var metadata: String
    /// How long it stays open if nobody comes.
    public var emptyTimeout: Duration?
    /// How long it stays open after the last one left.
    public var departureTimeout: Duration?
}

/// Who is in a room.
public struct LiveKitParticipant: Hashable, Sendable {
    public var identity: String
    public var sid: String
    public var name: String
    /// The server's word: `JOINING`, `JOINED`, `ACTIVE`, `DISCONNECTED`.
    public var state: String
    public var joinedAt: Timestamp?
    public var metadata: String
    public var attributes: [String: String]
    public var isHidden: Bool
    public var canPublishData: Bool
}

extension LiveKitJSON {
    /// The member under its proto name or its lowerCamel one: servers write the first, SDKs also the second.
    func either(_ protoName: String) -> LiveKitJSON? {
        if let value = self[protoName] { return value }
        let parts = protoName.split(separator: "_")
        return self[parts.prefix(1).joined() + parts.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()]
    }

    /// Milliseconds where the server tells them, seconds otherwise; 0 is protobuf's "absent".
    func time(_ seconds: String, _ milliseconds: String) -> Timestamp? {
        let told = either(milliseconds)?.integer ?? 0
        if told != 0 { return Timestamp(milliseconds: told) }
        let (product, overflow) = (either(seconds)?.integer ?? 0).multipliedReportingOverflow(by: 1000)
        return overflow || product == 0 ? nil : Timestamp(milliseconds: product)
    }

    func seconds(_ name: String) -> Duration? {
        guard let value = either(name)?.integer, (1...Int64(Int32.max)).contains(value) else { return nil }
        return .seconds(value)
    }
}

extension LiveKitOpenRoom {
    init?(json: LiveKitJSON) {
        guard let name = json.either("name")?.text, !name.isEmpty else { return nil }
        self.init(
            name: name, sid: json.either("sid")?.text ?? "", createdAt: json.time("creation_time", "creation_time_ms"),
            participantCount: max(0, json.either("num_participants")?.integer ?? 0),
            metadata: json.either("metadata")?.text ?? "", emptyTimeout: json.seconds("empty_timeout"),
            departureTimeout: json.seconds("departure_timeout"))
    }
}

extension LiveKitParticipant {
    init?(json: LiveKitJSON) {
        guard let identity = json.either("identity")?.text, !identity.isEmpty else { return nil }
        let permission = json.either("permission")
        var attributes: [String: String] = [:]
        if case .object(let members)? = json.either("attributes") { attributes = members.compactMapValues(\.text) }
        self.init(
            identity: identity, sid: json.either("sid")?.text ?? "", name: json.either("name")?.text ?? "",
            // Servers write defaults, SDKs leave them out.
            state: json.either("state")?.text ?? "JOINING", joinedAt: json.time("joined_at", "joined_at_ms"),
            metadata: json.either("metadata")?.text ?? "", attributes: attributes,
            isHidden: permission?.either("hidden")?.truth ?? false,
            canPublishData: permission.map { $0.either("can_publish_data")?.truth ?? false } ?? true)
    }
}
