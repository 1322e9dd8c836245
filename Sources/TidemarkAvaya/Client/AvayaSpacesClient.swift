import Foundation
public import TidemarkModel

/// Avaya Spaces' REST interface as it is (wire page §3 to §5), for programs that want it without a store.
///
/// It stores and repeats nothing; whoever wants messages to survive a bad network uses ``AvayaChatService`` under the engine.
/// Every call throws `ServiceError` with what failed and how certain it is that nothing was done: a call that throws
/// `.unknown` may have had its effect. A refused access is renewed once. Cancelling a call ends its request.
public struct AvayaSpacesClient: Sendable {
    let exchange: AvayaExchange

    /// `passwords`: of spaces that ask for one; each goes with the requests of its space and no other.
    public init(
        servers: AvayaServers = .production, credential: any AvayaCredential, transport: any HTTPTransport,
        passwords: [RemoteConversationID: String] = [:], limits: HTTPLimits = HTTPLimits()
    ) {
        exchange = AvayaExchange(
            wire: AvayaChatWire(endpoint: servers.rest, passwords: passwords), credential: credential, transport: transport,
            limits: limits, now: { Timestamp(Date()) }, users: AvayaUserLookup())
    }

    /// Who the access belongs to.
    public func me() async throws(ServiceError) -> AvayaUser {
        try exchange.wire.user(try await exchange.send(.me), of: .me)
    }

    // MARK: Spaces

    /// The user's spaces, the last active first; with `after` those that changed since then, deleted ones on request.
    public func spaces(_ query: AvayaSpacesQuery = AvayaSpacesQuery()) -> PagedItems<AvayaSpace> {
        items(.listSpaces(query)) { json throws(MalformedItem) in
            try AvayaSpace(json: json)
        }
    }

    public func space(_ id: RemoteConversationID) async throws(ServiceError) -> AvayaSpace {
        try await space(.space(id))
    }

    /// Joins a space. Whoever is in already stays in.
    @discardableResult
    public func join(_ id: RemoteConversationID) async throws(ServiceError) -> AvayaSpace {
        try await space(.join(id))
    }

    /// Accepts an invitation.
    @discardableResult
    public func join(invitation id: String) async throws(ServiceError) -> AvayaSpace {
        try await space(.joinInvitation(id))
    }

    /// Makes a group space and invites to it; registered users only. Every call makes another one.
    public func createSpace(
        title: String, invitees: [AvayaInvitee] = []
    ) async throws(ServiceError) -> RemoteConversationID {
        let operation = AvayaOperation.createSpace(title: title, invitees: invitees)
        return try exchange.wire.createdSpace(try await exchange.send(operation), of: operation)
    }

    /// Invites to a space: at most ten times in ten minutes.
    public func invite(_ invitees: [AvayaInvitee], to id: RemoteConversationID) async throws(ServiceError) {
        try await acknowledged(.invite(invitees, to: id))
    }

    /// The space of two, made if there is none. The other one has to be of the same company or in a common space.
    public func directSpace(
        with user: ParticipantID, type: AvayaUserType = .user
    ) async throws(ServiceError) -> AvayaSpace {
        try await space(.direct(type, user))
    }

    /// Changes a space's title or settings (JSON; their form is the service's).
    public func updateSpace(
        _ id: RemoteConversationID, title: String? = nil, settings: String? = nil
    ) async throws(ServiceError) {
        try await acknowledged(.updateSpace(id, title: title, settings: try AvayaChatWire.read(settings)))
    }

    /// Who is in a space. A concurrent change can shift what is on later pages.
    public func members(
        of id: RemoteConversationID, size: Int? = 30, search: String? = nil
    ) -> PagedItems<AvayaMember> {
        items(
            .listMembers(id, size: size, page: size == nil ? nil : 0, search: search)
        ) { json throws(MalformedItem) in try AvayaMember(json: json) }
    }

    public func setPreference(
        _ preference: AvayaPreference, for id: RemoteConversationID
    ) async throws(ServiceError) {
        try await acknowledged(.preference(id, preference))
    }

    /// Marks a space read until a moment; without one until now, by the service's clock.
    public func markRead(_ id: RemoteConversationID, until moment: Timestamp? = nil) async throws(ServiceError) {
        try await acknowledged(.markRead(id, until: moment))
    }

    private func space(_ operation: AvayaOperation) async throws(ServiceError) -> AvayaSpace {
        try exchange.wire.space(try await exchange.send(operation), of: operation)
    }

    func acknowledged(_ operation: AvayaOperation) async throws(ServiceError) {
        try exchange.wire.acknowledge(try await exchange.send(operation), of: operation)
    }
}
