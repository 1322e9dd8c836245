package import TidemarkModel

/// ``LiveKitChatService`` without its I/O: what packets mean for the engine, and what a delivery takes.
///
/// It knows no task, no clock and no credential, so that transcripts, simulated histories and real rooms drive the same code.
package struct LiveKitRoomAdapter: Hashable, Sendable {
    /// Its name in stores and transcripts.
    package static let service = "livekit"

    package var room: String
    package var participant: String?
    package var configuration: LiveKitServiceConfiguration
    package var hasChannel: Bool
    /// Whether the channel can write text streams.
    package var writesStreams: Bool
    /// The server's API, where there is one.
    package var server: LiveKitRoomWire?

    package init(
        room: String, participant: String?, configuration: LiveKitServiceConfiguration = LiveKitServiceConfiguration(),
        hasChannel: Bool = true, writesStreams: Bool = false, server: LiveKitRoomWire? = nil
    ) {
        self.room = room
        self.participant = participant.flatMap { $0.isEmpty ? nil : $0 }
        self.configuration = configuration
        self.hasChannel = hasChannel
        self.writesStreams = writesStreams
        self.server = server
    }

    package var conversation: RemoteConversationID { RemoteConversationID(room) }

    package var traits: ServiceTraits {
        let repeated = ServiceTraits.LostAnswer.repeatable(for: configuration.repeatsFor)
        return ServiceTraits(
            service: Self.service,
            lostAnswers: [
                .createConversation: .repeatable(for: nil), .send: repeated, .edit: repeated, .delete: repeated,
                .markRead: .repeatable(for: nil),
            ], history: .none, ordering: .arrival, authority: .reader,
            // Beside the text there are an id, times and names; a text of characters that JSON escapes may still be too long.
            maximumTextBytes: max(1, configuration.limits.reliableBytes - 256),
            // Read marks stay here: rooms have none.
            maximumParticipantsForReceipts: -1, decoderVersion: LiveKitChatWire.decoderVersion)
    }

    // MARK: Receiving

    /// What a packet tells the engine. `underWay`: the sends that have no answer yet; should one come back before it has, it is
    /// known as the own message.
    package func events(
        for packet: LiveKitPacket, underWay: [LiveKitMessageKey: Token], at now: Timestamp
    ) -> [RemoteEvent] {
        switch configuration.wire.read(packet) {
        case .ignored: return []
        case .reject(let reject):
            let id = reject.id.map { LiveKitRemoteID.text(LiveKitMessageKey(sender: reject.sender, id: $0)).rawValue }
            return [.rejected(Reject(id: id, reason: reject.description, raw: LiveKitKeptPacket.bytes(packet)), in: conversation)]
        case .observation(let observation):
            var arrival = arrival(observation, packet, at: now)
            if let token = underWay[LiveKitMessageKey(sender: observation.sender, id: observation.id)] {
                arrival.message.token = token
                arrival.message.sender = participant.map { ParticipantID($0) }
            }
            return [.received(arrival, in: conversation)]
        }
    }

    /// A packet that an earlier version could not read, from what was kept of it; `nil`: this one can't either.
    package func arrival(ofKept raw: [UInt8], at now: Timestamp) -> RemoteArrival? {
        guard let packet = LiveKitKeptPacket.packet(raw), case .observation(let observation) = configuration.wire.read(packet)
        else { return nil }
        return arrival(observation, packet, at: now)
    }

    /// What a gap tells the engine, in two parts; `openRoom`: which room has the name now, where somebody knows it.
    package func events(for gap: DataChannelGap, openRoom: String?) -> [RemoteEvent] {
        [breaks(at: gap)] + (goesOn(after: gap, openRoom: openRoom).map { [$0] } ?? [])
    }

    /// What is told at once: nobody waits for a server to learn that something is missing.
    func breaks(at gap: DataChannelGap) -> RemoteEvent {
        switch gap {
        case .exited, .hung: .receivingEnded(.exit, in: conversation)
        case .overflow: .receivingEnded(.overflow, in: conversation)
        default: .receivingEnded(.disconnected, in: conversation)
        }
    }

    /// How it goes on behind the gap; `nil`: it does not.
    func goesOn(after gap: DataChannelGap, openRoom: String?) -> RemoteEvent? {
        switch gap {
        case .exited, .hung: nil
        // It is the same room still.
        case .overflow: .receiving(in: conversation, room: nil)
        default: .receiving(in: conversation, room: openRoom)
        }
    }

    /// Whether `goesOn(after:openRoom:)` wants to know which room is open.
    package func asksForRoom(_ gap: DataChannelGap) -> Bool {
        server != nil && ![.exited, .hung, .overflow].contains(gap)
    }

    /// What the store keeps of a packet that was sent. Its legacy form says it, whether a stream went before it or not.
    func written(_ packet: LiveKitPacket, at now: Timestamp) -> RemoteArrival? {
        var wire = configuration.wire
        wire.readsTextStreams = false
        guard case .observation(let observation) = wire.read(packet) else { return nil }
        return arrival(observation, packet, at: now)
    }

    private func arrival(_ observation: LiveKitObservation, _ packet: LiveKitPacket, at now: Timestamp) -> RemoteArrival {
        let key = LiveKitMessageKey(sender: observation.sender, id: observation.id)
        let isDelete = observation.change == .delete
        let message = RemoteMessage(
            id: LiveKitRemoteID.text(key), version: LiveKitArrivalVersion.value(observation), kind: .text,
            text: isDelete ? nil : observation.text ?? "", sender: observation.sender.map { ParticipantID($0) },
            createdAt: observation.timestamp, editedAt: observation.editTimestamp,
            deletedAt: isDelete ? observation.wireTime ?? now : nil)
        let change: RemoteArrival.Change =
            switch observation.change {
            case .create: .create
            case .update: .edit
            case .delete: .delete
            }
        return RemoteArrival(message, change, wireID: observation.id, digest: packet.fingerprint.hexadecimal)
    }
}

/// What the wire tells of a packet's place among those of its message, as one number: its greatest time, and of equal times the
/// update topic over the others (rule R21). The store breaks what is left by arrival.
enum LiveKitArrivalVersion {
    static func value(_ observation: LiveKitObservation) -> Int64 {
        // No time is older than any.
        let time = observation.wireTime?.milliseconds ?? LiveKitWireTime.range.lowerBound.milliseconds - 1
        return time * 2 + (observation.carrier == .updateTopic ? 1 : 0)
    }

    static func time(_ version: Int64) -> Timestamp {
        Timestamp(milliseconds: version >> 1)
    }
}
