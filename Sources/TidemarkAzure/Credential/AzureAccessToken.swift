import Foundation
public import TidemarkModel

/// A user's token, with what of it a client may read. It never shows its text.
public struct AzureAccessToken: Hashable, Sendable {
    /// The secret itself, for the header of a request and nothing else.
    package let text: String
    /// When the token stops working by its own word; `nil` if it doesn't say.
    public let expiresAt: Timestamp?
    /// Whose token it is: `8:` and the token's `skypeid`; `nil` if it doesn't say.
    public let identity: ParticipantID?

    /// Reads a token as the service makes it: a JSON Web Token, whose signature is the service's business.
    ///
    /// A text of another form is taken as it is and says nothing of itself. Throws `.unauthenticated` for a text that
    /// no header can carry.
    public init(_ text: String) throws(ServiceError) {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty, trimmed.utf8.count <= Self.maximumBytes,
            trimmed.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw ServiceError(
                .unauthenticated, certainty: .notApplied, scope: .account,
                serviceMessage: "The token is empty, too long, or holds characters that a token can't have.")
        }
        self.text = trimmed
        let claims = JSONWebToken.claims(of: trimmed)
        // Sanitised recordings have a fractional `exp`, so it is a number and not a whole one.
        expiresAt = claims?["exp"]?.double.map { Timestamp(Date(timeIntervalSince1970: $0)) }
        identity = claims?["skypeid"]?.text.map { ParticipantID($0.hasPrefix("8:") ? $0 : "8:\($0)") }
    }

    /// Larger than any header that a server takes.
    static let maximumBytes = 16_384

    func isExpired(at now: Timestamp) -> Bool {
        expiresAt.map { $0 <= now } ?? false
    }
}

extension AzureAccessToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "AzureAccessToken(…)" }
    public var debugDescription: String { description }
    /// Without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
