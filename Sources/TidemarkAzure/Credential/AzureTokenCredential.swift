public import Foundation
import Synchronization
public import TidemarkModel

/// Gives each request a user's token: a fixed one, or one that is fetched again before it runs out.
///
/// A refreshing credential asks for a new token when the one it has is within 10 minutes of its end (half-way through the
/// rest of its life if it came closer than that), and once after the service refused it. One refresh runs at a time and the
/// others wait for it. It may be shared by services and clients of the same user, and should be: the refreshes are then one.
public final class AzureTokenCredential: Sendable {
    /// Fetches a token from whoever makes them, usually the application's own server.
    ///
    /// A thrown `ServiceError` is passed on, so that a definite no can be told by `.unauthenticated`. Any other error counts
    /// as passing: requests fail as `.unreachable` and are tried again later.
    public typealias Refresher = @Sendable () async throws -> String

    /// How long before its end a token is replaced.
    public static let earlyRefresh = Duration.seconds(600)
    /// How long a token that still works is used after its early refresh failed.
    public static let pauseAfterFailedRefresh = Duration.seconds(30)

    let refresher: Refresher?
    let now: @Sendable () -> Timestamp
    let state: Mutex<State>

    struct State {
        /// The fixed text until it was first read, then nothing.
        var unread: String?
        var current: AzureAccessToken?
        var refreshAt: Timestamp?
        var isRefreshing = false
        var isClosed = false
        var waiting: [Int: CheckedContinuation<Turn, Never>] = [:]
        var abandoned: Set<Int> = []
        var lastWaiter = 0
    }

    /// What a waiting request hears when the refresh it waited for is over.
    enum Turn: Sendable {
        case done(Result<AzureAccessToken, ServiceError>)
        /// The one that refreshed gave up; somebody else has to.
        case again
        case cancelled
    }

    private init(text: String?, now: @escaping @Sendable () -> Timestamp, refresher: Refresher?) {
        self.refresher = refresher
        self.now = now
        state = Mutex(State(unread: text))
    }

    /// A token that stays as it is. When it has run out, requests fail with `.unauthenticated`.
    public static func token(_ text: String) -> AzureTokenCredential {
        AzureTokenCredential(text: text, now: { Timestamp(Date()) }, refresher: nil)
    }

    /// A token that is fetched when one is needed. `initialToken` saves the first fetch; `now` is for tests.
    public static func refreshing(
        initialToken: String? = nil, now: @escaping @Sendable () -> Timestamp = { Timestamp(Date()) },
        _ refresh: @escaping Refresher
    ) -> AzureTokenCredential {
        AzureTokenCredential(text: initialToken, now: now, refresher: refresh)
    }

    /// Whether a refused token can be replaced.
    var canRefresh: Bool { refresher != nil }

    /// The token for a request that is about to be made, refreshed if need be.
    ///
    /// Throws `.unauthenticated` if there is none, or if the refresher returned one that has already run out; `.unreachable` if
    /// the refresher failed; `.cancelled`. All of them `.notApplied`.
    public func accessToken() async throws(ServiceError) -> AzureAccessToken {
        while true {
            switch try next() {
            case .use(let token): return token
            case .lead(let fallback): return try await refresh(orUse: fallback)
            case .wait:
                switch await turn() {
                case .done(.success(let token)): return token
                case .done(.failure(let error)): throw error
                case .again: continue
                case .cancelled: throw ServiceError(.cancelled, certainty: .notApplied)
                }
            }
        }
    }

    /// Another token after the service refused this one with 401. Throws `.unauthenticated` if there is no other.
    func renewed(after refused: AzureAccessToken) async throws(ServiceError) -> AzureAccessToken {
        guard canRefresh else { throw Self.unauthenticated("The token was refused and can't be refreshed.") }
        state.withLock { state in
            // Somebody else may have replaced it already.
            if state.current == refused { state.current = nil }
        }
        let token = try await accessToken()
        guard token != refused else { throw Self.unauthenticated("The refresher returned the token that was just refused.") }
        return token
    }

    /// Makes the credential unusable: its token is forgotten, and every later request fails with `.unauthenticated`.
    public func close() {
        state.withLock { state in
            state.isClosed = true
            state.current = nil
            state.unread = nil
        }
    }

    static func unauthenticated(_ sentence: String) -> ServiceError {
        ServiceError(.unauthenticated, certainty: .notApplied, scope: .account, serviceMessage: sentence)
    }
}

extension AzureTokenCredential: CustomStringConvertible, CustomReflectable {
    public var description: String { refresher == nil ? "AzureTokenCredential(fixed)" : "AzureTokenCredential(refreshing)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
