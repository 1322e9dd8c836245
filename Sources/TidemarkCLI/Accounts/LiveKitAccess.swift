import Foundation
import Tidemark
import TidemarkLiveKit

/// What opens a room: the key that tokens are made with, or a token that was made elsewhere. Read where it is found, each time.
struct LiveKitAccess: Sendable {
    let settings: LiveKitSettings

    init(_ settings: LiveKitSettings) {
        self.settings = settings
    }

    /// Reads all of it once.
    func check() async throws {
        _ = try await key()
        _ = try await settings.token?.read()
    }

    private func key() async throws -> LiveKitAPIKey? {
        guard let name = settings.apiKey, let secret = settings.secret else { return nil }
        return LiveKitAPIKey(key: name, secret: try await secret.read())
    }

    /// The server's API, where the account has a way to it.
    func client(_ transport: any HTTPTransport, limits: HTTPLimits) -> LiveKitRoomClient? {
        guard settings.hasServer, let endpoint = settings.endpoint else { return nil }
        return LiveKitRoomClient(
            endpoint: endpoint, credential: LiveKitCredential { grant throws(ServiceError) in try await token(grant) },
            transport: transport, httpLimits: limits)
    }

    private func token(_ grant: LiveKitVideoGrant) async throws(ServiceError) -> String {
        do {
            guard let key = try await key() else { return try await settings.token?.read() ?? "" }
            return try key.token(LiveKitTokenClaims(grant: grant), at: .current, lifetime: .seconds(600))
        } catch let error as LiveKitTokenClaims.Malformed {
            throw ServiceError(.invalid, certainty: .notApplied, serviceMessage: error.description)
        } catch {
            throw ServiceError(.unauthenticated, certainty: .notApplied, scope: .account)
        }
    }

    /// The token with which the bridge joins: the account's own, or one made for it. `nil`: it has to see to that itself.
    func joinToken() async throws -> String? {
        if let token = settings.token { return try await token.read() }
        guard let identity = settings.identity, let key = try await key() else { return nil }
        return try key.token(LiveKitTokenClaims(identity: identity, grant: .join(settings.room)), at: .current)
    }

    /// The bridge's environment: this program's, without the variables that hold the account's secrets, and with what the room
    /// is and how it is joined.
    func environment(joinToken: String?) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        for variable in [settings.secret?.variable, settings.token?.variable] {
            if let variable { environment[variable] = nil }
        }
        environment["LIVEKIT_ROOM"] = settings.room
        if let identity = settings.identity { environment["LIVEKIT_IDENTITY"] = identity }
        if let endpoint = settings.endpoint?.absoluteString {
            // http and ws name the same server.
            environment["LIVEKIT_URL"] = endpoint.hasPrefix("http") ? "ws" + endpoint.dropFirst(4) : endpoint
        }
        if let joinToken { environment["LIVEKIT_TOKEN"] = joinToken }
        return environment
    }
}
