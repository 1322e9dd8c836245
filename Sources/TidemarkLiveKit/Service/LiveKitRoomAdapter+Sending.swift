package import TidemarkModel

extension LiveKitRoomAdapter {
    /// What a delivery takes. What can't be sent at all ends it before its first step.
    package func attempt(_ delivery: Delivery, at now: Timestamp) -> LiveKitAttempt {
        do throws(ServiceError) {
            switch delivery.action {
            case .createConversation(let topic, _):
                guard topic == room else {
                    throw ServiceError(
                        .invalid, certainty: .notApplied, serviceMessage: "This account is of the room \(room) and of no other.")
                }
                let conversation = RemoteConversation(id: conversation, topic: room)
                return LiveKitAttempt(self, result: .success(Acceptance(conversation: conversation)))
            case .send(let message, let target):
                try check(delivery, target)
                return try send(message, delivery, at: now)
            case .edit(let id, let text, _, let target):
                try check(delivery, target)
                return try change(id, text, delivery, at: now)
            case .delete(let id, let target):
                try check(delivery, target)
                return try change(id, nil, delivery, at: now)
            default:
                throw ServiceError(.unsupported, certainty: .notApplied)
            }
        } catch {
            return LiveKitAttempt(self, result: .failure(error))
        }
    }

    private func check(_ delivery: Delivery, _ target: RemoteConversationID) throws(ServiceError) {
        guard target == conversation else { throw ServiceError(.notFound, certainty: .notApplied) }
        if let identity = delivery.identity, identity.rawValue != participant {
            throw ServiceError(.wrongIdentity, certainty: .notApplied)
        }
    }

    private func send(
        _ message: OutgoingMessage, _ delivery: Delivery, at now: Timestamp
    ) throws(ServiceError) -> LiveKitAttempt {
        let carrier = carrierOfNew
        let key = LiveKitMessageKey(
            sender: carrier == .server ? nil : participant,
            id: LiveKitMessageID.made(of: delivery.token, in: room, by: participant))
        let isStreamed = carrier == .channel && configuration.sendsTextStreams && writesStreams
        let body = LiveKitChatBody(
            id: key.id, text: message.text, timestamp: delivery.wantedAt ?? now, isCopyOfStream: isStreamed)
        return try attempt(
            [try packet(LiveKitTopic.chat, body, key)], streaming: isStreamed ? message.text : nil, key, carrier, delivery,
            at: now)
    }

    /// `text` is `nil` for a delete.
    private func change(
        _ id: RemoteMessageID, _ text: String?, _ delivery: Delivery, at now: Timestamp
    ) throws(ServiceError) -> LiveKitAttempt {
        guard let key = LiveKitRemoteID.key(id) else { throw ServiceError(.notFound, certainty: .notApplied) }
        guard key.sender == nil || key.sender == participant else { throw ServiceError(.otherSender, certainty: .notApplied) }
        let policy = configuration.editPolicy
        let wanted = delivery.wantedAt ?? now
        // Greater than all before it, also if the clock was set back. A message may have come without any time.
        let base = delivery.baseVersion.map(LiveKitArrivalVersion.time).flatMap { LiveKitWireTime.range.contains($0) ? $0 : nil }
        let time = min(max(wanted, (base ?? wanted) + .milliseconds(1)), LiveKitWireTime.range.upperBound)
        let body = LiveKitChatBody(
            id: key.id, text: text ?? "", timestamp: delivery.targetCreatedAt ?? base ?? wanted, isDeleted: text == nil,
            editTimestamp: policy.writesEditTime ? time : nil)
        var packets: [LiveKitPacket] = []
        for topic in (text == nil ? policy.deletes : policy.edits).names { packets.append(try packet(topic, body, key)) }
        return try attempt(packets, streaming: nil, key, carrier(of: key), delivery, at: now)
    }

    private var carrierOfNew: LiveKitServiceConfiguration.Carrier {
        configuration.carrier ?? (hasChannel ? .channel : .server)
    }

