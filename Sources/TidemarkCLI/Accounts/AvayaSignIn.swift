import Foundation
import Synchronization
import Tidemark
import TidemarkAvaya

extension AvayaSettings {
    /// How the account proves who it is. What the service gives for later stands in a file beside the store that only its
    /// owner may read, and never in the store.
    func credential(
        _ account: Account, in store: MessageStore, transport: any HTTPTransport
    ) async throws -> any AvayaCredential {
        switch user {
        case .guest(let name):
            let keeper = try Self.keeper(account, in: store, "guest")
            let token = try await keeper.load()?.token
            guard token != nil || !store.isReadOnly else {
                throw Failure(
                    .failed, code: "noCredential", "Account \(account.name) has no guest yet; run `tidemark sync` once.")
            }
            let guest = AnonymousUser(
                displayName: name, token: token, logsInAnew: !store.isReadOnly, servers: servers, transport: transport)
            return KeptGuest(guest, keeper: keeper, saved: token)
        case .registered(let client, let secret, let token):
            let keeper = try Self.keeper(account, in: store, "refresh-token")
            let kept = try await keeper.load()
            let first = kept == nil ? try await token.read() : nil
            return OAuth2Authenticator(
                clientID: client, clientSecret: try await secret.read(), refreshToken: first, keeper: keeper, servers: servers,
                transport: transport)
        case .token(let source):
            _ = try await source.read()
            return ReadToken(source: source)
        }
    }

    private static func keeper(
        _ account: Account, in store: MessageStore, _ what: String
    ) throws -> FileRefreshTokenKeeper {
        guard let file = tokenFile(of: account.name, in: store, what) else {
            throw Failure(.failed, code: "noCredential", "A store in memory has no place for the account's tokens.")
        }
        return FileRefreshTokenKeeper(file: file)
    }

    private static func tokenFile(of account: AccountName, in store: MessageStore, _ what: String) -> URL? {
        // The name is the user's own; no sign of it may lead elsewhere.
        let name = account.rawValue.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "account"
        return store.path.map { URL(filePath: "\($0).\(name).\(what)") }
    }

    /// What an account of this name may have been given and kept beside the store, with the files that guard it.
    static func tokenFiles(of account: AccountName, in store: MessageStore) -> [URL] {
        ["guest", "refresh-token"].compactMap { tokenFile(of: account, in: store, $0) }.flatMap { file in
            [file, file.appendingPathExtension("lock")]
        }
    }
}

/// A guest whose token is kept before it is used, so that the next run is the same guest.
private final class KeptGuest: AvayaCredential {
    private let guest: AnonymousUser
    private let keeper: FileRefreshTokenKeeper
    private let saved: Mutex<String?>

    init(_ guest: AnonymousUser, keeper: FileRefreshTokenKeeper, saved: String?) {
        self.guest = guest
        self.keeper = keeper
        self.saved = Mutex(saved)
    }

    func access() async throws(ServiceError) -> AvayaAccess {
        try await kept(try await guest.access())
    }

    func renewed(after refused: AvayaAccess) async throws(ServiceError) -> AvayaAccess {
        try await kept(try await guest.renewed(after: refused))
    }

    private func kept(_ access: AvayaAccess) async throws(ServiceError) -> AvayaAccess {
        guard saved.withLock({ $0 }) != access.token else { return access }
        do {
            try await keeper.save(KeptRefreshToken(access.token))
        } catch {
            throw ServiceError(
                .unauthenticated, certainty: .notApplied, scope: .account,
                serviceMessage: "The guest's token can't be kept beside the store: \(error)")
        }
        saved.withLock { $0 = access.token }
        return access
    }
}

/// A token that somebody else renews: read again from where it is found when the service refuses the last one.
private struct ReadToken: AvayaCredential {
    let source: SecretSource

    func access() async throws(ServiceError) -> AvayaAccess {
        let token: String
        do {
            token = try await source.read()
        } catch {
            throw ServiceError(.unauthenticated, certainty: .notApplied, scope: .account)
        }
        return try await JWTAuthenticator(token: token).access()
    }

    func renewed(after refused: AvayaAccess) async throws(ServiceError) -> AvayaAccess {
        let access = try await access()
        guard access.token != refused.token else {
            throw ServiceError(.unauthenticated, certainty: .notApplied, scope: .account, status: 401)
        }
        return access
    }
}
