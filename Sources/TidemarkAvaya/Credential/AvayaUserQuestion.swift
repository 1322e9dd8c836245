import HTTPTypes
import TidemarkModel

/// Asks the service whose an access is.
struct AvayaUserQuestion: Sendable {
    var servers: AvayaServers
    var transport: any HTTPTransport
    var limits: HTTPLimits

    func user(of access: AvayaAccess) async throws(ServiceError) -> AvayaUser {
        let wire = AvayaChatWire(endpoint: servers.rest)
        var request = try wire.request(for: AvayaOperation.me)
        request.head.headerFields[.authorization] = access.authorization
        let response: TransportResponse
        do {
            response = try await transport.send(request.head, body: request.body, limits: limits)
        } catch {
            throw wire.failure(error, of: AvayaOperation.me)
        }
        return try wire.user(response, of: .me)
    }
}

extension AvayaAccess {
    /// The value of the header that carries it (wire page §2).
    var authorization: String { "\(scheme.rawValue) \(token)" }
}
