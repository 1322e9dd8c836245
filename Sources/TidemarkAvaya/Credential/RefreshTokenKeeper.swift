import Synchronization

/// A refresh token as a keeper holds it.
public struct KeptRefreshToken: Hashable, Sendable {
    /// The secret itself.
    public var token: String
    /// A renewal with it has begun and its answer was not seen: the service may have replaced it by one that nobody knows.
    public var mayBeSpent: Bool

    public init(_ token: String, mayBeSpent: Bool = false) {
        self.token = token
        self.mayBeSpent = mayBeSpent
    }
}

extension KeptRefreshToken: CustomStringConvertible, CustomReflectable {
    public var description: String { "KeptRefreshToken(…)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Where the refresh token of one user lives: a file, a keychain. The service replaces the token at each renewal, so that one
/// that is lost means signing in again (wire page §2).
public protocol RefreshTokenKeeper: Sendable {
    func load() async throws -> KeptRefreshToken?

    /// Durable when it returns: a crash or a power cut right afterwards finds this token, never half of one. `nil` forgets it.
    func save(_ token: KeptRefreshToken?) async throws

    /// Runs the body while nobody else, in this process or another, runs one for the same token. Throws without running it
    /// where that can't be had in time.
    func exclusively<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value
}

/// Keeps a refresh token for as long as the process lives: for tests, and for programs that keep it elsewhere themselves.
public final class MemoryRefreshTokenKeeper: RefreshTokenKeeper {
    private let kept: Mutex<KeptRefreshToken?>

    public init(_ token: String? = nil) {
        kept = Mutex(token.map { KeptRefreshToken($0) })
    }

    public func load() async throws -> KeptRefreshToken? { kept.withLock { $0 } }

    public func save(_ token: KeptRefreshToken?) async throws {
        kept.withLock { $0 = token }
    }

    /// One authenticator renews one at a time already; share no memory keeper between several.
    public func exclusively<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await body()
    }
}
