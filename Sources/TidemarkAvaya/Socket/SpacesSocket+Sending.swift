import TidemarkModel

extension SpacesSocket {
    /// A send that has not ended.
    struct PendingSend: Hashable, Sendable {
        var token: Token
        var space: RemoteConversationID
        var frame: String
        var deadline: Int64
        /// It left: from here on only an answer tells what became of it.
        var isWritten = false
    }

    mutating func send(_ message: SpacesMessage, _ now: Int64) {
        if let error = refusal(of: message) {
            effects.append(.settle(message.token, .failure(error)))
            return
        }
        let deadline = Self.time(now, max(.milliseconds(1), configuration.sendTimeout))
        sends.append(
            PendingSend(
                token: message.token, space: message.space, frame: SpacesEvent.sending(message), deadline: deadline))
    }

    /// Why a message can't be sent at all. Nothing of it has left.
    private func refusal(of message: SpacesMessage) -> ServiceError? {
        if phase == .idle { return ServiceError(.unreachable, certainty: .notApplied, scope: .account) }
        // Another end for the same token could not be told from this one's.
        if sends.contains(where: { $0.token == message.token }) {
            return ServiceError(
                .invalid, certainty: .notApplied, serviceMessage: "A message with this token is just being sent.")
        }
        guard let subscription = subscriptions[message.space] else {
            return ServiceError(.invalid, certainty: .notApplied, serviceMessage: Self.notEntered)
        }
        if case .refused = subscription.state { return ServiceError(.forbidden, certainty: .notApplied) }
        if sends.count >= configuration.maximumPendingSends {
            return ServiceError(.throttled, certainty: .notApplied, scope: .account)
        }
        if SpacesEvent.sending(message).utf8.count > configuration.maximumEventBytes {
            return ServiceError(.tooLarge, certainty: .notApplied)
        }
        return nil
    }

    /// Whether all that may leave has left: `false` if the rate holds some back.
    mutating func writeSends(_ now: Int64) -> Bool {
        for index in sends.indices where isWritable(sends[index]) {
            guard rate.take(at: now) else {
                rateOpensAt = rate.opens(after: now)
                return false
            }
            sends[index].isWritten = true
            effects.append(.write(sends[index].frame, connection: connection))
        }
        return true
    }

    var hasWritableSend: Bool { sends.contains(where: isWritable) }

    private func isWritable(_ send: PendingSend) -> Bool {
        !send.isWritten && subscriptions[send.space]?.state == .subscribed
    }

    /// Others show it for some two seconds (wire page §6): later is too late, so it never waits. Messages go first.
    mutating func tellTyping(_ space: RemoteConversationID, _ now: Int64) {
        guard isReady, subscriptions[space]?.state == .subscribed, !hasWritableSend, rate.take(at: now) else { return }
        effects.append(.write(SpacesEvent.typing(in: space), connection: connection))
    }

    // MARK: Ends

    /// The echo that carries the token says that it was stored (wire page §6).
    mutating func settle(sent payload: SocketJSON) {
        guard let token = SpacesEvent.token(in: payload),
            let index = sends.firstIndex(where: { $0.token == token && $0.isWritten })
        else { return }
        if let id = payload["_id"]?.text, !id.isEmpty {
            settle(index, .success(RemoteMessageID(rawValue: id)))
        } else {
            settle(index, .failure(ServiceError(.unreadable, certainty: .unknown)))
        }
    }

    /// The failure holds what was sent, or only says that the space isn't subscribed to (wire page §6): then it is the one
    /// message under way there. Where there are several, none is taken for it: to call a stored message refused would double
    /// it, while one that waits in vain is looked up.
    mutating func sendFailed(_ payload: SocketJSON) {
        let space = Self.space(in: payload)
        let isUnsubscribed = payload["category"]?.text == SpacesEvent.subscriptionRequired
        if isUnsubscribed, let space, subscriptions[space]?.state == .subscribed {
            subscriptions[space]?.state = .wanted(attempts: 0)
        }
        let written = sends.indices.filter { sends[$0].isWritten && (space == nil || sends[$0].space == space) }
        let index: Int?
        if let token = SpacesEvent.token(in: payload) {
            index = written.first { sends[$0].token == token }
        } else {
            index = written.count == 1 ? written.first : nil
        }
        guard let index else { return }
        let words = (payload["message"] ?? payload["error"]?["message"])?.text
        settle(
            index,
            .failure(
                ServiceError(
                    isUnsubscribed ? .forbidden : .invalid, certainty: .notApplied,
                    serviceCode: (payload["code"] ?? payload["error"]?["code"])?.text,
                    serviceMessage: words.map { String($0.prefix(1_000)) })))
    }

    mutating func endSends(_ now: Int64) {
        for index in sends.indices.reversed() where sends[index].deadline <= now {
            settle(index, .failure(sends[index].isWritten ? Self.unanswered : Self.unsent))
        }
    }

    /// The connection that could have answered is gone, and no later one will (wire page §0).
    mutating func settleWritten() {
        for index in sends.indices.reversed() where sends[index].isWritten {
            settle(index, .failure(Self.unanswered))
        }
    }

    mutating func withdraw(_ token: Token) {
        guard let index = sends.firstIndex(where: { $0.token == token }) else { return }
        settle(index, .failure(ServiceError(.cancelled, certainty: sends[index].isWritten ? .unknown : .notApplied)))
    }

    mutating func settleQueued(in space: RemoteConversationID, _ error: ServiceError) {
        for index in sends.indices.reversed() where !sends[index].isWritten && sends[index].space == space {
            settle(index, .failure(error))
        }
    }

    mutating func settleAll(_ error: ServiceError) {
        for index in sends.indices.reversed() { settle(index, .failure(error)) }
    }

    private mutating func settle(_ index: Int, _ result: Result<RemoteMessageID, ServiceError>) {
        effects.append(.settle(sends[index].token, result))
        sends.remove(at: index)
    }

    private static let unanswered = ServiceError(.answerLost, certainty: .unknown)
    private static let unsent = ServiceError(.unreachable, certainty: .notApplied, scope: .account)
}
