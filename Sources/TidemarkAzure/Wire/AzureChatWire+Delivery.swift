package import TidemarkModel

extension AzureChatWire {
    /// Builds the request of one attempt. Throws before any byte could leave, always `.notApplied`.
    package func request(for delivery: Delivery, requestID: String? = nil) throws(ServiceError) -> AzureRequest {
        try check(delivery.identity)
        return try request(for: try operation(for: delivery), requestID: requestID)
    }

    /// Reads the service's answer to ``request(for:requestID:)-(Delivery,_)``.
    ///
    /// Throws what the service refused, with what is certain about it; a success that can't be read is `.unreadable` and
    /// `.unknown`.
    package func acceptance(of response: TransportResponse, for delivery: Delivery) throws(ServiceError) -> Acceptance {
        let operation = try operation(for: delivery)
        var acceptance = Acceptance(serverDate: HTTPDate.of(response), bytes: response.body.count)
        switch delivery.action {
        case .createConversation:
            let result = try createdThread(response, of: operation)
            acceptance.conversation = result.thread.conversation
            acceptance.failures = result.invalidParticipants.map(\.partialFailure)
        case .send:
            acceptance.message = try sentMessage(response, of: operation)
        case .addParticipants:
            acceptance.failures = try refusedParticipants(response, of: operation).map(\.partialFailure)
        case .edit, .delete, .markRead, .rename, .removeParticipant, .deleteConversation, .upload:
            try acknowledge(response, of: operation)
        }
        return acceptance
    }

    package func failure(_ error: TransportError, for delivery: Delivery) -> ServiceError {
        guard let operation = try? operation(for: delivery) else { return HTTPFailure(isRead: false).error(error) }
        return failure(error, of: operation)
    }

    /// Throws `unsupported` for what the service has no call for.
    package func operation(for delivery: Delivery) throws(ServiceError) -> AzureOperation {
        switch delivery.action {
        case .createConversation(let topic, let participants):
            return .createThread(
                topic: topic, participants: participants.map { ChatParticipant($0) },
                repeatabilityID: delivery.token.rawValue)
        case .send(var message, let thread):
            message.metadata = marked(message.metadata, tokenKey, delivery.token)
            return .sendMessage(message, in: thread)
        case .edit(let message, let text, let metadata, let thread):
            return .updateMessage(message, content: text, metadata: marked(metadata, editKey, delivery.token), in: thread)
        case .delete(let message, let thread):
            return .deleteMessage(message, in: thread)
        case .markRead(let message, let thread):
            return .sendReceipt(message, in: thread)
        case .rename(let thread, let topic):
            return .updateThread(thread, topic: topic)
        case .addParticipants(let participants, let thread):
            return .addParticipants(participants.map { ChatParticipant($0) }, in: thread)
        case .removeParticipant(let participant, let thread):
            return .removeParticipant(CommunicationIdentifier(participant), in: thread)
        case .deleteConversation(let thread):
            return .deleteThread(thread)
        case .upload:
            throw ServiceError(.unsupported, certainty: .notApplied)
        }
    }

    /// The caller's own keys with the engine's one. A caller can write neither of the engine's keys, and an edit leaves the
    /// send's alone: that is how a look-up finds what was sent (rules R5, R7).
    private func marked(_ metadata: [String: String], _ key: String, _ token: Token) -> [String: String] {
        var marked = metadata
        marked[tokenKey] = nil
        marked[editKey] = nil
        if version.hasMessageMetadata { marked[key] = token.rawValue }
        return marked
    }
}
