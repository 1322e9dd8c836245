import TidemarkModel

/// What a token says beside who signed it and when.
public struct LiveKitTokenClaims: Hashable, Sendable {
    /// Empty for calls of the server's API.
    public var identity: String
    public var name: String?
    public var metadata: String?
    public var attributes: [String: String]
    public var grant: LiveKitVideoGrant

    public init(
        identity: String = "", name: String? = nil, metadata: String? = nil, attributes: [String: String] = [:],
        grant: LiveKitVideoGrant
    ) {
        self.identity = identity
        self.name = name
        self.metadata = metadata
        self.attributes = attributes
        self.grant = grant
    }

    /// What the server would refuse or, worse, take in another sense.
    public struct Malformed: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
        init(_ description: String) { self.description = description }
    }

    func check(_ limits: LiveKitLimits) throws(Malformed) {
        if grant.roomJoin {
            guard !identity.isEmpty else { throw Malformed("A token to join needs an identity.") }
        }
        if grant.roomJoin || grant.roomAdmin {
            // Without one the server puts people into a room without a name (node-sdks#146).
            guard let room = grant.room, !room.isEmpty else { throw Malformed("A token for a room needs the room's name.") }
        }
        for text in [identity, name ?? "", grant.room ?? ""] where text.utf8.count > limits.nameBytes {
            throw Malformed("An identity, a name and a room's name have at most \(limits.nameBytes) bytes.")
        }
    }

    /// The claims in the order of LiveKit's Python class, which sorts nothing; attributes come in the order of their names.
    func json(issuer: String, notBefore: Int64, expires: Int64) -> [UInt8] {
        let attributes = attributes.sorted { $0.key < $1.key }.map { ($0.key, LiveKitJSONText.Value.string($0.value)) }
        return LiveKitJSONText(members: [
            ("name", name.map { .string($0) }),
            ("metadata", metadata.map { .string($0) }),
            ("video", grant.json),
            ("attributes", attributes.isEmpty ? nil : .object(attributes)),
            ("sub", .string(identity)),
            ("iss", .string(issuer)),
            ("nbf", .integer(notBefore)),
            ("exp", .integer(expires)),
        ]).compactASCII
    }
}
