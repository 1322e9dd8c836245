import HTTPTypes
import Synchronization
import TidemarkModel

/// The renewals of one user's access, one after the other.
final class OAuth2Exchange: Sendable {
    struct Client: Sendable {
        var id: String
        var secret: String?

        var fields: [(String, String?)] { [("client_id", id), ("client_secret", secret)] }
    }

    /// How long a token that still lives is used after its early renewal failed.
    static let pauseAfterFailure = Duration.seconds(30)

    private struct State {
        var initialToken: String?
        var ages: Ages?
        /// A refresh token that came and could not be kept yet, with the access that must not be used before.
        var unkept: (refresh: String, access: AvayaAccess, ages: Ages?)?
    }

    /// When an access token is to be renewed and when it ends, by the clock that saw it come.
    struct Ages: Hashable, Sendable {
        var token: String
        var renewAt: Timestamp
        var endsAt: Timestamp
    }

    let client: Client
    let wire: AvayaAccountsWire
    private let keeper: any RefreshTokenKeeper
    private let transport: any HTTPTransport
    private let limits: HTTPLimits
    private let now: @Sendable () -> Timestamp
    private let state: Mutex<State>

    init(
        client: Client, initialToken: String?, keeper: any RefreshTokenKeeper, wire: AvayaAccountsWire,
        transport: any HTTPTransport, limits: HTTPLimits, now: @escaping @Sendable () -> Timestamp
    ) {
        self.client = client
        self.keeper = keeper
        self.wire = wire
        self.transport = transport
        self.limits = limits
        self.now = now
        state = Mutex(State(initialToken: initialToken))
    }

    func isFresh(_ access: AvayaAccess) -> Bool {
        guard let ages = state.withLock({ $0.ages }), ages.token == access.token else { return true }
        return now() < ages.renewAt
    }

    func renewed(from current: AvayaAccess?) async -> SharedRenewal.Outcome {
        do throws(ServiceError) {
            return .success(try await guarded { try await self.renew() })
        } catch {
            // One that still lives is better than none.
            if let current, keepUsing(current) { return .success(current) }
            return .failure(error.ofCredential)
        }
    }

    private func keepUsing(_ access: AvayaAccess) -> Bool {
        let moment = now()
        return state.withLock { state in
            guard let ages = state.ages, ages.token == access.token, moment < ages.endsAt else { return false }
            state.ages?.renewAt = moment + Self.pauseAfterFailure
            return true
        }
    }

    func kept() async throws(ServiceError) -> KeptRefreshToken? {
        do {
            if let kept = try await keeper.load() { return kept }
        } catch {
            throw Self.unkeepable(error)
        }
        return state.withLock { $0.initialToken }.map { KeptRefreshToken($0) }
    }

    func signIn(_ grant: [(String, String?)]) async throws(ServiceError) -> AvayaAccess {
        let request = try wire.form(grant + client.fields, to: "/oauth2/access_token")
        return try await guarded {
            let (response, asked) = try await self.send(request)
            let tokens = try self.wire.tokens(of: response)
            if tokens.refreshToken == nil { try await self.save(nil) }
            return try await self.keep(tokens, asked: asked)
        }
    }

    func revoke() async throws(ServiceError) {
        try await guarded {
            guard let kept = try await self.kept() else { return }
            let request = try self.wire.form(
                [("refresh_token", kept.token), ("client_id", self.client.id)], to: "/oauth2/revoke_token")
            try self.wire.checkSuccess(try await self.send(request).0)
            try await self.save(nil)
            self.state.withLock { state in (state.initialToken, state.unkept) = (nil, nil) }
        }
    }

    // MARK: Renewing

    private func renew() async throws(ServiceError) -> AvayaAccess {
        if let unkept = state.withLock({ $0.unkept }) {
            return try await keep(unkept.refresh, unkept.access, unkept.ages)
        }
        guard let kept = try await kept() else {
            throw .unauthenticated("There is no refresh token; sign in.")
        }
        let request = try wire.form(
            [("grant_type", "refresh_token"), ("refresh_token", kept.token)] + client.fields, to: "/oauth2/access_token")
        // Written first, so that also a crash before the answer leaves word of it.
        try await save(KeptRefreshToken(kept.token, mayBeSpent: true))
        do throws(ServiceError) {
            let (response, asked) = try await send(request)
            var tokens = try wire.tokens(of: response)
            // A service that does not replace it goes on with the old one.
            tokens.refreshToken = tokens.refreshToken ?? kept.token
            return try await keep(tokens, asked: asked)
        } catch {
            throw try await told(error, kept)
        }
    }

    /// What a failed renewal leaves behind, and says.
    private func told(_ error: ServiceError, _ kept: KeptRefreshToken) async throws(ServiceError) -> ServiceError {
        var error = error
        if error.certainty == .unknown {
            error.serviceMessage =
                "The answer to a renewal was lost. If the service has replaced the refresh token, the next renewal is refused, "
                + "and the user has to sign in again."
            return error
        }
        if state.withLock({ $0.unkept }) != nil { return error }
        if error.code == .unauthenticated, kept.mayBeSpent {
            error.serviceMessage =
                "The refresh token is refused: the answer to an earlier renewal was lost, and the service had replaced the token "
                + "in it. The user has to sign in again."
        }
        // Nothing came of it: the token is what it was before.
        if !kept.mayBeSpent { try await save(kept) }
        return error
    }

    private func keep(_ tokens: AvayaAccountsWire.Tokens, asked: Timestamp) async throws(ServiceError) -> AvayaAccess {
        let access = AvayaAccess(scheme: .bearer, token: tokens.accessToken)
        let ages = tokens.lifetime.map { life in
            Ages(token: tokens.accessToken, renewAt: asked + life * 9 / 10, endsAt: asked + life)
        }
        guard let refresh = tokens.refreshToken else {
            state.withLock { state in (state.initialToken, state.ages) = (nil, ages) }
            return access
        }
        return try await keep(refresh, access, ages)
    }

    private func keep(_ refresh: String, _ access: AvayaAccess, _ ages: Ages?) async throws(ServiceError) -> AvayaAccess {
        state.withLock { $0.unkept = (refresh, access, ages) }
        try await save(KeptRefreshToken(refresh))
        state.withLock { state in
            (state.initialToken, state.unkept) = (nil, nil)
            state.ages = ages
        }
        return access
    }

    private func save(_ token: KeptRefreshToken?) async throws(ServiceError) {
        do {
            try await keeper.save(token)
        } catch {
            throw Self.unkeepable(error)
        }
    }

    private func send(_ request: WireRequest) async throws(ServiceError) -> (TransportResponse, asked: Timestamp) {
        let asked = now()
        do {
            return (try await transport.send(request.head, body: request.body, limits: limits), asked)
        } catch {
            throw wire.failure(error)
        }
    }

    private func guarded<Value: Sendable>(
        _ body: @Sendable () async throws -> Value
    ) async throws(ServiceError) -> Value {
        do {
            return try await keeper.exclusively(body)
        } catch {
            throw (error as? ServiceError) ?? Self.unkeepable(error)
        }
    }

    /// What a keeper threw may hold anything, so only its own kind of error is repeated.
    private static func unkeepable(_ error: any Error) -> ServiceError {
        if error is CancellationError { return ServiceError(.cancelled, certainty: .notApplied, scope: .account) }
        let reason = (error as? FileRefreshTokenKeeper.Failure)?.description ?? "The refresh token can't be read or kept."
        return ServiceError(
            .unreachable, certainty: .notApplied, scope: .account,
            serviceMessage: "\(reason) Nothing is sent until that is mended.")
    }
}
