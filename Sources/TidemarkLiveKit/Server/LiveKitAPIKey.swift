#if Crypto
import Crypto
import Foundation
public import TidemarkModel

/// A project's API key and secret, which make every token. For a trusted server, a test or a command line: the secret never
/// belongs into an application that others can open. It shows itself nowhere.
public struct LiveKitAPIKey: Sendable {
    public let key: String
    private let secret: SymmetricKey

    /// `nil` if one of them is empty.
    public init?(key: String, secret: String) {
        guard !key.isEmpty, !secret.isEmpty else { return nil }
        self.key = key
        self.secret = SymmetricKey(data: Array(secret.utf8))
    }

    /// A signed token (JWT, HS256), good from `moment` on for `lifetime`; servers allow clocks a minute of difference.
    ///
    /// Throws ``LiveKitTokenClaims/Malformed`` for claims that the server would refuse or take in another sense: no identity
    /// or room in a token to join.
    public func token(
        _ claims: LiveKitTokenClaims, at moment: Timestamp, lifetime: Duration = .seconds(6 * 3600),
        limits: LiveKitLimits = LiveKitLimits()
    ) throws(LiveKitTokenClaims.Malformed) -> String {
        try claims.check(limits)
        let start = moment.milliseconds / 1000
        let end = (moment + lifetime).milliseconds / 1000
        let header = Self.base64URL(LiveKitJSONText(members: [("alg", .string("HS256")), ("typ", .string("JWT"))]).compact)
        let payload = Self.base64URL(claims.json(issuer: key, notBefore: start, expires: end))
        let signed = "\(header).\(payload)"
        let code = HMAC<SHA256>.authenticationCode(for: Array(signed.utf8), using: secret)
        return "\(signed).\(Self.base64URL(Array(code)))"
    }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

extension LiveKitAPIKey: CustomStringConvertible, CustomReflectable {
    public var description: String { "LiveKitAPIKey(\(key), secret …)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
#endif
