import Foundation
import HTTPTypes
import TidemarkModel

/// Joins the wire to a credential and a transport: the only place of the chat adapter that waits.
struct AzureExchange: Sendable {
    var wire: AzureChatWire
    var credential: AzureTokenCredential
    var transport: any HTTPTransport
    var limits: HTTPLimits
    var now: @Sendable () -> Timestamp

    /// Makes one request, and one more with a new token if the first one's was refused.
    ///
    /// The 401 says that nothing was done, so that the second request is not a retry that could double anything. A second
    /// 401 is the answer: the caller waits for a new credential instead of asking again (wire page §9).
    func send(
        _ operation: AzureOperation, deadline: Timestamp? = nil,
        _ build: (AzureChatWire, String) throws(ServiceError) -> AzureRequest
    ) async throws(ServiceError) -> TransportResponse {
        var token = try await credential.accessToken()
        var response = try await attempt(operation, token, deadline, build)
        if response.head.status.code == 401, credential.canRefresh {
            do throws(ServiceError) {
                token = try await credential.renewed(after: token)
            } catch {
                var error = error
                if error.code == .unauthenticated { error.status = 401 }
                throw error
            }
            response = try await attempt(operation, token, deadline, build)
        }
        return response
    }

    func send(_ operation: AzureOperation) async throws(ServiceError) -> TransportResponse {
        try await send(operation) { wire, id throws(ServiceError) in try wire.request(for: operation, requestID: id) }
    }

    private func attempt(
        _ operation: AzureOperation, _ token: AzureAccessToken, _ deadline: Timestamp?,
        _ build: (AzureChatWire, String) throws(ServiceError) -> AzureRequest
    ) async throws(ServiceError) -> TransportResponse {
        var wire = wire
        wire.identity = token.identity
        var request = try build(wire, UUID().uuidString.lowercased())
        request.head.headerFields[.authorization] = "Bearer \(token.text)"
        guard !Task.isCancelled else { throw ServiceError(.cancelled, certainty: .notApplied) }
        // The lease or the attempt may have run out while the token was fetched (rule R14).
        if let deadline, now() >= deadline { throw ServiceError(.tooLate, certainty: .notApplied) }
        do {
            return try await transport.send(request.head, body: request.body, limits: limits)
        } catch {
            throw wire.failure(error, of: operation)
        }
    }
}
