import Foundation
import Synchronization
public import TidemarkModel

extension LiveKitChatService {
    /// Throws `roomNotOpen` and `roomChanged` only where there is a server to ask; `otherSender` for a change of what was sent
    /// under another name.
    public func perform(_ delivery: Delivery) async throws(ServiceError) -> Acceptance {
        switch delivery.action {
        case .createConversation(let topic, _):
            guard topic == room else {
                throw ServiceError(
                    .invalid, certainty: .notApplied, serviceMessage: "This account is of the room \(room) and of no other.")
            }
            return Acceptance(conversation: RemoteConversation(id: conversation, topic: room))
        case .send(let message, let target):
            try check(delivery, target)
            return try await send(message, delivery)
        case .edit(let id, let text, _, let target):
            try check(delivery, target)
            return try await change(id, text, delivery)
        case .delete(let id, let target):
            try check(delivery, target)
            return try await change(id, nil, delivery)
        default:
            throw ServiceError(.unsupported, certainty: .notApplied)
        }
    }

    private func check(_ delivery: Delivery, _ target: RemoteConversationID) throws(ServiceError) {
        guard target == conversation else { throw ServiceError(.notFound, certainty: .notApplied) }
        if let identity = delivery.identity, identity.rawValue != participant {
            throw ServiceError(.wrongIdentity, certainty: .notApplied)
        }
    }

    private func send(_ message: OutgoingMessage, _ delivery: Delivery) async throws(ServiceError) -> Acceptance {
        let carrier = configuration.carrier ?? (channel == nil ? .server : .channel)
        let key = LiveKitMessageKey(
            sender: carrier == .server ? nil : participant,
            id: LiveKitMessageID.made(of: delivery.token, in: room, by: participant))
        let time = delivery.wantedAt ?? now()
        let streams = carrier == .channel && configuration.sendsTextStreams ? channel as? any TextStreamChannel : nil
        let body = LiveKitChatBody(id: key.id, text: message.text, timestamp: time, isCopyOfStream: streams != nil)
        let packets = [Outgoing(topic: LiveKitTopic.chat, body: body)]
        underWay.withLock { $0[key] = delivery.token }
        defer { underWay.withLock { $0[key] = nil } }
        if let streams {
            _ = try packet(packets[0], key)
            try await carried {
                try await streams.publishText(message.text, topic: LiveKitTopic.stream, streamID: key.id, destinations: [])
            }
        }
        var acceptance = try await publish(packets, key, carrier, delivery)
        acceptance.written?.message.token = delivery.token
        return acceptance
    }

    /// `text` is `nil` for a delete.
    private func change(_ id: RemoteMessageID, _ text: String?, _ delivery: Delivery) async throws(ServiceError) -> Acceptance {
        guard let key = LiveKitRemoteID.key(id) else { throw ServiceError(.notFound, certainty: .notApplied) }
        guard key.sender == nil || key.sender == participant else { throw ServiceError(.otherSender, certainty: .notApplied) }
        let policy = configuration.editPolicy
        let wanted = delivery.wantedAt ?? now()
        // Greater than all before it, also if the clock was set back.
        let base = delivery.baseVersion.map(LiveKitArrivalVersion.time)
        let time = min(max(wanted, (base ?? wanted) + .milliseconds(1)), LiveKitWireTime.range.upperBound)
        let body = LiveKitChatBody(
            id: key.id, text: text ?? "", timestamp: delivery.targetCreatedAt ?? base ?? wanted, isDeleted: text == nil,
            editTimestamp: policy.writesEditTime ? time : nil)
        let topics = text == nil ? policy.deletes : policy.edits
        return try await publish(
            topics.names.map { Outgoing(topic: $0, body: body) }, key, key.sender == nil ? .server : .channel, delivery)
    }

    private struct Outgoing {
        var topic: String
        var body: LiveKitChatBody
    }

    private func publish(
        _ outgoing: [Outgoing], _ key: LiveKitMessageKey, _ carrier: LiveKitServiceConfiguration.Carrier, _ delivery: Delivery
    ) async throws(ServiceError) -> Acceptance {
        var packets: [LiveKitPacket] = []
        for one in outgoing { packets.append(try packet(one, key)) }
        if let bound = delivery.room, let server {
            let open = try await server.listRooms(named: [room]).first { $0.name == room }
            guard let open else { throw ServiceError(.roomNotOpen, certainty: .notApplied) }
            guard open.sid.isEmpty || open.sid == bound else { throw ServiceError(.roomChanged, certainty: .notApplied) }
        }
        for (index, packet) in packets.enumerated() {
            guard delivery.deadline.map({ now() < $0 }) ?? true else {
                throw ServiceError(.tooLate, certainty: index == 0 ? .notApplied : .unknown)
            }
            switch carrier {
            case .server: try await publishByServer(packet, index, delivery)
            case .channel: try await publishByChannel(packet)
            }
        }
        let arrivals = packets.compactMap { written($0) }
        // Readers keep the greatest of them, and so does the sender.
        let greatest = arrivals.max { ($0.message.version ?? .min) < ($1.message.version ?? .min) }
        return Acceptance(message: LiveKitRemoteID.text(key), written: greatest)
    }

    private func packet(_ outgoing: Outgoing, _ key: LiveKitMessageKey) throws(ServiceError) -> LiveKitPacket {
        let payload: [UInt8]
        do throws(LiveKitUnsendable) {
            payload = try LiveKitChatWire.payload(outgoing.body, form: configuration.form)
        } catch {
            throw ServiceError(.invalid, certainty: .notApplied, serviceMessage: error.description)
        }
        guard payload.count <= configuration.limits.reliableBytes else {
            throw ServiceError(
                .tooLarge, certainty: .notApplied,
                serviceMessage: "The packet takes \(payload.count) bytes and rooms carry \(configuration.limits.reliableBytes).")
        }
        return LiveKitPacket(topic: outgoing.topic, payload: payload, identity: key.sender)
    }

    private func publishByServer(_ packet: LiveKitPacket, _ index: Int, _ delivery: Delivery) async throws(ServiceError) {
        guard let server else { throw ServiceError(.otherSender, certainty: .notApplied) }
        try await server.sendData(
            LiveKitSendData(
                room: room, payload: packet.payload, topic: packet.topic,
                nonce: LiveKitNonce.kept(with: delivery.token, packet: UInt8(clamping: index))))
    }

    private func publishByChannel(_ packet: LiveKitPacket) async throws(ServiceError) {
        guard let channel else { throw ServiceError(.otherSender, certainty: .notApplied) }
        try await carried {
            try await channel.publish(packet.payload, topic: packet.topic ?? LiveKitTopic.chat, reliable: true, destinations: [])
        }
    }

    /// What a channel's failure says of the packet.
    private func carried(_ publish: () async throws -> Void) async throws(ServiceError) {
        do {
            try await publish()
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
    fileprivate init(_ error: DataChannelError) {
        switch error.code {
        case .interrupted: self.init(.answerLost, certainty: .unknown)
        case .tooLarge: self.init(.tooLarge, certainty: .notApplied, serviceMessage: error.description)
        default: self.init(.unreachable, certainty: .notApplied, scope: .account, serviceMessage: error.description)
        }
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
