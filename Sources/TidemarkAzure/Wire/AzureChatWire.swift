package import Foundation
import HTTPTypes
package import TidemarkModel

/// The adapter without its I/O: builds requests from the engine's values and reads the engine's values from answers.
///
/// All of it is synchronous and knows no clock, so that recorded bytes, the simulator and the network drive the same
/// code. It adds no credential.
package struct AzureChatWire: Hashable, Sendable {
    package var endpoint: URL
    package var version: AzureAPIVersion
    /// Whose credential will go with the requests. A delivery or page request for somebody else is refused (rule R13).
    package var identity: ParticipantID?
    /// The metadata key of a send's token. It is written once and never changed.
    package var tokenKey = Self.defaultTokenKey
    /// The metadata key of the token of the edit that made a version (rule R7).
    package var editKey = Self.defaultEditKey

    /// Raise it with every change that reads what was a reject before: stores then decode their rejects again (rule R24).
    static let decoderVersion = 1

    static let defaultTokenKey = "tidemarkToken"
    static let defaultEditKey = "tidemarkEdit"

    package init(endpoint: URL, version: AzureAPIVersion = .v2024_03_07, identity: ParticipantID? = nil) {
        self.endpoint = endpoint
        self.version = version
        self.identity = identity
    }

    /// Builds the request of one operation.
    ///
    /// Throws before any byte could leave, always `.notApplied`: `.unsupported` for a version below 2021-03-07 or a
    /// field that the version lacks, `.invalid` for an id or number that makes no request.
    package func request(for operation: AzureOperation, requestID: String? = nil) throws(ServiceError) -> AzureRequest {
        guard version.isSupported else {
            throw .refused(.unsupported, "Requests are built for API versions 2021-03-07 and later.")
        }
        let origin = try ServiceOrigin(endpoint)
        let target = try target(of: operation)
        let payload = try payload(of: operation)
        var query = target.query
        query.append(("api-version", version.rawValue))
        var head = HTTPRequest(
            method: target.method, scheme: origin.scheme, authority: origin.authority,
            path: origin.path + target.path + "?" + PercentEncoding.query(query))
        head.headerFields[.accept] = "application/json"
        if let payload { head.headerFields[.contentType] = payload.contentType }
        if let requestID { head.headerFields[.azureRequestID] = requestID }
        if case .createThread(_, _, _, _, let repeatabilityID) = operation {
            // Not what HTTP calls a token: a caller's own may hold anything, and a header may not.
            head.headerFields[.repeatabilityRequestID] = PercentEncoding.encoded(repeatabilityID)
        }
        return AzureRequest(head: head, body: payload?.json.bytes ?? [])
    }

    /// Refuses what is asked for another user than the credential's, before any byte leaves.
    package func check(_ asked: ParticipantID?) throws(ServiceError) {
        guard let asked, let identity, asked != identity else { return }
        throw ServiceError(.wrongIdentity, certainty: .notApplied, scope: .account)
    }
}

extension HTTPField.Name {
    static let azureRequestID = Self.literal("x-ms-client-request-id")
    static let repeatabilityRequestID = Self.literal("repeatability-request-id")
}