    /// What has no sender went out by the server, unless the channel itself has no name.
    private func carrier(of key: LiveKitMessageKey) -> LiveKitServiceConfiguration.Carrier {
        if key.sender != nil { return .channel }
        return participant == nil ? carrierOfNew : .server
    }

    private func attempt(
        _ packets: [LiveKitPacket], streaming text: String?, _ key: LiveKitMessageKey,
        _ carrier: LiveKitServiceConfiguration.Carrier, _ delivery: Delivery, at now: Timestamp
    ) throws(ServiceError) -> LiveKitAttempt {
        guard carrier == .server ? server != nil : hasChannel else { throw ServiceError(.otherSender, certainty: .notApplied) }
        // Readers keep the greatest of them, and so does the sender.
        var written = packets.compactMap { self.written($0, at: now) }
            .max { ($0.message.version ?? .min) < ($1.message.version ?? .min) }
        let isSend = delivery.action.verb == .send
        if isSend { written?.message.token = delivery.token }
        var parts: [LiveKitAttempt.Part] = []
        if server != nil, let bound = delivery.room { parts.append(.checkRoom(sid: bound)) }
        if let text { parts.append(.stream(text, id: key.id)) }
        for (index, packet) in packets.enumerated() {
            parts.append(carrier == .channel ? .publish(packet) : .send(data(packet, index, delivery)))
        }
        return LiveKitAttempt(
            self, deadline: delivery.deadline, parts, sending: isSend ? (key, delivery.token) : nil,
            result: .success(Acceptance(message: LiveKitRemoteID.text(key), written: written)))
    }

    private func data(_ packet: LiveKitPacket, _ index: Int, _ delivery: Delivery) -> LiveKitSendData {
        LiveKitSendData(
            room: room, payload: packet.payload, topic: packet.topic,
            nonce: LiveKitNonce.kept(with: delivery.token, packet: UInt8(clamping: index)))
    }

    private func packet(
        _ topic: String, _ body: LiveKitChatBody, _ key: LiveKitMessageKey
    ) throws(ServiceError) -> LiveKitPacket {
        let payload: [UInt8]
        do throws(LiveKitUnsendable) {
            payload = try LiveKitChatWire.payload(body, form: configuration.form)
        } catch {
            throw ServiceError(.invalid, certainty: .notApplied, serviceMessage: error.description)
        }
        guard payload.count <= configuration.limits.reliableBytes else {
            throw ServiceError(
                .tooLarge, certainty: .notApplied,
                serviceMessage: "The packet takes \(payload.count) bytes and rooms carry \(configuration.limits.reliableBytes).")
        }
        return LiveKitPacket(topic: topic, payload: payload, identity: key.sender)
    }
}

extension LiveKitMessageID {
    /// The id of what a token sends: the same in every attempt. As hard to foretell as the token, which is random; who chooses
    /// tokens of their own shares no id with other rooms and senders.
    static func made(of token: Token, in room: String, by sender: String?) -> String {
        var hash = LiveKitFingerprint()
        hash.combine(token.rawValue)
        hash.combine(room)
        hash.combine(sender)
        return String(
            (0..<length).reduce(into: (rest: hash.value, text: [Character]())) { state, _ in
                let (quotient, digit) = state.rest.quotientAndRemainder(dividingBy: UInt128(digits.count))
                state.text.append(digits[Int(digit)])
                state.rest = quotient
            }.text)
    }
}

extension LiveKitNonce {
    /// The nonce of a packet of an intent, in all its attempts. A token that is no UUID is hashed.
    static func kept(with token: Token, packet: UInt8) -> LiveKitNonce? {
        if let nonce = LiveKitNonce(token, packet: packet) { return nonce }
        var hash = LiveKitFingerprint()
        hash.combine(token.rawValue)
        hash.combine([packet])
        return LiveKitNonce(withUnsafeBytes(of: hash.value.bigEndian) { Array($0) })
    }
}
