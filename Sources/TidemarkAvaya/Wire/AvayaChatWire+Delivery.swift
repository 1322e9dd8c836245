import HTTPTypes
package import TidemarkModel

extension AvayaChatWire: ServiceWire {
    package var traits: ServiceTraits { .avaya(isGuest: isGuest) }

    /// Builds the request of one attempt. Throws before any byte could leave, always `.notApplied`: `.unsupported` for what
    /// the service has no known call for (removing somebody, deleting a space).
    package func request(for delivery: Delivery) throws(ServiceError) -> WireRequest {
        try check(delivery.identity)
        return try request(for: operation(for: delivery))
    }

    package func operation(for delivery: Delivery) throws(ServiceError) -> AvayaOperation {
        switch delivery.action {
        case .createConversation(let topic, let participants):
            return .createSpace(title: topic, invitees: participants.map { AvayaInvitee($0) })
        case .send(let message, let space):
            guard message.kind == .text || message.kind == .html else {
                throw .refused(.invalid, "Only text and html can be sent; posts and tasks have calls of their own.")
            }
            return .send(
                AvayaOutgoingMessage(
                    body: AvayaBody.encoded(message.text, as: message.kind),
                    attachments: message.attachments.map { AvayaAttachment($0) }, parent: message.replyTo), to: space)
        case .edit(let message, let text, _, let space):
            return .edit(
                message, body: AvayaBody.encoded(text, as: delivery.targetKind ?? .text), details: nil,
                base: delivery.baseVersion.map { Timestamp(milliseconds: $0) }, in: space)
        case .delete(let message, let space): return .delete([message], in: space)
        case .markRead(_, let space): return .markRead(space, until: delivery.targetCreatedAt)
        case .rename(let space, let topic): return .updateSpace(space, title: topic, settings: nil)
        case .addParticipants(let participants, let space):
            return .invite(participants.map { AvayaInvitee($0) }, to: space)
        case .removeParticipant:
            throw .refused(.unsupported, "The service has no known call that removes somebody from a space.")
        case .deleteConversation:
            throw .refused(.unsupported, "The service has no known call that deletes a space.")
        // The first of its steps: where the file may be put. The others are the storage's (``AvayaStorageWire``).
        case .upload(let file, let space):
            return .uploadURLs([AvayaUpload(mediaType: file.contentType, bytes: file.size)], space)
        }
    }

    /// Reads the service's answer to ``request(for:)-(Delivery)``.
    ///
    /// Throws what the service refused, with what is certain about it; a success that can't be read is `.unreadable` and
    /// `.unknown`.
    package func acceptance(of response: TransportResponse, for delivery: Delivery) throws(ServiceError) -> Acceptance {
        let operation = try operation(for: delivery)
        var acceptance = Acceptance(serverDate: HTTPDate.of(response), bytes: response.body.count)
        switch delivery.action {
        case .createConversation(let topic, _):
            acceptance.conversation = RemoteConversation(id: try createdSpace(response, of: operation), topic: topic)
        case .send:
            acceptance.message = try message(response, of: operation).id
        case .delete(let message, _):
            try check(try deletion(response, of: operation), of: message, response, operation)
        case .upload(let file, _):
            acceptance.attachment = RemoteAttachment(
                file: RemoteFileID(try uploadURLs(response, of: operation)[0].fileKey), name: file.name, size: file.size,
                contentType: file.contentType)
        case .edit, .markRead, .rename, .addParticipants, .removeParticipant, .deleteConversation:
            try acknowledge(response, of: operation)
        }
        return acceptance
    }

    package func failure(_ error: TransportError, for delivery: Delivery) -> ServiceError {
        guard let operation = try? operation(for: delivery) else { return HTTPFailure(isRead: false).error(error) }
        return failure(error, of: operation)
    }

    /// What a delete of one message came to. Not found is `.notFound`, which settles a delete unless the message was written so
    /// short ago that the service may not know it yet (rule R8).
    private func check(
        _ result: AvayaDeleteResult, of id: RemoteMessageID, _ response: TransportResponse, _ operation: AvayaOperation
    ) throws(ServiceError) {
        if result.deleted.contains(id) { return }
        var error = ServiceError(
            .notFound, certainty: .notApplied, status: response.head.status.code, serverDate: HTTPDate.of(response))
        if result.notFound.contains(id) { throw error }
        if let refused = result.notPermitted.first(where: { $0.id == id }) {
            (error.code, error.serviceCode, error.serviceMessage) = (.forbidden, refused.code, refused.message)
            throw error
        }
        if let refused = result.notDeleted.first(where: { $0.id == id }) {
            (error.code, error.serviceCode, error.serviceMessage) = (.invalid, refused.code, refused.message)
            throw error
        }
        throw unreadable(response, of: operation, "The answer does not say what became of the message.")
    }
}
