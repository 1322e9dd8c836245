import Synchronization
import TidemarkModel

/// The login of one guest, and of the next one where that is allowed.
final class AvayaGuestSession: Sendable {
    private struct State {
        /// A token that was given and has not been tried.
        var earlierToken: String?
        /// A login has succeeded, or an earlier token was taken.
        var hasBegun = false
        var user: (token: String, user: AvayaUser)?
        /// The token of a login whose user could not be asked yet: another login would make another user.
        var unasked: String?
    }

    private let guest: AvayaAccountsWire.Guest
    private let wire: AvayaAccountsWire
    private let transport: any HTTPTransport
    private let limits: HTTPLimits
    private let logsInAnew: Bool
    private let state: Mutex<State>

    init(
        guest: AvayaAccountsWire.Guest, servers: AvayaServers, transport: any HTTPTransport, limits: HTTPLimits,
        logsInAnew: Bool, earlierToken: String?
    ) {
        self.guest = guest
        wire = AvayaAccountsWire(servers: servers)
        self.transport = transport
        self.limits = limits
        self.logsInAnew = logsInAnew
        state = Mutex(State(earlierToken: earlierToken))
    }

    func user(of access: AvayaAccess) -> AvayaUser? {
        state.withLock { state in state.user.flatMap { $0.token == access.token ? $0.user : nil } }
    }

    func refused(_ access: AvayaAccess) {
        state.withLock { state in
            if state.unasked == access.token { state.unasked = nil }
        }
    }

    /// The access of a login, or why there is none.
    func next() async -> SharedRenewal.Outcome {
        do throws(ServiceError) {
            return .success(try await access())
        } catch {
            return .failure(error.ofCredential)
        }
    }

    private func access() async throws(ServiceError) -> AvayaAccess {
        let (token, isNew) = try await token()
        do throws(ServiceError) {
            return try await access(token)
        } catch {
            guard error.code == .unauthenticated else { throw error }
            state.withLock { $0.unasked = nil }
            guard !isNew, logsInAnew else { throw error }
            return try await access(try await self.token().text)
        }
    }

    private func access(_ token: String) async throws(ServiceError) -> AvayaAccess {
        // The token's own claim names the guest too, but that it is the id of its messages is inferred: the service says it.
        let user = try await AvayaUserQuestion(servers: wire.servers, transport: transport, limits: limits)
            .user(of: AvayaAccess(scheme: .jwt, token: token))
        state.withLock { state in
            state.unasked = nil
            state.user = (token, user)
        }
        return AvayaAccess(scheme: .jwt, token: token, identity: user.id, expiresAt: AvayaToken.end(of: token))
    }

    /// The token that is at hand, or that of a new login.
    private func token() async throws(ServiceError) -> (text: String, isNew: Bool) {
        let (held, mayLogIn) = state.withLock { state in
            if let token = state.earlierToken {
                (state.earlierToken, state.hasBegun, state.unasked) = (nil, true, token)
            }
            return (state.unasked, !state.hasBegun || logsInAnew)
        }
        if let held { return (try AvayaToken.checked(held), false) }
        guard mayLogIn else {
            throw .unauthenticated("The guest's session has ended; a new login would be another user, so it has to be asked for.")
        }
        let request = try wire.login(guest)
        let response: TransportResponse
        do {
            response = try await transport.send(request.head, body: request.body, limits: limits)
        } catch {
            throw wire.failure(error)
        }
        let token = try wire.guestToken(of: response)
        state.withLock { state in (state.hasBegun, state.unasked) = (true, token) }
        return (token, true)
    }
}
