public import TidemarkModel

/// A guest: a user for 24 hours, with no account and nothing to renew (wire page §2).
///
/// A second login makes another user, who can't recognise what the first one said. So it is not made unless it was asked for, by
/// `logsInAnew`; the account then needs `ServiceTraits.identityChanges`. It may be shared by services, sessions and clients, and
/// should be: they are then one user.
public final class AnonymousUser: AvayaCredential {
    private let renewal: SharedRenewal
    private let session: AvayaGuestSession

    /// - Parameters:
    ///   - displayName: what others see.
    ///   - username: an e-mail address or any name that is unique.
    ///   - pictureFile: the address of a picture.
    ///   - token: a guest's token from an earlier login, which is used until the service refuses it.
    ///   - logsInAnew: whether another guest is made when this one's day is over.
    ///   - servers: where the service is.
    ///   - transport: what carries the requests.
    ///   - limits: the time and the size of a request.
    public init(
        displayName: String? = nil, username: String? = nil, pictureFile: String? = nil, token: String? = nil,
        logsInAnew: Bool = false, servers: AvayaServers = .production, transport: any HTTPTransport,
        limits: HTTPLimits = HTTPLimits()
    ) {
        let session = AvayaGuestSession(
            guest: AvayaAccountsWire.Guest(displayName: displayName, username: username, pictureFile: pictureFile),
            servers: servers, transport: transport, limits: limits, logsInAnew: logsInAnew, earlierToken: token)
        self.session = session
        renewal = SharedRenewal { _ in await session.next() }
    }

    /// Makes the guest, unless it is made already, and says who it is.
    ///
    /// Throws `.unauthenticated` if its day is over and no other may be made, and what the login failed with. A login whose
    /// answer was lost may have made a guest that nobody uses.
    @discardableResult
    public func login() async throws(ServiceError) -> AvayaUser {
        let access = try await renewal.access()
        guard let user = session.user(of: access) else {
            throw .unauthenticated("The guest was replaced while it logged in; log in again.")
        }
        return user
    }

    /// Whether there is a token. Whether the service still takes it only the service knows.
    public var hasToken: Bool { renewal.current != nil }

    /// The guest's token, for a program that wants to go on as the same guest after it was started again. It is a secret.
    public func token() async throws(ServiceError) -> String {
        try await renewal.access().token
    }

    public func access() async throws(ServiceError) -> AvayaAccess {
        try await renewal.access()
    }

    public func renewed(after refused: AvayaAccess) async throws(ServiceError) -> AvayaAccess {
        session.refused(refused)
        return try await renewal.access(after: refused)
    }
}

extension AnonymousUser: CustomStringConvertible, CustomReflectable {
    public var description: String { "AnonymousUser(…)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
