public import TidemarkModel

extension AzureChatThreadClient {
    /// Who is in the thread. `skip` passes over that many; a concurrent change can shift the rest.
    public func listParticipants(resultsPerPage: Int? = nil, skip: Int? = nil) -> PagedItems<ChatParticipant> {
        exchange.items(
            .listParticipants(resultsPerPage: resultsPerPage, skip: skip, in: id)
        ) { json throws(MalformedItem) in try ChatParticipant(json: json) }
    }

    /// Adds one participant, and throws if the service left it out although it said yes: `.forbidden`, `.notFound` or
    /// `.invalid`, with the service's words. Somebody who is in already stays as they are.
    public func addParticipant(_ participant: ChatParticipant) async throws(ServiceError) {
        guard let refused = try await addParticipants([participant]).first else { return }
        throw ServiceError(
            Self.code(of: refused), certainty: .notApplied, serviceCode: refused.code, serviceMessage: refused.message)
    }

    /// Adds participants, at most 200 in one call, and returns those that the service left out with its reasons. The others
    /// are in.
    public func addParticipants(_ participants: [ChatParticipant]) async throws(ServiceError) -> [CommunicationError] {
        let operation = AzureOperation.addParticipants(participants, in: id)
        return try exchange.wire.refusedParticipants(try await exchange.send(operation), of: operation)
    }

    /// Removes a participant. Depending on the resource, one who was removed may still read what is older.
    public func removeParticipant(_ participant: CommunicationIdentifier) async throws(ServiceError) {
        try await acknowledged(.removeParticipant(participant, in: id))
    }

    /// The service writes the status that the participant alone would have had as the code.
    private static func code(of refused: CommunicationError) -> ServiceError.Code {
        switch refused.code.lowercased() {
        case "403", "forbidden": .forbidden
        case "404", "notfound": .notFound
        default: .invalid
        }
    }
}
