public import TidemarkModel

#if Crypto
public import Foundation
#endif

/// Where the server API's tokens come from: one per call, for just what the call needs.
public struct LiveKitCredential: Sendable {
    package let token: @Sendable (LiveKitVideoGrant) async throws(ServiceError) -> String

    /// Tokens made elsewhere. What it throws is thrown by the call, before a byte has left.
    public init(_ token: @escaping @Sendable (LiveKitVideoGrant) async throws(ServiceError) -> String) {
        self.token = token
    }

    #if Crypto
    /// Tokens made here, each good for ten minutes. `now` has to be right within a minute.
    public init(_ key: LiveKitAPIKey, now: @escaping @Sendable () -> Timestamp = { Timestamp(Date()) }) {
        self.init { grant throws(ServiceError) in
            do throws(LiveKitTokenClaims.Malformed) {
                return try key.token(LiveKitTokenClaims(grant: grant), at: now(), lifetime: .seconds(600))
            } catch {
                throw ServiceError(.invalid, certainty: .notApplied, serviceMessage: error.description)
            }
        }
    }
    #endif
}

extension LiveKitCredential: CustomStringConvertible, CustomReflectable {
    public var description: String { "LiveKitCredential" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
