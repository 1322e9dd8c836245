import Synchronization
import TidemarkModel

extension LiveKitChatService {
    func events(for packet: LiveKitPacket) -> [RemoteEvent] {
        adapter.events(for: packet, underWay: underWay.withLock { $0 }, at: now())
    }

    func goesOn(after gap: DataChannelGap) async -> RemoteEvent? {
        adapter.goesOn(after: gap, openRoom: adapter.asksForRoom(gap) ? await openRoom() : nil)
    }

    /// Which room has the name now, if the server answers.
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
        var gap: DataChannelGap?

        mutating func next() async throws -> RemoteEvent? {
            while true {
                if let event = waiting.popFirst() { return event }
                if let told = gap {
                    gap = nil
                    guard let event = await service.goesOn(after: told) else { continue }
                    // What waits for the way may leave now.
                    if told != .overflow { waiting = [.connected] }
                    return event
                }
                switch await base?.next() {
                case .packet(let packet)?: waiting = service.events(for: packet)[...]
                case .gap(let told)?:
                    gap = told
                    return service.adapter.breaks(at: told)
                case nil: return nil
                }
            }
        }
    }
}
