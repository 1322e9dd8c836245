package import Foundation
import HTTPTypes
package import TidemarkModel

/// The adapter without its I/O: builds requests from the engine's values and reads the engine's values from answers.
///
/// All of it is synchronous and knows no clock, so that recorded bytes, the simulator and the network drive the same
/// code. It adds no credential.
package struct AvayaChatWire: Hashable, Sendable {
    /// The REST interface, with or without the `/api` at its end.
    package var endpoint: URL
    package var isGuest: Bool
    /// Passwords of spaces: each goes with the requests of its space and no other.
    package var passwords: [RemoteConversationID: String]
    /// Whose credential will go with the requests. A delivery or page request for somebody else is refused (rule R13).
    package var identity: ParticipantID?

    /// Raise it with every change that reads what was a reject before: stores then decode their rejects again (rule R24).
    static let decoderVersion = 1

    package init(
        endpoint: URL = AvayaServers.production.rest, isGuest: Bool = false,
        passwords: [RemoteConversationID: String] = [:], identity: ParticipantID? = nil
    ) {
        self.endpoint = endpoint
        self.isGuest = isGuest
        self.passwords = passwords
        self.identity = identity
    }

    /// Builds the request of one operation.
    ///
    /// Throws before any byte could leave, always `.notApplied`: `.invalid` for an id or number that makes no request.
    package func request(for operation: AvayaOperation) throws(ServiceError) -> WireRequest {
        let target = try target(of: operation)
        let payload = try payload(of: operation)
        var path = try origin.path + "/api" + target.path
        if !target.query.isEmpty { path += "?" + PercentEncoding.query(target.query) }
        var request = try request(target.method, path, of: operation)
        if let payload {
            request.head.headerFields[.contentType] = "application/json"
            request.body = payload.bytes
        }
        return request
    }

    func request(
        _ method: HTTPRequest.Method, _ path: String, of operation: AvayaOperation
    ) throws(ServiceError) -> WireRequest {
        let origin = try origin
        var head = HTTPRequest(method: method, scheme: origin.scheme, authority: origin.authority, path: path)
        head.headerFields[.accept] = "application/json"
        if let password = operation.space.flatMap({ passwords[$0] }) { head.headerFields[.spacePassword] = password }
        return WireRequest(head: head)
    }

    /// The endpoint without an `/api` at its end.
    var origin: ServiceOrigin {
        get throws(ServiceError) {
            var origin = try ServiceOrigin(endpoint)
            if origin.path.hasSuffix("/api") { origin.path.removeLast(4) }
            return origin
        }
    }

    /// Refuses what is asked for another user than the credential's, before any byte leaves.
    package func check(_ asked: ParticipantID?) throws(ServiceError) {
        guard let asked, let identity, asked != identity else { return }
        throw ServiceError(.wrongIdentity, certainty: .notApplied, scope: .account)
    }
}

extension AvayaChatWire: CustomStringConvertible, CustomReflectable {
    /// Without the passwords.
    package var description: String { "AvayaChatWire(\(endpoint.host() ?? "no host"))" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension HTTPField.Name {
    static let spacePassword = Self.literal("spaces-x-space-password")
}
