/// What a participant or a caller may do: the `video` claim of an access token (wire page §4).
public struct LiveKitGrants: Hashable, Sendable, Codable {
    public var roomJoin = false
    public var roomAdmin = false
    public var roomList = false
    public var roomCreate = false
    public var room = ""
    /// Absent in a token counts as true.
    public var canPublishData = true
    public var hidden = false

    public init() {}

    init(_ claim: JSON?) {
        func flag(_ name: String) -> Bool? {
            if case .bool(let value)? = claim?[name] { value } else { nil }
        }
        roomJoin = flag("roomJoin") ?? false
        roomAdmin = flag("roomAdmin") ?? false
        roomList = flag("roomList") ?? false
        roomCreate = flag("roomCreate") ?? false
        room = claim?["room"]?.text ?? ""
        canPublishData = flag("canPublishData") ?? true
        hidden = flag("hidden") ?? false
    }

    var claim: JSON {
        .members(
            ("roomJoin", roomJoin ? .bool(true) : nil), ("roomAdmin", roomAdmin ? .bool(true) : nil),
            ("roomList", roomList ? .bool(true) : nil), ("roomCreate", roomCreate ? .bool(true) : nil),
            ("room", room.isEmpty ? nil : .text(room)), ("canPublishData", .bool(canPublishData)),
            ("hidden", hidden ? .bool(true) : nil))
    }
}

/// Access tokens: JWTs signed with HMAC-SHA256.
enum LiveKitToken {
    /// Seconds by which clocks may differ, both ways.
    static let leeway: Int64 = 60

    static func sign(
        _ grants: LiveKitGrants, identity: String, name: String, key: String, secret: String, issued: Int64, seconds: Int64
    ) -> String {
        let header = JSON.members(("alg", .text("HS256")), ("typ", .text("JWT")))
        let claims = JSON.members(
            ("name", .text(name)), ("video", grants.claim), ("sub", .text(identity)), ("iss", .text(key)),
            ("nbf", .number(issued)), ("exp", .number(issued + seconds)))
        let text = [header, claims].map { WireText.base64URL($0.bytes) }.joined(separator: ".")
        let code = SHA256.authenticationCode(Array(text.utf8), key: Array(secret.utf8))
        return text + "." + WireText.base64URL(code)
    }

    /// What a token grants at `now` (seconds), or the refusal in plain text that stands in front of Twirp. As the server does,
    /// the text of a refusal can hold the token itself.
    static func grants(
        _ token: String, key: String, secret: String, requiresExpiry: Bool, now: Int64
    ) throws(LiveKitRefusal) -> LiveKitGrants {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = json(parts[0]), let claims = json(parts[1]),
            let signature = WireText.bytes(base64URL: String(parts[2])), header["alg"]?.text == "HS256"
        else { throw refusal("invalid authorization token") }
        let issuer = claims["iss"]?.text ?? ""
        guard issuer == key else { throw refusal("invalid API key: \(issuer)") }
        let code = SHA256.authenticationCode(Array("\(parts[0]).\(parts[1])".utf8), key: Array(secret.utf8))
        guard code == signature else { throw refusal("invalid token: \(token), error: error in cryptographic primitive") }
        let times = try ["nbf", "exp"].map { name throws(LiveKitRefusal) in try time(claims[name], token) }
        if let start = times[0], now < start - leeway { throw refusal("invalid token: \(token), error: token not valid yet") }
        guard let end = times[1] else {
            guard !requiresExpiry else { throw refusal("invalid token: \(token), error: expiry is missing") }
            return LiveKitGrants(claims["video"])
        }
        guard now <= end + leeway else { throw refusal("invalid token: \(token), error: token is expired (exp)") }
        return LiveKitGrants(claims["video"])
    }

    private static func refusal(_ text: String) -> LiveKitRefusal { .plain(status: 401, text: text) }

    private static func json(_ part: Substring) -> JSON? {
        guard let bytes = WireText.bytes(base64URL: String(part)), let json = JSON(bytes), json.members != nil else { return nil }
        return json
    }

    /// A time in seconds; what is none, or lies beyond any calendar, is refused.
    private static func time(_ value: JSON?, _ token: String) throws(LiveKitRefusal) -> Int64? {
        switch value {
        case nil, .null?: return nil
        case .number(let seconds)? where (0...253_402_300_799).contains(seconds): return seconds
        default: throw refusal("invalid token: \(token), error: invalid number")
        }
    }
}
