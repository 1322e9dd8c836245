import Synchronization
import TidemarkModel

extension LiveKitChatService {
    /// What the store keeps of a packet that was sent. Its legacy form says it, whether a stream went before it or not.
    func written(_ packet: LiveKitPacket) -> RemoteArrival? {
        var wire = configuration.wire
        wire.readsTextStreams = false
        guard case .observation(let observation) = wire.read(packet) else { return nil }
        return arrival(observation, packet)
    }

    private func arrival(_ observation: LiveKitObservation, _ packet: LiveKitPacket) -> RemoteArrival {
        let key = LiveKitMessageKey(sender: observation.sender, id: observation.id)
        let isDelete = observation.change == .delete
        let message = RemoteMessage(
            id: LiveKitRemoteID.text(key), version: LiveKitArrivalVersion.value(observation), kind: .text,
            text: isDelete ? nil : observation.text ?? "", sender: observation.sender.map { ParticipantID($0) },
            createdAt: observation.timestamp, editedAt: observation.editTimestamp,
            deletedAt: isDelete ? observation.wireTime ?? now() : nil)
        let change: RemoteArrival.Change =
            switch observation.change {
            case .create: .create
            case .update: .edit
            case .delete: .delete
            }
        return RemoteArrival(message, change, wireID: observation.id, digest: packet.fingerprint.hexadecimal)
    }

    func events(for packet: LiveKitPacket) -> [RemoteEvent] {
        switch configuration.wire.read(packet) {
        case .ignored: return []
        case .reject(let reject):
            let id = reject.id.map { LiveKitRemoteID.text(LiveKitMessageKey(sender: reject.sender, id: $0)).rawValue }
            return [.rejected(Reject(id: id, reason: reject.description, raw: reject.payload), in: conversation)]
        case .observation(let observation):
            var arrival = arrival(observation, packet)
            let key = LiveKitMessageKey(sender: observation.sender, id: observation.id)
            if let token = underWay.withLock({ $0[key] }) {
                arrival.message.token = token
                arrival.message.sender = participant.map { ParticipantID($0) }
            }
            return [.received(arrival, in: conversation)]
        }
    }

    func events(for gap: DataChannelGap) async -> [RemoteEvent] {
        switch gap {
        case .exited, .hung: return [.receivingEnded(.exit, in: conversation)]
        case .started: return [.receiving(in: conversation, room: await openRoom())]
        case .overflow: return [.receivingEnded(.overflow, in: conversation), .receiving(in: conversation, room: nil)]
        default:
            return [.receivingEnded(.disconnected, in: conversation), .receiving(in: conversation, room: await openRoom())]
        }
    }

    /// Which room has the name now, where there is a server to ask and it answers.
    private func openRoom() async -> String? {
        do throws(ServiceError) {
            return try await server?.listRooms(named: [room]).first { $0.name == room }?.sid
        } catch {
            return nil
        }
    }
}

/// What a room's channel tells, as the engine takes it. It holds nothing: while the engine writes, the channel waits.
struct LiveKitRoomEvents: AsyncSequence, Sendable {
    typealias Element = RemoteEvent
    typealias Failure = any Error

    let service: LiveKitChatService

    func makeAsyncIterator() -> Iterator {
        Iterator(service: service, base: service.channel?.packets().makeAsyncIterator())
    }

    struct Iterator: AsyncIteratorProtocol {
        let service: LiveKitChatService
        var base: AsyncStream<DataChannelEvent>.Iterator?
        var waiting: ArraySlice<RemoteEvent> = []

        mutating func next() async throws -> RemoteEvent? {
            while true {
                if let event = waiting.popFirst() { return event }
                switch await base?.next() {
                case .packet(let packet)?: waiting = service.events(for: packet)[...]
                case .gap(let gap)?: waiting = await service.events(for: gap)[...]
                case nil: return nil
                }
            }
        }
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
