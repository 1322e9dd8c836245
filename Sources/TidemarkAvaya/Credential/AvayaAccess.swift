public import TidemarkModel

/// What a request or a socket proves its user with.
public struct AvayaAccess: Hashable, Sendable {
    /// How the token is announced: in the header of a request, and as the socket's `tokenType` (wire page §2, §6).
    public enum Scheme: String, Hashable, Sendable {
        /// A guest's token, or one that Avaya signed for a user: `Authorization: jwt …`, `tokenType=jwt`.
        case jwt
        /// An OAuth 2 access token: `Authorization: bearer …`, `tokenType=oauth`.
        case bearer
    }

    public var scheme: Scheme
    /// The secret itself. It stands in no description and no log.
    public var token: String
    /// The user it belongs to, once that is known.
    public var identity: ParticipantID?
    /// When it ends, by the service's clock, where that is told.
    public var expiresAt: Timestamp?

    public init(scheme: Scheme, token: String, identity: ParticipantID? = nil, expiresAt: Timestamp? = nil) {
        self.scheme = scheme
        self.token = token
        self.identity = identity
        self.expiresAt = expiresAt
    }
}

extension AvayaAccess: CustomStringConvertible, CustomDebugStringConvertible {
    /// Without the token.
    public var description: String { "\(scheme.rawValue) access of \(identity?.rawValue ?? "a user not yet known")" }
    public var debugDescription: String { description }
}

/// Where a service or a socket gets its access from.
///
/// Conformers keep one access and renew it when it is about to end; several tasks that ask at once cause one renewal.
public protocol AvayaCredential: Sendable {
    /// The present access, renewed beforehand if it has ended. Throws `.unauthenticated` when there is none to be had, and
    /// what the accounts service failed with (`.unreachable`, `.throttled`, …), always `.notApplied`.
    func access() async throws(ServiceError) -> AvayaAccess

    /// Another access after one was refused; the present one if it is already another. Throws `.unauthenticated` where there
    /// can be none: a plain token, a guest whose session ended.
    func renewed(after refused: AvayaAccess) async throws(ServiceError) -> AvayaAccess
}
