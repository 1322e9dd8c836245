import Synchronization
public import TidemarkModel

/// A user with an account at the service, signed in by ``OAuth2Authenticator`` or ``JWTAuthenticator``.
public final class RegisteredUser: AvayaCredential {
    private let authenticator: any AvayaCredential
    private let question: AvayaUserQuestion
    private let known = Mutex<(token: String, user: AvayaUser)?>(nil)

    public init(
        _ authenticator: any AvayaCredential, servers: AvayaServers = .production, transport: any HTTPTransport,
        limits: HTTPLimits = HTTPLimits()
    ) {
        self.authenticator = authenticator
        question = AvayaUserQuestion(servers: servers, transport: transport, limits: limits)
    }

    /// Asks the service who this is: once for each access, since a renewed one could be somebody else's (rule R13).
    ///
    /// Throws what there was to throw, always `.notApplied`.
    @discardableResult
    public func login() async throws(ServiceError) -> AvayaUser {
        let access = try await authenticator.access()
        do throws(ServiceError) {
            return try await user(of: access)
        } catch {
            guard error.code == .unauthenticated else { throw error.ofCredential }
            return try await user(of: try await authenticator.renewed(after: access))
        }
    }

    /// The access, with whose it is if ``login()`` has learnt that.
    public func access() async throws(ServiceError) -> AvayaAccess {
        named(try await authenticator.access())
    }

    public func renewed(after refused: AvayaAccess) async throws(ServiceError) -> AvayaAccess {
        named(try await authenticator.renewed(after: refused))
    }

    private func user(of access: AvayaAccess) async throws(ServiceError) -> AvayaUser {
        if let known = known.withLock({ $0 }), known.token == access.token { return known.user }
        let user = try await question.user(of: access)
        known.withLock { $0 = (access.token, user) }
        return user
    }

    private func named(_ access: AvayaAccess) -> AvayaAccess {
        guard access.identity == nil, let known = known.withLock({ $0 }), known.token == access.token else { return access }
        var access = access
        access.identity = known.user.id
        return access
    }
}

extension RegisteredUser: CustomStringConvertible, CustomReflectable {
    public var description: String { "RegisteredUser(…)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
