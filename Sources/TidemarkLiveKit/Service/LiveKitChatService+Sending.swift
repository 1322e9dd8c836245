import Synchronization
public import TidemarkModel

extension LiveKitChatService {
    /// Throws `roomNotOpen` and `roomChanged` only where there is a server to ask; `otherSender` for a change of what was sent
    /// under another name.
    public func perform(_ delivery: Delivery) async throws(ServiceError) -> Acceptance {
        var attempt = adapter.attempt(delivery, at: now())
        if let sending = attempt.sending { underWay.withLock { $0[sending.key] = sending.token } }
        defer { if let sending = attempt.sending { underWay.withLock { $0[sending.key] = nil } } }
        while true {
            let step = attempt.next(now())
            if case .end(let result) = step { return try result.get() }
            do throws(ServiceError) {
                try await take(step, &attempt)
            } catch {
                attempt.failed(error)
            }
        }
    }

    private func take(_ step: LiveKitAttempt.Step, _ attempt: inout LiveKitAttempt) async throws(ServiceError) {
        switch step {
        case .publish(let packet):
            try await carried { channel in
                try await channel.publish(
                    packet.payload, topic: packet.topic ?? LiveKitTopic.chat, reliable: true, destinations: [])
            }
            attempt.published()
        case .publishText(let text, let id):
            try await carried { channel in
                guard let channel = channel as? any TextStreamChannel else { throw DataChannelError(.closed) }
                try await channel.publishText(text, topic: LiveKitTopic.stream, streamID: id, destinations: [])
            }
            attempt.published()
        case .call(let operation):
            guard let server else { throw ServiceError(.otherSender, certainty: .notApplied) }
            attempt.answered(try await server.call(operation))
        case .end: return
        }
    }

    /// What a channel's failure says of the packet.
    private func carried(_ publish: (any DataChannel) async throws -> Void) async throws(ServiceError) {
        guard let channel else { throw ServiceError(.otherSender, certainty: .notApplied) }
        do {
            try await publish(channel)
        } catch let error as DataChannelError {
            throw ServiceError(error)
        } catch is CancellationError {
            throw ServiceError(.cancelled, certainty: .unknown)
        } catch {
            throw ServiceError(.answerLost, certainty: .unknown)
        }
    }
}

extension ServiceError {
    /// What a channel's failure says of a packet that it was to publish.
    package init(_ error: DataChannelError) {
        switch error.code {
        case .interrupted: self.init(.answerLost, certainty: .unknown)
        case .tooLarge: self.init(.tooLarge, certainty: .notApplied, serviceMessage: error.description)
        case .notConnected:
            self.init(
                .unreachable, certainty: .notApplied, scope: .account, serviceMessage: "Nobody is in the room for this account.")
        default: self.init(.unreachable, certainty: .notApplied, scope: .account, serviceMessage: error.description)
        }
    }
}
