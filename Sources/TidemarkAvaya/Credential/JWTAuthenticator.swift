public import TidemarkModel

/// Signs in with a JSON Web Token that somebody else got: one that Avaya signed for a user, or a guest's from an earlier
/// login. When it has ended there is no other.
public struct JWTAuthenticator: AvayaCredential {
    private let only: AvayaAccess

    /// When the token ends by its own word (`exp`), by the service's clock. This machine's clock decides nothing: the token is
    /// used until the service refuses it.
    public var expiresAt: Timestamp? { only.expiresAt }

    /// Throws `.unauthenticated` for a text that no header can carry. `identity`: whose it is, if that is known; otherwise
    /// it is asked.
    public init(token: String, identity: ParticipantID? = nil) throws(ServiceError) {
        let token = try AvayaToken.checked(token)
        only = AvayaAccess(scheme: .jwt, token: token, identity: identity, expiresAt: AvayaToken.end(of: token))
    }

    public func access() async throws(ServiceError) -> AvayaAccess { only }

    public func renewed(after refused: AvayaAccess) async throws(ServiceError) -> AvayaAccess {
        guard refused.token == only.token else { return only }
        throw .unauthenticated("The token was refused and can't be renewed; give the account another one.")
    }
}

extension JWTAuthenticator: CustomStringConvertible, CustomReflectable {
    public var description: String { "JWTAuthenticator(…)" }
    /// Without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
