import HTTPTypes
import TidemarkModel

/// Joins the wire to a credential and a transport: the only place of the REST half that waits.
struct AvayaExchange: Sendable {
    var wire: AvayaChatWire
    var credential: any AvayaCredential
    var transport: any HTTPTransport
    var limits: HTTPLimits
    var now: @Sendable () -> Timestamp
    var users: AvayaUserLookup

    /// Makes one request, and one more with a new access if the first one's was refused.
    ///
    /// The 401 says that nothing was done, so that the second request is not a retry that could double anything. A second
    /// 401 is the answer: the caller waits for a new credential instead of asking again.
    ///
    /// - Parameter asked: for whom the request is meant. If it is somebody, the access's user is learnt first and compared.
    func send(
        _ operation: AvayaOperation, as asked: ParticipantID? = nil, deadline: Timestamp? = nil,
        _ build: (AvayaChatWire) throws(ServiceError) -> WireRequest
    ) async throws(ServiceError) -> TransportResponse {
        var access = try await credential.access()
        // Before another request is made for a request that can't be.
        _ = try build(wire)
        var response = try await attempt(operation, access, asked, deadline, build)
        if response.head.status.code == 401 {
            access = try await renewed(after: access)
            response = try await attempt(operation, access, asked, deadline, build)
        }
        return response
    }

    func send(_ operation: AvayaOperation) async throws(ServiceError) -> TransportResponse {
        try await send(operation) { wire throws(ServiceError) in try wire.request(for: operation) }
    }

    /// Who the next request would be made as.
    func identity() async throws(ServiceError) -> ParticipantID {
        var access = try await credential.access()
        do throws(ServiceError) {
            return try await identity(of: access)
        } catch {
            guard error.code == .unauthenticated, error.status == 401 else { throw error }
            access = try await renewed(after: access)
            return try await identity(of: access)
        }
    }

    private func renewed(after refused: AvayaAccess) async throws(ServiceError) -> AvayaAccess {
        do throws(ServiceError) {
            return try await credential.renewed(after: refused)
        } catch {
            var error = error
            if error.code == .unauthenticated { error.status = 401 }
            throw error
        }
    }

    /// What the access itself says, or `users/me` once for each access.
    private func identity(of access: AvayaAccess) async throws(ServiceError) -> ParticipantID {
        if let known = access.identity ?? users.user(of: access) { return known }
        let response = try await carry(try wire.request(for: .me), .me, access, nil)
        let user = try wire.user(response, of: .me)
        users.remember(user.id, of: access)
        return user.id
    }

    private func attempt(
        _ operation: AvayaOperation, _ access: AvayaAccess, _ asked: ParticipantID?, _ deadline: Timestamp?,
        _ build: (AvayaChatWire) throws(ServiceError) -> WireRequest
    ) async throws(ServiceError) -> TransportResponse {
        var wire = wire
        if asked != nil {
            do throws(ServiceError) {
                wire.identity = try await identity(of: access)
            } catch {
                // Of the request that was asked for no byte has left.
                guard error.code == .unauthenticated, error.status == 401 else { throw error.beforeAnyByte }
                return TransportResponse(head: HTTPResponse(status: .unauthorized))
            }
        }
        return try await carry(try build(wire), operation, access, deadline)
    }

    private func carry(
        _ request: WireRequest, _ operation: AvayaOperation, _ access: AvayaAccess, _ deadline: Timestamp?
    ) async throws(ServiceError) -> TransportResponse {
        var head = request.head
        head.headerFields[.authorization] = access.authorization
        guard !Task.isCancelled else { throw ServiceError(.cancelled, certainty: .notApplied) }
        // The lease or the attempt may have run out while the access was fetched (rule R14).
        if let deadline, now() >= deadline { throw ServiceError(.tooLate, certainty: .notApplied) }
        do {
            return try await transport.send(head, body: request.body, limits: limits)
        } catch {
            throw wire.failure(error, of: operation)
        }
    }
}

extension ServiceError {
    fileprivate var beforeAnyByte: ServiceError {
        var error = self
        error.certainty = .notApplied
        return error
    }
}
